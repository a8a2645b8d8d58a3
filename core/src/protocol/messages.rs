//! Messages between two people. RFC 6121, section 5; ids by XEP-0359.

use minidom::Element;
use xmpp_parsers::ns;

use super::{chat_states, leaf, markers, receipts};
use crate::clock;
use crate::inbox::Taken;
use crate::incoming::{Incoming, Via};
use crate::model::{BareJid, ChatId, Encryption, Message, MessageId, State};
use crate::outbox::Job;
use crate::random;
use crate::store::messages::{NewMessage, Place, Said};
use crate::store::{Result, Tx, chats, messages, orphans, outbox};

/// Writes down a message of ours and queues it. What was typed is no draft any more.
pub(crate) fn send(tx: &mut Tx<'_>, chat: ChatId, body: &str) -> Result<MessageId> {
    let (account, _) = chats::parties(tx, chat)?;
    let me = crate::store::accounts::address(tx, account)?;
    let (id, now) = (random::token(), clock::now());
    let position = messages::next_position(tx, chat, now)?;
    let message = messages::insert(
        tx,
        &NewMessage {
            chat,
            mine: true,
            sender: &me,
            wire_id: &id,
            origin_id: Some(&id),
            archive_id: None,
            body,
            sent_at: now,
            position,
            place: Place::Written,
            state: State::Queued,
            unread: false,
            markable: false,
            encryption: promised(tx, chat)?,
            device: None,
            unreadable: None,
            came_at: None,
        },
    )?;
    // Who answers has read what stands above.
    markers::read_up_to(tx, chat, position)?;
    chats::set_draft(tx, chat, "")?;
    outbox::push(tx, account, &Job::Message(message))?;
    Ok(message)
}

/// Sends a message again that the server had refused. Its ids are new: the old ones stand for the refusal.
pub(crate) fn retry(tx: &mut Tx<'_>, message: MessageId) -> Result<()> {
    if messages::renew(tx, message, &random::token(), clock::now())? {
        let (account, _) = chats::parties(tx, messages::get(tx, message)?.chat)?;
        outbox::push(tx, account, &Job::Message(message))?;
    }
    Ok(())
}

/// What is written in an encrypted conversation stays encrypted, whatever is decided before it is sent.
fn promised(tx: &Tx<'_>, chat: ChatId) -> Result<Encryption> {
    let on = chats::encrypts(tx, chat)? == Some(true);
    Ok(if on { Encryption::Omemo } else { Encryption::None })
}

/// A message in the clear.
pub(crate) fn clear(message: &Message, peer: &BareJid) -> Element {
    around(message, peer, vec![leaf("body", ns::DEFAULT_NS, &message.body)])
}

