//! Addresses that cannot be, and those that only look like somebody.

use super::world::*;

#[test]
fn h20_addresses_that_cannot_be() {
    let mut world = World::new();
    let long = "o".repeat(1024);
    let impossible = [
        "@family.test",
        "ola@",
        "",
        "/x",
        "ola@fam ily.test",
        "o la@family.test",
        "ola@family.test@evil.test",
        "ola\u{202e}@family.test",
        "ola@family..test",
        &format!("{long}@family.test"),
        &format!("ola@{long}.test"),
    ];
    for (n, from) in impossible.iter().enumerate() {
        world
            .fake
            .say(message(from, &format!("i{n}"), "<body>from nowhere</body>"));
        world.fake.say(format!("<presence type='subscribe' from='{from}'/>"));
        world.fake.say(format!(
            "<iq type='get' from='{from}' id='q{n}'><query xmlns='jabber:iq:version'/></iq>"
        ));
    }
    // A device with a name longer than a name may be is not kept among those that are there.
    world
        .fake
        .say(format!("<presence from='ola@family.test/{}'/>", "x".repeat(1024)));
    world.settle("honest");
    assert_eq!(world.chats().len(), 1);
    assert_eq!(world.contacts(), ["ola@family.test"]);
    assert!(world.grend.events().iter().all(|it| it["event"] != "presence"));
    assert_eq!(world.fake.connections(), 1);
}

#[test]
fn h20_who_looks_like_somebody_is_shown_with_the_whole_address() {
    let mut world = World::new();
    world.settle("honest");
    // Another server; a letter that looks the same (RFC 7622 allows it); an escape that is none here.
    let alike = ["ola@evil.test", "\u{043e}la@family.test", "ola%00@family.test"];
    for from in alike {
        world
            .fake
            .say(message(&format!("{from}/phone"), "1", "<body>it is me</body>"));
        world.grend.expect_message("it is me");
    }
    assert_eq!(world.bodies("ola@family.test"), ["honest"]);
    let chats = world.chats();
    let name = |address: &str| {
        chats
            .iter()
            .find(|it| it["address"] == address)
            .map(|it| it["name"].clone())
    };
    for from in alike {
        assert_eq!(name(from), Some(from.into()), "{chats:?}");
    }
    assert_eq!(name("ola@family.test"), Some("Ola".into()));
}
