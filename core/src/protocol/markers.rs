//! "Read up to here." XEP-0333.

use minidom::Element;
use rusqlite::Connection;
use xmpp_parsers::ns;

use crate::inbox::Taken;
use crate::incoming::{Incoming, id};
use crate::model::{ChatId, MessageId, State};
use crate::outbox::Job;
use crate::random;
use crate::store::{Result, Tx, chats, contacts, messages, orphans, outbox};

/// Says that we want to know when it is read.
pub(crate) fn markable() -> Element {
    Element::bare("markable", ns::DISPLAYED_MARKERS)
}

pub(crate) fn is_markable(incoming: &Incoming<'_>) -> bool {
    !incoming.wire_id.is_empty() && incoming.has("markable", ns::DISPLAYED_MARKERS)
}

/// The user has seen everything up to this message.
pub(crate) fn displayed(tx: &mut Tx<'_>, chat: ChatId, message: MessageId) -> Result<()> {
    let message = messages::get(tx, message)?;
    if message.chat == chat {
        let position = messages::position(tx, message.id)?;
        read_up_to(tx, chat, position)?;
    }
    Ok(())
}

/// Takes everything up to a position as read and tells those who want to know and may.
pub(crate) fn read_up_to(tx: &mut Tx<'_>, chat: ChatId, position: i64) -> Result<()> {
    let Some(asker) = messages::mark_read(tx, chat, position)? else {
        return Ok(());
    };
    let (account, peer) = chats::parties(tx, chat)?;
    if contacts::sees_us(tx, account, &peer)? || messages::wrote_to(tx, chat)? {
        outbox::drop_older_displayed(tx, asker)?;
        outbox::push(tx, account, &Job::Displayed(asker))?;
    }
    Ok(())
}

pub(crate) fn stanza(conn: &Connection, message: MessageId) -> Result<Element> {
    let message = messages::get(conn, message)?;
    let (_, peer) = chats::parties(conn, message.chat)?;
    let displayed = super::element("displayed", ns::DISPLAYED_MARKERS, &[("id", &message.wire_id)]);
    Ok(super::with(
        super::message(&peer, &random::token()),
        [displayed, super::store_hint()],
    ))
}

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<Taken> {
    let marker = |name| incoming.stanza.get_child(name, ns::DISPLAYED_MARKERS).and_then(id);
    let (id, state) = match (marker("displayed"), marker("received")) {
        (Some(id), _) => (id, State::Displayed),
        (None, Some(id)) => (id, State::Delivered),
        (None, None) => return Ok(Taken::No),
    };
    let Some(chat) = incoming.known_chat(tx)? else {
        return Ok(Taken::Yes);
    };
    // Theirs speaks of our messages; one of our own devices speaks of theirs.
    match (messages::by_wire_id(tx, chat, !incoming.mine, id)?, state) {
        (Some(message), State::Displayed) if incoming.mine => {
            let position = messages::position(tx, message)?;
            messages::mark_read(tx, chat, position)?;
        }
        (Some(message), State::Displayed) => {
            outbox::message_arrived(tx, message)?;
            messages::displayed_by_them(tx, message)?;
        }
        (Some(message), _) if !incoming.mine => messages::advance(tx, message, State::Delivered)?,
        (None, State::Displayed) => orphans::keep(tx, chat, !incoming.mine, id, state)?,
        (None, _) if !incoming.mine => orphans::keep(tx, chat, true, id, state)?,
        _ => {}
    }
    Ok(Taken::Yes)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::World;

    #[test]
    fn what_they_read_is_read_and_what_stands_above_it_too() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        for body in ["one", "two", "three"] {
            world.say(anna, ola, body);
        }
        world.settle();
        assert_eq!(world.unread(ola, anna), 3);
        let second = world.timeline(ola, anna).messages[1].id;
        let chat = world.chat(ola, anna);
        world.write(ola, |tx, _| super::displayed(tx, chat, second));
        world.settle();
        assert_eq!(world.unread(ola, anna), 1);
        expect![[r"
            me: one (displayed)
            me: two (displayed)
            me: three (delivered)
        "]]
        .assert_eq(&world.transcript(anna, ola));
    }

    #[test]
    fn what_another_device_of_ours_read_is_read_here() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.inject(anna, "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>hei</body></message>");
        assert_eq!(world.unread(anna, ola), 1);
        world.inject(anna, "<message xmlns='jabber:client' from='anna@a.example'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='anna@a.example/phone' to='ola@b.example'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message></forwarded></sent></message>");
        assert_eq!(world.unread(anna, ola), 0);
    }

    #[test]
    fn read_elsewhere_before_it_came_here_is_no_news() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.chat(anna, ola);
        world.inject(anna, "<message xmlns='jabber:client' from='anna@a.example'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='anna@a.example/phone' to='ola@b.example'><displayed xmlns='urn:xmpp:chat-markers:0' id='1'/></message></forwarded></sent></message>");
        world.inject(anna, "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='1'><body>hei</body></message>");
        assert_eq!(world.unread(anna, ola), 0);
    }

    #[test]
    fn h13_a_marker_for_an_unknown_message_makes_nothing() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.say(anna, ola, "hei");
        world.inject(anna, "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example' id='9'><displayed xmlns='urn:xmpp:chat-markers:0' id='nonsense'/></message>");
        world.inject(anna, "<message xmlns='jabber:client' from='eve@evil.example/x' to='anna@a.example' id='9'><displayed xmlns='urn:xmpp:chat-markers:0' id='nonsense'/></message>");
        expect!["me: hei (queued)\n"].assert_eq(&world.transcript(anna, ola));
        assert_eq!(crate::store::chats::all(world.conn(anna)).unwrap().len(), 1);
    }
}
