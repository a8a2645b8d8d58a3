//! Pages of the archive become rows, each page with the cursor that says "we have it". XEP-0313.
//!
//! **Invariant**: a page and its cursor are one transaction, so that a crash leaves no hole.

use minidom::Element;
use xmpp_parsers::ns;

use crate::change::Change;
use crate::inbox;
use crate::incoming::{Context, Incoming, time};
use crate::model::ChatId;
use crate::protocol::query::Fin;
use crate::store::archives::{self, Archive};
use crate::store::{Result, Tx, chats, messages};

/// What a page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The newest page: the first sync, or a jump over a gap that is too long.
    Latest,
    /// What came while we were away.
    Forward,
    /// Older history of everybody, in the background.
    Backward,
    /// Older history of one chat, because somebody scrolls up.
    Fill(ChatId),
}

/// A page as the server sent it.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub purpose: Purpose,
    /// The `<result/>` elements, oldest first.
    pub results: Vec<Element>,
    pub fin: Fin,
}

/// Stores a page and moves its cursor.
pub(crate) fn store(tx: &mut Tx<'_>, context: &Context, page: &Fetched) -> Result<()> {
    let before = archives::get(tx, context.account)?;
    match page.purpose {
        Purpose::Forward => {
            forward(tx, context, page)?;
            let newest_id = page.fin.last.clone().or(before.newest_id.clone());
            archives::put(tx, context.account, &Archive { newest_id, ..before })
        }
        Purpose::Latest => {
            // What we do not know yet after a gap is new; on a new device it is history.
            let fresh = before.newest_id.is_some();
            let floor = backward(tx, context, page, i64::MAX, fresh)?;
            archives::forget_chat_floors(tx, context.account)?;
            messages::lift_queued(tx, context.account, context.now)?;
            let archive = Archive {
                newest_id: page.fin.last.clone(),
                floor_id: page.fin.first.clone(),
                floor_position: page.fin.first.is_some().then_some(floor),
                complete: page.fin.complete,
                pages: 0,
            };
            archives::put(tx, context.account, &archive)
        }
        Purpose::Backward => {
            let floor = backward(tx, context, page, before.floor_position.unwrap_or(i64::MAX), false)?;
            let archive = Archive {
                floor_id: page.fin.first.clone().or(before.floor_id.clone()),
                floor_position: Some(floor),
                complete: page.fin.complete,
                pages: before.pages.saturating_add(1),
                ..before
            };
            archives::put(tx, context.account, &archive)?;
            if page.fin.complete {
                tx.changed(Change::Everything);
            }
            Ok(())
        }
        Purpose::Fill(chat) => {
            let floor = archives::floor(tx, context.account, chat)?;
            let position = backward(tx, context, page, floor.position, false)?;
            archives::set_chat_floor(tx, chat, page.fin.first.as_deref(), position, page.fin.complete)?;
            tx.changed(Change::Chat(chat));
            Ok(())
        }
    }
}

/// Each message of the page below what the archive gave before it, in the order of the archive.
fn forward(tx: &mut Tx<'_>, context: &Context, page: &Fetched) -> Result<()> {
    for result in &page.results {
        let Some(mut incoming) = Incoming::open_archived(context, result, 0, true) else {
            continue;
        };
        let last = match chats::find(tx, context.account, &incoming.peer)? {
            Some(chat) => messages::archived_position(tx, chat)?,
            None => None,
        };
        let sent = incoming.sent_at.saturating_mul(1000);
        incoming.place(last.map_or(sent, |last| sent.max(last.saturating_add(1))));
        tx.attempt(|tx| inbox::receive(tx, &incoming))?;
    }
    Ok(())
}

/// All messages of the page above what is there already. Answers the position of the topmost.
fn backward(tx: &mut Tx<'_>, context: &Context, page: &Fetched, below: i64, fresh: bool) -> Result<i64> {
    let mut floor = below;
    let mut places: Vec<i64> = Vec::with_capacity(page.results.len());
    for result in page.results.iter().rev() {
        let sent = stamp(result).unwrap_or(context.now).saturating_mul(1000);
        floor = sent.min(floor.saturating_sub(1));
        places.push(floor);
    }
    for (result, place) in page.results.iter().zip(places.into_iter().rev()) {
        let Some(incoming) = Incoming::open_archived(context, result, place, fresh) else {
            continue;
        };
        tx.attempt(|tx| inbox::receive(tx, &incoming))?;
        // One that was here already keeps its place; the floor must not hide it.
        if let Some(position) = stored_position(tx, &incoming)? {
            floor = floor.min(position);
        }
    }
    Ok(floor)
}

/// Where a message of the page stands now.
fn stored_position(tx: &Tx<'_>, incoming: &Incoming<'_>) -> Result<Option<i64>> {
    let (Some(chat), Some(id)) = (incoming.known_chat(tx)?, incoming.archive_id) else {
        return Ok(None);
    };
    messages::by_archive_id(tx, chat, id)?
        .map(|message| messages::position(tx, message))
        .transpose()
}

fn stamp(result: &Element) -> Option<i64> {
    let delay = result
        .get_child("forwarded", ns::FORWARD)?
        .get_child("delay", ns::DELAY)?;
    time(delay.attr("stamp")?)
}