/// A message around what it says.
pub(crate) fn around(message: &Message, peer: &BareJid, said: Vec<Element>) -> Element {
    let origin_id = super::element("origin-id", ns::SID, &[("id", &message.wire_id)]);
    let parts = [
        origin_id,
        receipts::request(),
        markers::markable(),
        chat_states::active(),
    ];
    let stanza = super::with(super::message(peer, &message.wire_id), said);
    super::with(stanza, parts)
}

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<Taken> {
    if let Some(known) = incoming.opened.as_ref().and_then(|opened| opened.known) {
        return merge(tx, known, incoming);
    }
    let Some(body) = incoming.body() else {
        return Ok(Taken::No);
    };
    let chat = incoming.chat(tx)?;
    if let Some(known) = known(tx, chat, incoming, &body)? {
        return merge(tx, known, incoming);
    }
    let opened = incoming.opened.as_ref();
    let unreadable = opened.and_then(|opened| opened.unreadable);
    if opened.is_some() && unreadable.is_none() && chats::encrypts(tx, chat)?.is_none() {
        chats::set_encrypts(tx, chat, true)?;
    }
    let (position, place) = match incoming.via {
        Via::Archive { position, .. } => (position, Place::Fixed),
        Via::Live | Via::Carbon => {
            // What was kept for us beside the archive may be old.
            let is_new = incoming.archive_id.is_some() && incoming.kept_since.is_none();
            let place = if is_new { Place::Next } else { Place::Unknown };
            (messages::next_position(tx, chat, clock::now())?, place)
        }
    };
    let history = matches!(incoming.via, Via::Archive { fresh: false, .. });
    let state = match incoming.mine {
        false => State::Received,
        true if history && messages::read_below(tx, chat, position)? => State::Displayed,
        true => State::Sent,
    };
    let message = messages::insert(
        tx,
        &NewMessage {
            chat,
            mine: incoming.mine,
            sender: &incoming.sender,
            wire_id: incoming.wire_id,
            origin_id: incoming.origin_id,
            archive_id: incoming.archive_id,
            body: &body,
            sent_at: incoming.sent_at,
            position,
            place,
            state,
            unread: !incoming.mine && !history,
            markable: markers::is_markable(incoming) && unreadable.is_none(),
            encryption: opened.map_or(Encryption::None, |opened| opened.encryption),
            device: opened.map(|opened| opened.device),
            unreadable,
            came_at: Some(incoming.came_at).filter(|_| !incoming.mine && !history),
        },
    )?;
    match orphans::take(tx, chat, incoming.mine, incoming.wire_id)? {
        Some(State::Displayed) if incoming.mine => messages::displayed_by_them(tx, message)?,
        Some(state) if incoming.mine => messages::advance(tx, message, state)?,
        // Read on another of our devices before it came here.
        Some(_) => drop(messages::mark_read(tx, chat, position)?),
        None => {}
    }
    if incoming.mine {
        if !history {
            messages::mark_read(tx, chat, position)?;
        }
    } else if !history && unreadable.is_none() {
        receipts::answer(tx, incoming, chat, message)?;
    }
    Ok(Taken::Yes)
}

/// The row of a message that we have already: by the archive's id, or else the same words under the same id.
fn known(tx: &Tx<'_>, chat: ChatId, incoming: &Incoming<'_>, body: &str) -> Result<Option<MessageId>> {
    if let Some(id) = incoming.archive_id
        && let Some(message) = messages::by_archive_id(tx, chat, id)?
    {
        return Ok(Some(message));
    }
    let said = Said {
        mine: incoming.mine,
        wire_id: incoming.wire_id,
        body,
        claimed_id: incoming.claimed_id,
        kept_since: incoming.kept_since.filter(|_| incoming.claimed_id.is_none()),
        will_be_told: incoming.is_left_to_archive(),
    };
    messages::said(tx, chat, &said)
}

