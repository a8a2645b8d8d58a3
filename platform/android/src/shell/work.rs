//! The program itself: its state, its tasks and what it listens to.

use std::collections::VecDeque;
use std::task::{Context, Poll, Waker};

use futures::StreamExt as _;
use futures::channel::mpsc::{self, Receiver, Sender};
use grend_app::app::{Grend, Message, State};
use iced_futures::{Runtime, subscription};
use iced_program::Program;
use iced_runtime::{Action, Task, task};

use super::crew::{Crew, Door};

/// So many answers of tasks wait at most; whoever has more waits with them.
const ROOM: usize = 100;

pub(super) type Tasks = Runtime<Door, Sender<Action<Message>>, Action<Message>>;

/// The program and all that runs for it.
pub(super) struct Work {
    pub program: Grend,
    pub state: State,
    pub runtime: Tasks,
    pub crew: Crew,
    /// What tasks asked for while they were begun.
    pub actions: VecDeque<Action<Message>>,
    /// What they asked for later.
    pub answers: Receiver<Action<Message>>,
}

impl Work {
    pub fn new(program: Grend, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (sender, answers) = mpsc::channel(ROOM);
        let door = Door::default();
        let runtime = Runtime::new(door.clone(), sender);
        let (state, task) = runtime.enter(|| program.boot());
        let mut work = Self {
            program,
            state,
            runtime,
            crew: Crew::new(door, wake),
            actions: VecDeque::new(),
            answers,
        };
        work.begin(task);
        work.listen();
        work
    }

    /// Follows messages, and begins what comes of them.
    pub fn follow(&mut self, messages: Vec<Message>) {
        for message in messages {
            let Self {
                program,
                state,
                runtime,
                ..
            } = self;
            let task = runtime.enter(|| program.update(state, message));
            self.begin(task);
        }
        self.listen();
    }

    /// What a task can do at once it does at once, so that a cursor is where it belongs in the very next picture.
    fn begin(&mut self, task: Task<Message>) {
        let Some(mut stream) = task::into_stream(task) else {
            return;
        };
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match self.runtime.enter(|| stream.poll_next_unpin(&mut context)) {
                Poll::Ready(Some(action)) => self.actions.push_back(action),
                Poll::Ready(None) => return,
                Poll::Pending => return self.runtime.run(stream),
            }
        }
    }

    fn listen(&mut self) {
        let wanted = self.runtime.enter(|| self.program.subscription(&self.state));
        self.runtime
            .track(subscription::into_recipes(wanted.map(Action::Output)));
    }
}

/// What tasks ask for next.
pub(super) fn next(
    actions: &mut VecDeque<Action<Message>>,
    answers: &mut Receiver<Action<Message>>,
) -> Option<Action<Message>> {
    actions.pop_front().or_else(|| answers.try_recv().ok())
}
