//! The contact list that the server keeps. RFC 6121, section 2, with versions (2.6) and pushes (2.1.6).

use jid::BareJid;
use minidom::Element;
use rusqlite::Connection;
use xmpp_parsers::ns;
use xmpp_parsers::roster::{Ask, Item, Roster, Subscription};

use crate::model::AccountId;
use crate::outbox::Job;
use crate::store::contacts::Entry;
use crate::store::{Result, Tx, accounts, contacts, outbox};

/// A list larger than any family's; what comes beyond is left out.
const MOST: usize = 10_000;

/// Asks for the list, or for what changed since `version`.
pub(crate) fn get(version: Option<&str>) -> Element {
    super::element("query", ns::ROSTER, &[("ver", version.unwrap_or_default())])
}

/// Puts a contact as it stands here on the server's list.
pub(crate) fn set(conn: &Connection, account: AccountId, address: &BareJid) -> Result<Element> {
    let name = contacts::name(conn, account, address)?;
    let mut item = super::element("item", ns::ROSTER, &[("jid", address.as_str())]);
    if let Some(name) = name {
        item = super::element("item", ns::ROSTER, &[("jid", address.as_str()), ("name", &name)]);
    }
    let query = super::with(Element::bare("query", ns::ROSTER), [item]);
    let iq = super::element(
        "iq",
        ns::DEFAULT_NS,
        &[("type", "set"), ("id", &crate::random::token())],
    );
    Ok(super::with(iq, [query]))
}

/// Asks somebody to be a contact.
pub(crate) fn add(tx: &mut Tx<'_>, account: AccountId, address: &BareJid, name: &str) -> Result<()> {
    contacts::ask_for(tx, account, address, Some(name))?;
    outbox::push(tx, account, &Job::Contact(address.clone()))?;
    outbox::push(tx, account, &Job::Subscribe(address.clone()))
}

/// Answers somebody who asks to be a contact. "Yes" asks them back: families see each other.
pub(crate) fn answer(tx: &mut Tx<'_>, account: AccountId, address: &BareJid, yes: bool) -> Result<()> {
    contacts::set_asks(tx, account, address, false)?;
    if !yes {
        return outbox::push(tx, account, &Job::Unsubscribed(address.clone()));
    }
    outbox::push(tx, account, &Job::Subscribed(address.clone()))?;
    if !contacts::is_listed(tx, account, address)? {
        contacts::ask_for(tx, account, address, None)?;
        outbox::push(tx, account, &Job::Contact(address.clone()))?;
        outbox::push(tx, account, &Job::Subscribe(address.clone()))?;
    }
    Ok(())
}

/// The answer to `get`. An empty one means that nothing changed.
pub(crate) fn received(tx: &mut Tx<'_>, account: AccountId, query: Option<&Element>) -> Result<()> {
    let Some(query) = query else { return Ok(()) };
    contacts::clear(tx, account)?;
    for item in query.children().filter_map(item).take(MOST) {
        put(tx, account, item)?;
    }
    accounts::set_roster_version(tx, account, query.attr("ver").unwrap_or_default())
}

/// A push. The caller has checked that it comes from our own account.
pub(crate) fn pushed(tx: &mut Tx<'_>, account: AccountId, query: Element) -> Result<bool> {
    let Ok(Roster { ver, items }) = Roster::try_from(query) else {
        return Ok(false);
    };
    let Ok([item]) = <[Item; 1]>::try_from(items) else {
        return Ok(false);
    };
    put(tx, account, item)?;
    accounts::set_roster_version(tx, account, ver.as_deref().unwrap_or_default())?;
    Ok(true)
}

fn item(element: &Element) -> Option<Item> {
    Item::try_from(element.clone()).ok()
}

fn put(tx: &mut Tx<'_>, account: AccountId, item: Item) -> Result<()> {
    let subscription = match item.subscription {
        Subscription::Remove => return contacts::remove(tx, account, &item.jid),
        Subscription::None => "none",
        Subscription::To => "to",
        Subscription::From => "from",
        Subscription::Both => "both",
    };
    let entry = Entry {
        address: item.jid,
        name: item.name,
        groups: item.groups.into_iter().map(|group| group.0).collect(),
        subscription,
        asked: item.ask == Ask::Subscribe,
    };
    contacts::put(tx, account, &entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;

    #[test]
    fn h68_who_leaves_the_list_keeps_the_conversation() {
        let (mut world, [anna, ola]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        world.say(anna, ola, "hei");
        let push = "<query xmlns='jabber:iq:roster' ver='2'><item jid='ola@b.example' subscription='remove'/></query>";
        assert!(world.write(anna, |tx, context| pushed(tx, context.account, push.parse().unwrap())));
        assert_eq!(contacts::all(world.conn(anna)).unwrap(), []);
        assert_eq!(world.timeline(anna, ola).messages.len(), 1);
    }

    #[test]
    fn the_list_replaces_what_was_there_and_an_empty_answer_does_not() {
        let (mut world, [anna, _]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        let list: Element = "<query xmlns='jabber:iq:roster' ver='7'><item jid='mor@a.example' name='Mor' subscription='both'><group>Family</group></item><item jid='not an address'/></query>".parse().unwrap();
        world.write(anna, |tx, context| received(tx, context.account, Some(&list)));
        world.write(anna, |tx, context| received(tx, context.account, None));
        let all = contacts::all(world.conn(anna)).unwrap();
        assert_eq!(all.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Mor"]);
        assert_eq!(all[0].groups, ["Family"]);
        let (_, version) = accounts::connection(world.conn(anna), world.account(anna)).unwrap();
        assert_eq!(version.as_deref(), Some("7"));
    }

    #[test]
    fn a_yes_asks_back() {
        let (mut world, [anna]) = World::of_friends(["anna@a.example"]);
        world.inject_presence(
            anna,
            "<presence xmlns='jabber:client' type='subscribe' from='ola@b.example'/>",
        );
        let all = contacts::all(world.conn(anna)).unwrap();
        assert!(all[0].asks && !all[0].they_see_us);
        let ola = all[0].address.clone();
        world.write(anna, |tx, context| answer(tx, context.account, &ola, true));
        let [yes, list, ask] = world.waiting(anna).try_into().unwrap();
        assert_eq!(yes, Job::Subscribed(ola.clone()));
        assert_eq!(list, Job::Contact(ola.clone()));
        assert_eq!(ask, Job::Subscribe(ola));
        assert!(!contacts::all(world.conn(anna)).unwrap()[0].asks);
    }

    #[test]
    fn h56_a_flood_of_questions_stays_small() {
        let (mut world, [anna, _]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        for n in 0..300 {
            world.inject_presence(
                anna,
                &format!("<presence xmlns='jabber:client' type='subscribe' from='eve{n}@evil.example'/>"),
            );
        }
        assert_eq!(contacts::all(world.conn(anna)).unwrap().len(), 101);
    }
}
