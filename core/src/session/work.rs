//! What a batch of stanzas does to the store: everything that came together commits together.

use minidom::Element;
use xmpp_parsers::ns;

use crate::archive::{self, Fetched};
use crate::inbox;
use crate::incoming::{Context, Incoming, bare, id};
use crate::model::State;
use crate::protocol::omemo::{self, Todo};
use crate::protocol::{element, info, presence, push, roster, with};
use crate::store::outbox::{self, JobId};
use crate::store::pushes::Push;
use crate::store::quarantine::{self, LeftOut};
use crate::store::streams::Counts;
use crate::store::{Result, Tx, archives, contacts, messages, streams};

/// One thing that a batch has to do, in the order in which it came.
#[derive(Debug)]
pub(super) enum Work {
    /// A message that came now. `settles`: the archive has nothing to tell that belongs before it. `moves`: nor anything
    /// else, so that "caught up to here" may move.
    Message {
        stanza: Element,
        settles: bool,
        moves: bool,
    },
    Presence(Element),
    /// The contact list, if it changed.
    Roster(Option<Element>),
    /// Somebody asks our program something, or tells it to change something.
    Request(Element),
    /// A stanza beyond all limits.
    Aside(LeftOut),
    Page(Fetched),
    /// What was asked about devices is answered, or not in time.
    Omemo(omemo::About, Option<Element>),
    /// The server tells a push service from now on, or does not; whether it wanted to.
    Pushed(Push, bool),
    /// The server has no archive: what is here is all there is.
    NoArchive,
    /// These reached the server.
    Arrived(Vec<JobId>),
    /// So far the stream is counted with this batch.
    Counted(Counts),
}

/// What a batch answers: stanzas to send, and the newest id of the archive that it saw live.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub replies: Vec<Element>,
    pub newest_id: Option<String>,
    pub todo: Todo,
}

/// `settled`: the archive is caught up with, and others may be answered.
pub(super) fn run(tx: &mut Tx<'_>, context: &Context, work: Vec<Work>, settled: bool) -> Result<Done> {
    let mut done = Done::default();
    for work in work {
        match work {
            Work::Message { stanza, settles, moves } => {
                let Some(mut incoming) = Incoming::open(context, &stanza) else {
                    continue;
                };
                if !settles {
                    incoming.leave_to_archive();
                }
                inbox::receive(tx, &mut incoming)?;
                // What was kept for us beside the archive may be older than "caught up to here".
                if moves
                    && incoming.kept_since.is_none()
                    && let Some(id) = incoming.archive_id
                {
                    done.newest_id = Some(id.to_owned());
                }
            }
            Work::Presence(stanza) => drop(tx.attempt(|tx| presence::receive(tx, context, &stanza))?),
            Work::Roster(query) => {
                tx.attempt(|tx| roster::received(tx, context.account, query.as_ref()))?;
            }
            Work::Aside(out) => quarantine::put(tx, context.account, &out, context.now)?,
            Work::Request(stanza) => done.replies.extend(request(tx, context, &stanza)?),
            Work::Page(page) => archive::store(tx, context, &page)?,
            Work::Omemo(about, answer) => {
                let todo = omemo::answered(tx, context, &about, answer.as_ref())?;
                done.todo.extend(todo);
            }
            Work::Pushed(push, good) => push::answered(tx, &push, good)?,
            Work::NoArchive => no_archive(tx, context)?,
            Work::Arrived(jobs) => arrived(tx, jobs)?,
            Work::Counted(counts) => streams::put(tx, context.account, &counts)?,
        }
    }
    if let Some(id) = &done.newest_id {
        archives::set_newest(tx, context.account, id)?;
        messages::place_untold(tx, context.account)?;
    }
    if settled {
        done.todo.extend(omemo::upkeep(tx, context)?);
    }
    Ok(done)
}

fn no_archive(tx: &mut Tx<'_>, context: &Context) -> Result<()> {
    let archive = archives::get(tx, context.account)?;
    archives::put(
        tx,
        context.account,
        &archives::Archive {
            complete: true,
            ..archive
        },
    )
}

pub(super) fn arrived(tx: &mut Tx<'_>, jobs: Vec<JobId>) -> Result<()> {
    for job in jobs {
        if let Some(message) = outbox::done(tx, job)? {
            messages::advance(tx, message, State::Sent)?;
        }
    }
    Ok(())
}

/// Three parts of 1,023 bytes. RFC 7622, section 3.1.
const LONGEST_ADDRESS: usize = 3 * 1023 + 2;

/// Answers an IQ request; `None` if nobody could receive the answer.
fn request(tx: &mut Tx<'_>, context: &Context, stanza: &Element) -> Result<Option<Element>> {
    let Some(id) = id(stanza) else {
        return Ok(None);
    };
    let from = stanza.attr("from");
    let sender = from.map_or_else(|| Some(context.me.clone()), bare);
    // It goes back with the answer.
    let Some(sender) = sender.filter(|_| from.is_none_or(|from| from.len() <= LONGEST_ADDRESS)) else {
        return Ok(None);
    };
    let answer = match (stanza.attr("type"), stanza.children().next()) {
        // Only our own account may change our contact list.
        (Some("set"), Some(query)) if query.is("query", ns::ROSTER) && sender == context.me => {
            roster::pushed(tx, context.account, query.clone())?.then(Vec::new)
        }
        // Strangers learn nothing of our program, not even that it runs.
        (Some("get"), Some(question)) if may_ask(tx, context, &sender)? => info::answer(question),
        _ => None,
    };
    let attributes = |kind| {
        let mut attributes = vec![("type", kind), ("id", id)];
        attributes.extend(from.map(|from| ("to", from)));
        element("iq", ns::DEFAULT_NS, &attributes)
    };
    Ok(Some(match answer {
        Some(content) => with(attributes("result"), content),
        None => with(attributes("error"), [unavailable()]),
    }))
}

fn may_ask(tx: &Tx<'_>, context: &Context, sender: &jid::BareJid) -> Result<bool> {
    let own = *sender == context.me || sender.as_str() == context.me.domain().as_str();
    Ok(own || contacts::sees_us(tx, context.account, sender)?)
}

fn unavailable() -> Element {
    let condition = Element::bare("service-unavailable", ns::XMPP_STANZAS);
    with(element("error", ns::DEFAULT_NS, &[("type", "cancel")]), [condition])
}
