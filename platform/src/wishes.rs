//! What the machine wishes of the program, on its way to the screens.

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use grend_app::host::Wish;

/// Takes wishes, from any thread. Only a person's hand makes them, so they need no bound.
#[derive(Clone)]
pub struct Wishes(UnboundedSender<Wish>);

impl Wishes {
    /// And where they come out.
    pub fn new() -> (Self, UnboundedReceiver<Wish>) {
        let (sender, receiver) = unbounded();
        (Self(sender), receiver)
    }

    /// False: the program is ending, and does nothing more.
    pub fn tell(&self, wish: Wish) -> bool {
        self.0.unbounded_send(wish).is_ok()
    }
}
