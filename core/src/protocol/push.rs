//! A push service is told by the server when something comes while this device is away. XEP-0357.
//!
//! The service and the node under which it knows the device are rows, and so is what the server has yet to be told. The secret goes
//! along as a publish option, so that nobody but the server can publish to the node.

use minidom::Element;
use xmpp_parsers::ns;

use super::{element, leaf, with};
use crate::model::{AccountId, PushState};
use crate::random;
use crate::store::pushes::{self, Push};
use crate::store::{Result, Tx, accounts};

const PUSH: &str = "urn:xmpp:push:0";
const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";

/// What is known of the service and the device becomes what each server is to know: registrations that are wanted, and others that
/// are to go.
pub(crate) fn settle(tx: &mut Tx<'_>) -> Result<()> {
    let (service, endpoint) = pushes::wake(tx)?;
    let wanted = service.zip(endpoint);
    let all = pushes::all(tx)?;
    for push in &all {
        let stays = wanted.as_ref() == Some(&(push.service.clone(), push.node.clone()));
        if stays == (push.state == PushState::Leaving) {
            set(tx, push, if stays { PushState::Wanted } else { PushState::Leaving })?;
        }
    }
    let Some((service, node)) = wanted else {
        return Ok(());
    };
    for account in accounts::all(tx)? {
        let known = |push: &Push| push.account == account.id && push.service == service && push.node == node;
        if !all.iter().any(known) {
            let new = Push {
                account: account.id,
                service: service.clone(),
                node: node.clone(),
                secret: random::token(),
                state: PushState::Wanted,
            };
            pushes::put(tx, &new)?;
        }
    }
    Ok(())
}

/// Who signs out is not woken for that account any more.
pub(crate) fn leave(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    for push in pushes::all(tx)?.iter().filter(|push| push.account == account) {
        set(tx, push, PushState::Leaving)?;
    }
    Ok(())
}

fn set(tx: &mut Tx<'_>, push: &Push, state: PushState) -> Result<()> {
    pushes::put(tx, &Push { state, ..push.clone() })
}

/// What the server of an account is to be told. A new stream tells all of it again: servers give up a service that did not answer.
pub(crate) fn untold(mut all: Vec<Push>, account: AccountId, anew: bool) -> Vec<Push> {
    all.retain(|push| {
        let new = matches!(push.state, PushState::Wanted | PushState::Leaving);
        push.account == account && (anew || new)
    });
    // One that leaves first: a server may know one for each device.
    all.sort_by_key(|push| push.state != PushState::Leaving);
    all
}

/// The question that tells it.
pub(crate) fn question(push: &Push) -> Element {
    let attributes = [("jid", push.service.as_str()), ("node", &push.node)];
    if push.state == PushState::Leaving {
        return element("disable", PUSH, &attributes);
    }
    let field = |name: &str, value: &str| {
        let field = element("field", ns::DATA_FORMS, &[("var", name)]);
        with(field, [leaf("value", ns::DATA_FORMS, value)])
    };
    let form = element("x", ns::DATA_FORMS, &[("type", "submit")]);
    let options = with(
        form,
        [field("FORM_TYPE", PUBLISH_OPTIONS), field("secret", &push.secret)],
    );
    with(element("enable", PUSH, &attributes), [options])
}

