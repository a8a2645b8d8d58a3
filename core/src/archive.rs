//! Pages of the archive become rows, each page with the cursor that says "we have it". XEP-0313.
//!
//! **Invariant**: a page and its cursor are one transaction, so that a crash leaves no hole.

use minidom::Element;

use crate::change::Change;
use crate::inbox;
use crate::incoming::{Context, Incoming};
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
            forward(tx, context, page, before.floor_position)?;
            let newest_id = page.fin.last.clone().or(before.newest_id.clone());
            archives::put(tx, context.account, &Archive { newest_id, ..before })?;
            if page.fin.complete {
                messages::place_untold(tx, context.account)?;
            }
            Ok(())
        }
        Purpose::Latest => {
            // What we do not know yet after a gap is new, also after an archive that was empty; on a new device it is
            // history.
            let fresh = before.newest_id.is_some() || before.complete;
            // What is to come between what was here and this page must find room, however wrong clocks are.
            messages::sink(tx, context.account)?;
            // A page without messages hides nothing that comes from now on.
            let floor = backward(tx, context, page, i64::MAX, fresh)?.min(context.now.saturating_mul(1000));
            archives::forget_chat_floors(tx, context.account)?;
            let archive = Archive {
                newest_id: page.fin.last.clone(),
                floor_id: page.fin.first.clone(),
                floor_position: page.fin.first.is_some().then_some(floor),
                complete: page.fin.complete,
                pages: 0,
                gap_id: gap(before.gap_id.or(before.newest_id).or_else(|| Some(String::new())), page),
            };
            archives::put(tx, context.account, &archive)?;
            messages::lift_untold(tx, context.account, context.now)?;
            if page.fin.last.is_none() {
                return messages::place_untold(tx, context.account);
            }
            messages::leave_untold(tx, context.account)
        }
        Purpose::Backward => {
            let floor = backward(tx, context, page, before.floor_position.unwrap_or(i64::MAX), false)?;
            let archive = Archive {
                floor_id: page.fin.first.clone().or(before.floor_id.clone()),
                floor_position: Some(floor),
                complete: page.fin.complete,
                pages: before.pages.saturating_add(1),
                gap_id: gap(before.gap_id, page),
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
            if floor.complete {
                // Asked for twice.
                return Ok(());
            }
            let position = backward(tx, context, page, floor.position, false)?;
            archives::set_chat_floor(tx, chat, page.fin.first.as_deref(), position, page.fin.complete)?;
            tx.changed(Change::Chat(chat));
            Ok(())
        }
    }
}

/// What is left of a gap after a page that goes backwards.
pub(crate) fn gap(gap: Option<String>, page: &Fetched) -> Option<String> {
    gap.filter(|id| !page.fin.complete && !page.results.iter().any(|it| it.attr("id") == Some(id)))
}

/// Each message of the page below what the archive gave before it, in the order of the archive.
fn forward(tx: &mut Tx<'_>, context: &Context, page: &Fetched, floor: Option<i64>) -> Result<()> {
    for result in &page.results {
        let Some(mut incoming) = Incoming::open_archived(context, result, true) else {
            continue;
        };
        let bottom = match chats::find(tx, context.account, &incoming.peer)? {
            Some(chat) => messages::placed_bottom(tx, chat)?,
            None => None,
        };
        let sent = incoming.sent_at.saturating_mul(1000).max(floor.unwrap_or(i64::MIN));
        incoming.place(bottom.map_or(sent, |bottom| sent.max(bottom.saturating_add(1))), true);
        inbox::receive(tx, &mut incoming)?;
    }
    Ok(())
}

/// All messages of the page above what is there already, each where its stamp says unless that is too low. Answers the
/// position of the topmost.
fn backward(tx: &mut Tx<'_>, context: &Context, page: &Fetched, below: i64, fresh: bool) -> Result<i64> {
    let mut floor = below;
    let mut opened = Vec::with_capacity(page.results.len());
    for result in page.results.iter().rev() {
        let Some(mut incoming) = Incoming::open_archived(context, result, fresh) else {
            continue;
        };
        let sent = incoming.sent_at.saturating_mul(1000);
        let place = sent.min(floor.saturating_sub(1));
        // One that stands where the archive has it keeps its place; what is older stands above it.
        floor = placed_position(tx, &incoming)?.map_or(place, |position| position.min(floor));
        incoming.place(floor, false);
        opened.push(incoming);
    }
    for incoming in opened.iter_mut().rev() {
        inbox::receive(tx, incoming)?;
    }
    Ok(floor)
}

