//! Runs the program's tasks, in the shell's own turns.
//!
//! They wait for core, which has its own threads, so one more pool of threads would only take memory. What computes is
//! not for a task but for `iced_runtime::task::blocking`, here as on a desktop.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};

/// Where new tasks are left.
#[derive(Clone, Default)]
pub(super) struct Door(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl iced_futures::Executor for Door {
    fn new() -> std::io::Result<Self> {
        Ok(Self::default())
    }

    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::pin(future));
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        iced_futures::futures::executor::block_on(future)
    }
}

/// The tasks.
pub(super) struct Crew {
    door: Door,
    tasks: FuturesUnordered<BoxFuture<'static, ()>>,
    waker: Waker,
}

impl Crew {
    pub fn new(door: Door, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            door,
            tasks: FuturesUnordered::new(),
            waker: Waker::from(Arc::new(Alarm(wake))),
        }
    }

    /// Lets every task that can go on do so.
    pub fn step(&mut self) {
        let mut context = Context::from_waker(&self.waker);
        loop {
            let new = std::mem::take(&mut *self.door.0.lock().unwrap_or_else(PoisonError::into_inner));
            self.tasks.extend(new);
            if !matches!(self.tasks.poll_next_unpin(&mut context), Poll::Ready(Some(()))) {
                return;
            }
        }
    }
}

/// Wakes the shell's owner.
struct Alarm<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for Alarm<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}
