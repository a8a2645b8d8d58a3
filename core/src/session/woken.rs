//! A device that sleeps was woken for a moment: whoever woke it is told when what is new is here and what was written has left.
//!
//! **Invariant**: a connection that died while the device slept does not count as one: the server has answered since.

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use xmpp_parsers::ns;

use super::online::{Online, State};
use super::questions::About;
use crate::error::Cause;

impl State {
    /// Remembers who waits. Those whose deadline passed wait no more.
    pub(super) fn wake(&mut self, woken: oneshot::Sender<()>) {
        self.woken.retain(|woken| !woken.is_closed());
        self.woken.push(woken);
    }

    /// Nothing is missing, nothing waits.
    fn is_up_to_date(&self) -> bool {
        let all_is_here = self.sync.is_whole() && !self.questions.awaits(&About::Woken);
        let in_order = self.shaken_until.is_none() && !self.unsettled;
        all_is_here && in_order && self.held.is_empty() && self.on_their_way().is_empty()
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Online<'_, Io> {
    /// Asks for an answer that comes after everything the server has for us, if anybody waits for that.
    pub(super) fn ask_for_all(&mut self) -> Result<(), Cause> {
        if self.state.woken.is_empty() {
            return Ok(());
        }
        self.ask(About::Woken, "get", None, Element::bare("ping", ns::PING))
    }

    /// Tells those who wait, once it is so.
    pub(super) fn tell_woken(&mut self) {
        if !self.state.woken.is_empty() && !self.nudged && self.state.is_up_to_date() {
            for woken in self.state.woken.drain(..) {
                // The deadline was sooner.
                let _ = woken.send(());
            }
        }
    }
}
