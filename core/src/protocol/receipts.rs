//! "It arrived on my device." XEP-0184.

use minidom::Element;
use rusqlite::Connection;
use xmpp_parsers::ns;

use crate::inbox::Taken;
use crate::incoming::{Incoming, Via, id};
use crate::model::{ChatId, MessageId, State};
use crate::outbox::Job;
use crate::random;
use crate::store::{Result, Tx, chats, contacts, messages, orphans, outbox};

/// Asks for a receipt.
pub(crate) fn request() -> Element {
    Element::bare("request", ns::RECEIPTS)
}

/// Queues a receipt, if one was asked for and the sender may know that we are there.
pub(crate) fn answer(tx: &mut Tx<'_>, incoming: &Incoming<'_>, chat: ChatId, message: MessageId) -> Result<()> {
    let asked = incoming.has("request", ns::RECEIPTS) && !incoming.wire_id.is_empty();
    // A carbon's original was sent to another of our devices, which answers.
    if !asked || incoming.via == Via::Carbon {
        return Ok(());
    }
    if contacts::sees_us(tx, incoming.account, &incoming.peer)? || messages::wrote_to(tx, chat)? {
        outbox::push(tx, incoming.account, &Job::Receipt(message))?;
    }
    Ok(())
}

pub(crate) fn stanza(conn: &Connection, message: MessageId) -> Result<Element> {
    let message = messages::get(conn, message)?;
    let (_, peer) = chats::parties(conn, message.chat)?;
    let received = super::element("received", ns::RECEIPTS, &[("id", &message.wire_id)]);
    Ok(super::with(
        super::message(&peer, &random::token()),
        [received, super::store_hint()],
    ))
}

pub(crate) fn receive(tx: &mut Tx<'_>, incoming: &Incoming<'_>) -> Result<Taken> {
    let Some(received) = incoming.stanza.get_child("received", ns::RECEIPTS).and_then(id) else {
        return Ok(Taken::No);
    };
    // What our own devices received is no news about our messages.
    if !incoming.mine
        && let Some(chat) = incoming.known_chat(tx)?
    {
        match messages::by_wire_id(tx, chat, true, received)? {
            Some(message) => {
                outbox::message_arrived(tx, message)?;
                messages::advance(tx, message, State::Delivered)?;
            }
            None => orphans::keep(tx, chat, true, received, State::Delivered)?,
        }
    }
    Ok(if incoming.body().is_none() {
        Taken::Yes
    } else {
        Taken::No
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::testing::World;

    #[test]
    fn a_receipt_may_come_before_its_message() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.chat(anna, ola);
        world.inject(anna, "<message xmlns='jabber:client' from='ola@b.example/x' to='anna@a.example'><received xmlns='urn:xmpp:receipts' id='p1'/></message>");
        world.inject(anna, "<message xmlns='jabber:client' from='anna@a.example'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='anna@a.example/phone' to='ola@b.example' id='p1'><body>from my phone</body></message></forwarded></sent></message>");
        expect!["me: from my phone (delivered)\n"].assert_eq(&world.transcript(anna, ola));
    }

    #[test]
    fn h57_a_stranger_learns_nothing() {
        let (mut world, [anna]) = World::of_friends(["anna@a.example"]);
        world.inject(anna, "<message xmlns='jabber:client' from='eve@evil.example/x' to='anna@a.example' id='1'><body>hello?</body><request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>");
        let message = crate::store::messages::last(world.conn(anna)).unwrap();
        let chat = crate::store::messages::get(world.conn(anna), message).unwrap().chat;
        world.write(anna, |tx, _| crate::protocol::markers::displayed(tx, chat, message));
        assert_eq!(world.waiting(anna), []);
    }

    #[test]
    fn h13_nobody_confirms_what_was_said_to_others() {
        let (mut world, [anna, ola, _]) = World::of_friends(["anna@a.example", "ola@b.example", "eve@c.example"]);
        world.say(anna, ola, "hei");
        let id = world.last(anna, ola).wire_id;
        world.inject(anna, &format!("<message xmlns='jabber:client' from='eve@c.example/x' to='anna@a.example'><received xmlns='urn:xmpp:receipts' id='{id}'/></message>"));
        expect!["me: hei (queued)\n"].assert_eq(&world.transcript(anna, ola));
    }
}
