//! What strangers and others on the machine must not learn.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::world::*;

#[test]
fn h57_no_receipts_to_strangers() {
    let mut world = World::new();
    let asks = "<request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>";
    world
        .fake
        .say(message(EVE, "e1", &format!("<body>are you there?</body>{asks}")));
    let got = world.grend.expect_message("are you there?");
    let eve = world.grend.open(world.account, "eve@evil.test");
    world
        .grend
        .must(json!({"do": "displayed", "chat": eve, "message": got["id"]}));
    world.grend.must(json!({"do": "typing", "chat": eve, "on": true}));
    for (n, ns) in [
        "jabber:iq:version",
        "urn:xmpp:time",
        "urn:xmpp:ping",
        "http://jabber.org/protocol/disco#info",
    ]
    .iter()
    .enumerate()
    {
        world.fake.say(format!(
            "<iq type='get' from='{EVE}' id='q{n}'><query xmlns='{ns}'/></iq>"
        ));
        let id = format!("q{n}");
        let answer = world.fake.expect(|it| it.name() == "iq" && it.attr("id") == Some(&id));
        assert_eq!(answer.attr("type"), Some("error"), "{ns}");
    }
    for name in ["propose", "retract", "proceed"] {
        let call = format!("<{name} xmlns='urn:xmpp:jingle-message:0' id='c'/><store xmlns='urn:xmpp:hints'/>");
        world.fake.say(message(EVE, name, &call));
    }
    // A contact gets one, after which everything that was to come has come: the outbox has an order.
    world
        .fake
        .say(message(OLA, "o1", &format!("<body>and you?</body>{asks}")));
    world.fake.expect(|it| {
        it.children()
            .any(|it| it.is("received", "urn:xmpp:receipts") && it.attr("id") == Some("o1"))
    });
    let heard = world.fake.heard();
    let to_eve = heard
        .iter()
        .filter(|it| it.name() != "iq" && it.attr("to").is_some_and(|to| to.contains("evil")));
    assert_eq!(to_eve.count(), 0);
}

#[test]
fn h66_nobody_else_on_the_machine_reads_along() {
    let mut world = World::new();
    world.settle("between us");
    let folder = world.grend.data().to_owned();
    let mode = fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    // The password lies there too; what was said stands in the database, and the log tells nobody.
    assert!(folder.join("passwords.json").exists());
    let tells: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| fs::read(path).is_ok_and(|bytes| bytes.windows(10).any(|it| it == b"between us")))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(
        !tells.is_empty() && tells.iter().all(|name| name.starts_with("grend.db")),
        "{tells:?}"
    );
}