/// A message of ours that the archive has was sent, whatever became of the connection that sent it.
fn merge(tx: &mut Tx<'_>, message: MessageId, incoming: &Incoming<'_>) -> Result<Taken> {
    if let Via::Archive { position, next, .. } = incoming.via {
        if next {
            messages::place_written(tx, message)?;
        }
        messages::place(tx, message, position)?;
    }
    if let Some(id) = incoming.archive_id {
        messages::set_archive_id(tx, message, id)?;
    }
    if incoming.mine {
        outbox::message_arrived(tx, message)?;
        messages::advance(tx, message, State::Sent)?;
    }
    Ok(Taken::Yes)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::model::State;
    use crate::outbox::Job;
    use crate::testing::World;

    #[test]
    fn two_people_talk() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.say(anna, ola, "shall we meet?");
        world.settle();
        world.say(ola, anna, "yes & <no>");
        world.settle();
        expect![[r"
            me: shall we meet? (displayed)
            ola@b.example: yes & <no>
        "]]
        .assert_eq(&world.transcript(anna, ola));
        expect![[r"
            anna@a.example: shall we meet?
            me: yes & <no> (delivered)
        "]]
        .assert_eq(&world.transcript(ola, anna));
    }

    #[test]
    fn it_is_known_how_late_messages_come() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.say(anna, ola, "a question");
        world.say(ola, anna, "at once");
        world.settle();
        let delays = |world: &World| crate::store::messages::delays(world.conn(anna), 20).unwrap();
        assert_eq!(delays(&world), [0], "ours does not count");
        let kept = "<delay xmlns='urn:xmpp:delay' from='a.example' stamp='2026-11-18T10:06:40Z'/>";
        world.inject(
            anna,
            &format!(
                "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>late</body>{kept}</message>"
            ),
        );
        let late = delays(&world);
        assert!((3_600_000..3_700_000).contains(&late[0]), "{late:?}");
        assert_eq!(late.len(), 2);
    }

    #[test]
    fn a_message_that_comes_twice_is_stored_once() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        for _ in 0..2 {
            world.inject(anna, "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>hei</body><stanza-id xmlns='urn:xmpp:sid:0' by='anna@a.example' id='a1'/></message>");
        }
        assert_eq!(world.timeline(anna, ola).messages.len(), 1);
    }

    #[test]
    fn what_the_server_kept_and_tells_again_is_known() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        let message = |more: &str| {
            format!(
                "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>hei</body>\
                 {more}</message>"
            )
        };
        let kept = |at: i64| {
            let at = chrono::DateTime::from_timestamp_millis(at)
                .unwrap()
                .format("%Y-%m-%dT%H:%M:%S%.3fZ");
            format!("<delay xmlns='urn:xmpp:delay' from='a.example' stamp='{at}'>Offline storage</delay>")
        };
        world.inject(
            anna,
            &message("<stanza-id xmlns='urn:xmpp:sid:0' by='anna@a.example' id='a1'/>"),
        );
        world.inject(anna, &message(&kept(crate::testing::NOW - 1_000)));
        assert_eq!(world.timeline(anna, ola).messages.len(), 1);
        // A client that counts its ids anew says it again on another day.
        world.inject(anna, &message(&kept(crate::testing::NOW - 86_400_000)));
        assert_eq!(world.timeline(anna, ola).messages.len(), 2);
    }

    #[test]
    fn a_client_that_counts_its_ids_anew_loses_nothing() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        for body in ["monday", "tuesday"] {
            world.inject(anna, &format!("<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>{body}</body></message>"));
        }
        assert_eq!(world.timeline(anna, ola).messages.len(), 2);
    }

    #[test]
    fn h15_an_archive_id_that_somebody_else_gave_hides_nothing() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        let ids = ["by='ola@b.example' id='a1'", "by='b.example' id='a1'", "id='a1'"];
        for (n, forged) in ids.iter().enumerate() {
            world.inject(anna, &format!("<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='m{n}'><body>{n}</body><stanza-id xmlns='urn:xmpp:sid:0' {forged}/></message>"));
        }
        let messages = world.timeline(anna, ola).messages;
        assert_eq!(messages.len(), ids.len());
        assert!(messages.iter().all(|message| message.archive_id.is_none()));
    }

    #[test]
    fn h14_of_two_archive_ids_one_is_forged_so_neither_counts() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.inject(anna, "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>hei</body><body xml:lang='nb'>hallo</body><stanza-id xmlns='urn:xmpp:sid:0' by='anna@a.example' id='a1'/><stanza-id xmlns='urn:xmpp:sid:0' by='anna@a.example' id='a2'/></message>");
        let message = world.last(anna, ola);
        assert_eq!((message.body.as_str(), message.archive_id), ("hei", None));
    }

    #[test]
    fn h16_an_id_of_ours_in_their_mouth_changes_nothing() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.say(anna, ola, "mine");
        let id = world.last(anna, ola).wire_id;
        world.inject(anna, &format!("<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='{id}'><body>mine</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>"));
        expect![[r"
            me: mine (queued)
            ola@b.example: mine
        "]]
        .assert_eq(&world.transcript(anna, ola));
    }

    #[test]
    fn a_failed_message_is_sent_anew_under_a_new_id() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        let message = world.say(anna, ola, "hei");
        let id = world.last(anna, ola).wire_id;
        world.inject(anna, &format!("<message xmlns='jabber:client' type='error' from='ola@b.example' to='anna@a.example' id='{id}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"));
        let failed = world.last(anna, ola);
        assert_eq!(
            (failed.state, failed.failure.as_deref()),
            (State::Failed, Some("service-unavailable"))
        );
        world.write(anna, |tx, _| super::retry(tx, message));
        let again = world.last(anna, ola);
        assert_eq!((again.state, again.failure, again.id), (State::Queued, None, message));
        assert_ne!(again.wire_id, id);
        assert!(world.waiting(anna).contains(&Job::Message(message)));
    }
}
