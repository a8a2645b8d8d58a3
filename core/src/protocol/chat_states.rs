//! "… is typing." XEP-0085.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::chatstates::ChatState;

use crate::inbox::Taken;
use crate::incoming::{Incoming, Via};
use crate::random;
use crate::store::{Result, Tx};

/// Goes with each message: whoever sends does not type any more.
pub(crate) fn active() -> Element {
    ChatState::Active.into()
}

/// Tells that we type, or do not any more. Not stored by anybody.
pub(crate) fn stanza(peer: &BareJid, typing: bool) -> Element {
    let state = if typing {
        ChatState::Composing
    } else {
        ChatState::Paused
    };
    let no_store = Element::bare("no-store", super::HINTS);
    super::with(super::message(peer, &random::token()), [state.into(), no_store])
}

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<Taken> {
    let news = incoming.via == Via::Live && !incoming.mine;
    if news
        && let Some(state) = incoming.payload::<ChatState>()
        && let Some(chat) = incoming.known_chat(tx)?
    {
        let typist = (incoming.account, chat);
        tx.live(move |live| {
            if state == ChatState::Composing {
                live.typing.insert(typist);
            } else {
                live.typing.remove(&typist);
            }
        });
    }
    Ok(Taken::No)
}
