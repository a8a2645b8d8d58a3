//! What the phone wishes of the program, on its way to the screens, and who waits until it is done.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::stream::{self, BoxStream, StreamExt};
use grend_app::host::Wish;
use grend_core::model::ChatId;

/// Android gives whoever hears a broadcast 10 s before it calls the program dead.
const PATIENCE: Duration = Duration::from_secs(9);

/// Only a person's hand makes wishes, so they need no bound.
pub(super) struct Wishes {
    sender: UnboundedSender<Wish>,
    wished: Mutex<Option<UnboundedReceiver<Wish>>>,
    waiting: Mutex<Vec<(ChatId, Sender<()>)>>,
}

impl Default for Wishes {
    fn default() -> Self {
        let (sender, wished) = unbounded();
        Self {
            sender,
            wished: Mutex::new(Some(wished)),
            waiting: Mutex::default(),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wishes {
    /// Where they come out. Asked for once.
    pub fn come(&self) -> BoxStream<'static, Wish> {
        let wished = locked(&self.wished).take();
        wished.map_or_else(|| stream::pending().boxed(), StreamExt::boxed)
    }

    /// Wishes something.
    pub fn tell(&self, wish: Wish) {
        // The program ends with the process only.
        let _ = self.sender.unbounded_send(wish);
    }

    /// Wishes something of a chat, and returns when that is written down.
    pub fn fulfil(&self, chat: ChatId, wish: Wish) {
        let done = self.begin(chat, wish);
        if done.recv_timeout(PATIENCE).is_err() {
            tracing::error!("a wish was not fulfilled in time");
        }
    }

    fn begin(&self, chat: ChatId, wish: Wish) -> Receiver<()> {
        let (fulfilled, done) = channel();
        // In the order in which they are fulfilled.
        let mut waiting = locked(&self.waiting);
        waiting.push((chat, fulfilled));
        self.tell(wish);
        done
    }

    /// The oldest wish of a chat is fulfilled.
    pub fn fulfilled(&self, chat: ChatId) {
        let mut waiting = locked(&self.waiting);
        if let Some(at) = waiting.iter().position(|(of, _)| *of == chat) {
            let (_, done) = waiting.remove(at);
            // Who waited may have given up.
            let _ = done.send(());
        }
    }
}