/// Where a message of the page stands already.
fn placed_position(tx: &Tx<'_>, incoming: &Incoming<'_>) -> Result<Option<i64>> {
    let (Some(chat), Some(id)) = (incoming.known_chat(tx)?, incoming.archive_id) else {
        return Ok(None);
    };
    messages::placed_position(tx, chat, id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MessageId, Window};
    use crate::testing::{NOW, World};

    /// Message `n` of the archive, from Ola to Anna; ten in each second, as coarse stamps have it.
    fn result(n: i64) -> Element {
        let at = chrono::DateTime::from_timestamp_millis(NOW / 1000 * 1000 - 900_000 + n / 10 * 1000).unwrap();
        let stamp = at.format("%Y-%m-%dT%H:%M:%SZ");
        format!(
            "<result xmlns='urn:xmpp:mam:2' id='a{n}'><forwarded xmlns='urn:xmpp:forward:0'>\
             <delay xmlns='urn:xmpp:delay' stamp='{stamp}'/><message xmlns='jabber:client' from='ola@b.example/x' \
             to='anna@a.example' id='w{n}'><body>{n}</body></message></forwarded></result>"
        )
        .parse()
        .unwrap()
    }

    /// The same message as it comes now.
    fn live(n: i64) -> String {
        format!(
            "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='w{n}'><body>{n}</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='anna@a.example' id='a{n}'/></message>"
        )
    }

    fn page(purpose: Purpose, range: std::ops::Range<i64>, complete: bool) -> Fetched {
        let id = |n: i64| (!range.is_empty()).then(|| format!("a{n}"));
        let fin = Fin {
            complete,
            first: id(range.start),
            last: id(range.end - 1),
        };
        Fetched {
            purpose,
            results: range.map(result).collect(),
            fin,
        }
    }

    fn bodies(world: &mut World, anna: crate::testing::Who, ola: crate::testing::Who) -> Vec<i64> {
        world
            .timeline(anna, ola)
            .messages
            .iter()
            .map(|message| message.body.parse().unwrap())
            .collect()
    }

    #[test]
    fn pages_in_any_direction_make_one_order() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 50..75, false));
        world.page(anna, &page(Purpose::Backward, 25..50, false));
        world.page(anna, &page(Purpose::Forward, 75..90, true));
        let chat = world.chat(anna, ola);
        world.page(anna, &page(Purpose::Fill(chat), 10..25, false));
        world.page(anna, &page(Purpose::Backward, 0..25, true));
        assert_eq!(bodies(&mut world, anna, ola), (0..90).collect::<Vec<_>>());
        assert!(world.timeline(anna, ola).complete);
    }

    #[test]
    fn after_a_jump_nothing_below_the_gap_is_shown_until_it_is_filled() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..20, true));
        let offline = world.say(anna, ola, "777");
        world.page(anna, &page(Purpose::Latest, 80..100, false));
        let shown = bodies(&mut world, anna, ola);
        assert_eq!(
            shown,
            (80..100).chain([777]).collect::<Vec<_>>(),
            "what waits to be sent stays in sight"
        );
        let chat = world.chat(anna, ola);
        world.page(anna, &page(Purpose::Fill(chat), 40..80, false));
        assert_eq!(bodies(&mut world, anna, ola).first(), Some(&40));
        world.page(anna, &page(Purpose::Fill(chat), 0..40, true));
        assert_eq!(bodies(&mut world, anna, ola), (0..100).chain([777]).collect::<Vec<_>>());
        assert_eq!(world.last(anna, ola).id, offline);
    }

    #[test]
    fn the_same_page_twice_changes_nothing() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..20, true));
        let before = world.timeline(anna, ola);
        world.page(anna, &page(Purpose::Latest, 0..20, true));
        world.page(anna, &page(Purpose::Forward, 10..20, true));
        assert_eq!(world.timeline(anna, ola), before);
    }

    #[test]
    fn history_is_no_news_and_what_was_missed_is() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..20, true));
        assert_eq!(world.unread(anna, ola), 0);
        world.page(anna, &page(Purpose::Forward, 20..25, true));
        assert_eq!(world.unread(anna, ola), 5);
        let chat = world.chat(anna, ola);
        let window = Window {
            limit: 3,
            before: Some(MessageId(1_001)),
        };
        assert!(
            messages::timeline(world.conn(anna), chat, window)
                .unwrap()
                .messages
                .is_empty()
        );
    }

    #[test]
    fn the_first_message_ever_is_news() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..0, true));
        world.page(anna, &page(Purpose::Latest, 0..2, true));
        assert_eq!(world.unread(anna, ola), 2);
    }

    #[test]
    fn what_comes_live_while_the_archive_is_behind_stands_below_what_it_brings() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..10, true));
        world.inject_behind(anna, &live(40));
        world.page(anna, &page(Purpose::Forward, 10..30, false));
        world.inject_behind(anna, &live(41));
        world.page(anna, &page(Purpose::Forward, 30..42, true));
        // Kept by the server for us beside the archive, and late.
        world.inject_behind(anna, &live(35));
        world.inject(anna, &live(42));
        assert_eq!(bodies(&mut world, anna, ola), (0..43).collect::<Vec<_>>());
        assert!(
            world
                .timeline(anna, ola)
                .messages
                .iter()
                .all(|it| it.archive_id.is_some())
        );
    }

    #[test]
    fn what_came_while_the_last_page_was_told_stands_before_what_comes_after_it() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..10, true));
        world.inject_behind(anna, &live(10));
        world.page(anna, &page(Purpose::Forward, 10..10, true));
        // "Caught up to here" does not move while something of ours is on its way.
        world.inject(anna, &live(11));
        world.page(anna, &page(Purpose::Forward, 10..12, true));
        assert_eq!(bodies(&mut world, anna, ola), (0..12).collect::<Vec<_>>());
    }

    #[test]
    fn what_was_kept_for_us_stands_where_the_archive_has_it() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 50..60, false));
        let kept = "<delay xmlns='urn:xmpp:delay' from='a.example' stamp='2026-11-18T18:00:00Z'/></message>";
        world.inject(anna, &live(40).replace("</message>", kept));
        world.inject(anna, &live(60));
        world.page(anna, &page(Purpose::Backward, 30..50, true));
        assert_eq!(bodies(&mut world, anna, ola), (30..61).collect::<Vec<_>>());
    }

    #[test]
    fn a_message_without_an_id_is_known_when_the_archive_tells_of_it() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        let nameless = |n: i64| live(n).replace(&format!(" id='w{n}'"), "").replace(&n.to_string(), "5");
        world.trust_ids(anna, false);
        world.inject(anna, &nameless(5));
        world.inject(anna, &nameless(5));
        world.trust_ids(anna, true);
        let mut told = page(Purpose::Latest, 5..6, true);
        told.results = vec![String::from(&told.results[0]).replace("w5", "").parse().unwrap()];
        world.page(anna, &told);
        assert_eq!(bodies(&mut world, anna, ola), [5]);
    }

    #[test]
    fn what_the_archive_told_and_the_server_sends_again_is_known() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..2, true));
        world.inject_behind(
            anna,
            "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='w1'><body>1</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='anna@a.example' id='a1'/></message>",
        );
        assert_eq!(bodies(&mut world, anna, ola), [0, 1]);
    }

    #[test]
    fn what_the_server_sends_again_before_it_said_what_it_can_is_known() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.page(anna, &page(Purpose::Latest, 0..2, true));
        let again = "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='w1'><body>1</body>\
                     <stanza-id xmlns='urn:xmpp:sid:0' by='anna@a.example' id='a1'/></message>";
        world.trust_ids(anna, false);
        world.inject(anna, again);
        assert_eq!(bodies(&mut world, anna, ola), [0, 1]);
        // The same id for other words is a client that counts anew; other ids are other messages.
        world.inject(anna, &again.replace("<body>1<", "<body>2<"));
        world.inject(anna, &again.replace("'a1'", "'a9'"));
        assert_eq!(bodies(&mut world, anna, ola), [0, 1, 2, 1]);
    }

    #[test]
    fn a_message_that_came_live_is_known_when_the_archive_tells_of_it() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.inject(anna, "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='w3'><body>3</body></message>");
        world.page(anna, &page(Purpose::Latest, 0..6, true));
        let mut seen = bodies(&mut world, anna, ola);
        seen.sort_unstable();
        assert_eq!(seen, (0..6).collect::<Vec<_>>());
        assert_eq!(
            world
                .timeline(anna, ola)
                .messages
                .iter()
                .filter(|it| it.archive_id.is_none())
                .count(),
            0
        );
    }
}