/// The server answered. What was decided meanwhile stands.
pub(crate) fn answered(tx: &mut Tx<'_>, push: &Push, good: bool) -> Result<()> {
    let same = |now: &&Push| (now.account, &now.service, &now.node) == (push.account, &push.service, &push.node);
    let Some(now) = pushes::all(tx)?.iter().find(same).cloned() else {
        return Ok(());
    };
    match (push.state == PushState::Leaving, now.state == PushState::Leaving) {
        (true, true) => pushes::remove(tx, &now),
        (false, false) => set(tx, &now, if good { PushState::On } else { PushState::Refused }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::testing::{Who, World};

    fn states(world: &World, who: Who) -> Vec<(String, PushState)> {
        let all = pushes::all(world.conn(who)).unwrap();
        all.into_iter().map(|push| (push.node, push.state)).collect()
    }

    /// The server is told what it is to be told, and says this.
    fn tell(world: &mut World, who: Who, good: bool) -> Vec<String> {
        world.write(who, |tx, context| {
            let untold = untold(pushes::all(tx)?, context.account, false);
            for push in &untold {
                answered(tx, push, good)?;
            }
            Ok(untold.iter().map(|push| question(push).name().to_owned()).collect())
        })
    }

    fn set_both(world: &mut World, who: Who, service: Option<&str>, endpoint: Option<&str>) {
        let service = service.map(|service| service.parse().unwrap());
        world.write(who, |tx, _| {
            pushes::set_service(tx, service.as_ref())?;
            pushes::set_endpoint(tx, endpoint)?;
            settle(tx)
        });
    }

    #[test]
    fn nothing_is_registered_until_both_are_known_and_all_of_it_goes_again() {
        let (mut world, [anna, _]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        set_both(&mut world, anna, Some("push.a.example"), None);
        assert_eq!(states(&world, anna), []);
        set_both(&mut world, anna, Some("push.a.example"), Some("https://up.example/1"));
        assert_eq!(tell(&mut world, anna, true), ["enable"]);
        assert_eq!(
            states(&world, anna),
            [("https://up.example/1".to_owned(), PushState::On)]
        );
        assert_eq!(tell(&mut world, anna, true), Vec::<String>::new(), "told once");
        // The phone is reached elsewhere: the old way goes first.
        set_both(&mut world, anna, Some("push.a.example"), Some("https://up.example/2"));
        assert_eq!(tell(&mut world, anna, true), ["disable", "enable"]);
        assert_eq!(
            states(&world, anna),
            [("https://up.example/2".to_owned(), PushState::On)]
        );
        set_both(&mut world, anna, None, Some("https://up.example/2"));
        assert_eq!(tell(&mut world, anna, false), ["disable"]);
        assert_eq!(states(&world, anna), []);
    }

    #[test]
    fn a_change_of_mind_on_the_way_stands() {
        let (mut world, [anna, _]) = World::of_friends(["anna@a.example", "ola@b.example"]);
        let on = (Some("push.a.example"), Some("https://up.example/1"));
        set_both(&mut world, anna, on.0, on.1);
        let asked = world.write(anna, |tx, context| Ok(untold(pushes::all(tx)?, context.account, false)));
        set_both(&mut world, anna, None, None);
        world.write(anna, |tx, _| answered(tx, &asked[0], true));
        assert_eq!(states(&world, anna)[0].1, PushState::Leaving);
        let asked = world.write(anna, |tx, context| Ok(untold(pushes::all(tx)?, context.account, false)));
        set_both(&mut world, anna, on.0, on.1);
        world.write(anna, |tx, _| answered(tx, &asked[0], true));
        assert_eq!(states(&world, anna)[0].1, PushState::Wanted);
        assert_eq!(tell(&mut world, anna, false), ["enable"]);
        assert_eq!(states(&world, anna)[0].1, PushState::Refused);
    }

    #[test]
    fn what_the_server_is_told() {
        let mut push = Push {
            account: AccountId(1),
            service: "push.a.example".parse().unwrap(),
            node: "https://up.example/1?a=b&c".to_owned(),
            secret: "s3cret".to_owned(),
            state: PushState::Wanted,
        };
        expect!["<enable xmlns='urn:xmpp:push:0' jid='push.a.example' node='https://up.example/1?a=b&amp;c'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var='secret'><value>s3cret</value></field></x></enable>"]
            .assert_eq(&String::from(&question(&push)));
        push.state = PushState::Leaving;
        expect!["<disable xmlns='urn:xmpp:push:0' jid='push.a.example' node='https://up.example/1?a=b&amp;c'/>"]
            .assert_eq(&String::from(&question(&push)));
    }
}
