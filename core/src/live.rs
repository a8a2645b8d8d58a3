//! Where the session tells what is true now, and screens read it.

use tokio::sync::watch;

use crate::model::Live;

/// Reads what is true now. Each reader sees every state that lasts, not every state there was.
#[derive(Debug, Clone)]
pub struct LiveReader(watch::Receiver<Live>);

impl LiveReader {
    pub(crate) fn new(receiver: watch::Receiver<Live>) -> Self {
        Self(receiver)
    }

    /// What is true now.
    pub fn current(&mut self) -> Live {
        self.0.borrow_and_update().clone()
    }

    /// Waits until something is different from what `current` told. `None` when core has stopped.
    pub async fn changed(&mut self) -> Option<Live> {
        self.0.changed().await.ok()?;
        Some(self.current())
    }
}
