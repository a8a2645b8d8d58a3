//! Hosts Grend's screens where there is no desktop: on a phone's window, and in tests on memory.
//!
//! winit allows one event loop in a process, but a phone's Activity comes and goes while the process stays; it knows no
//! keyboard that composes words either. So this is a host of our own around iced's runtime. It lives as long as the
//! process, draws only while somebody gave it a surface and something changed, and sleeps otherwise.
//!
//! Whoever owns a [`Shell`] tells it what happens and lets it take its turn; it answers when it wants another.

mod canvas;
mod crew;
mod draw;
mod keys;
mod phone;
mod screen;
mod touch;
mod typing;
mod work;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Instant;

use grend_app::app::Grend;

pub use canvas::Picture;
pub use keys::Press;
pub use phone::{Area, Field, Input, Look, Lost, Phone, Surface};
pub use touch::Phase;
pub use typing::{Edit, Place, Typing};

/// The host.
pub struct Shell {
    /// A coroutine: iced's user interface borrows the program's state, and has to live from turn to turn.
    run: Pin<Box<dyn Future<Output = ()>>>,
    desk: Rc<RefCell<Desk>>,
}

/// What lies between the owner and the coroutine.
struct Desk {
    inputs: VecDeque<Input>,
    now: Instant,
    next: Option<Instant>,
}

impl Shell {
    /// Boots the program. `wake` is called from any thread when a turn is due though nobody told anything; `typing` is
    /// shared with whoever answers the keyboard's questions.
    pub fn new(
        program: Grend,
        phone: Arc<dyn Phone>,
        typing: Arc<Mutex<Typing>>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let desk = Rc::new(RefCell::new(Desk {
            // The process may have been started without a window: by the phone's start, or by a message.
            inputs: VecDeque::from([Input::Watched(false)]),
            now: Instant::now(),
            next: None,
        }));
        let work = work::Work::new(program, wake);
        let screen = screen::Screen::new(phone, typing);
        Self {
            run: Box::pin(run(work, screen, Rc::clone(&desk))),
            desk,
        }
    }

    /// Something happened. It is looked at in the next turn.
    pub fn tell(&mut self, input: Input) {
        self.desk.borrow_mut().inputs.push_back(input);
    }

    /// Does what is to be done by now. Returns when it wants the next turn; `None`: when something happens.
    pub fn turn(&mut self, now: Instant) -> Option<Instant> {
        self.desk.borrow_mut().now = now;
        let mut context = Context::from_waker(std::task::Waker::noop());
        let _ = self.run.as_mut().poll(&mut context);
        self.desk.borrow().next
    }
}

/// The turns. The inner loop is the life of one view; a message ends it.
async fn run(mut work: work::Work, mut screen: screen::Screen, desk: Rc<RefCell<Desk>>) {
    loop {
        let mut messages = Vec::new();
        let mut view = None;
        while messages.is_empty() {
            work.crew.step();
            let (input, now) = {
                let mut desk = desk.borrow_mut();
                (desk.inputs.pop_front(), desk.now)
            };
            let mut frame = screen::Frame {
                program: &work.program,
                state: &work.state,
                runtime: &mut work.runtime,
                messages: &mut messages,
                now,
            };
            if let Some(input) = input {
                screen.take(input, &mut view, &mut frame);
            } else if let Some(action) = work::next(&mut work.actions, &mut work.answers) {
                screen.act(action, &mut view, &mut frame);
            } else if !screen.pass(&mut view, &mut frame) {
                desk.borrow_mut().next = screen.next();
                Turn(false).await;
            }
        }
        screen.keep(view);
        work.follow(messages);
        screen.refresh();
    }
}

/// Waits for the next turn.
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}
