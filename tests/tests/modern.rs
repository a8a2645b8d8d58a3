//! Signing in where a server offers more than RFC 6120: everything in one go (SASL2, Bind 2), and a token in place of the
//! password (FAST). Debian 12's Prosody does so with its community modules, but for stream management; the fake does that
//! too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use grend_tests::fake::{Modern, Script};
use grend_tests::headless::sign_in;
use grend_tests::{Fake, Headless, Interceptor, Kind, Options, Proxy, Server, User};
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(20);

fn modern() -> Script {
    Script {
        modern: Some(Modern::default()),
        ..Script::default()
    }
}

/// Grend, signed in to a fake and at home.
fn at_home(fake: &Fake) -> (Headless, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    grend.must(fake.sign_in());
    fake.await_signed_in(1);
    (grend, folder)
}

/// Waits until Grend is at home again, and has done all that signing in means.
fn settle(fake: &Fake, grend: &mut Headless, sign_ins: usize) {
    fake.await_signed_in(sign_ins);
    let body = format!("sign-in {sign_ins}");
    fake.say(format!(
        "<message from='ola@family.test/x' type='chat' id='{sign_ins}'><body>{body}</body></message>"
    ));
    grend.expect_message(&body);
}

/// The first word of each sign-in with SASL2: its mechanism, and what went along.
fn sign_ins(fake: &Fake) -> Vec<(String, Vec<String>)> {
    let heard = fake.heard();
    let firsts = heard.iter().filter(|element| element.name() == "authenticate");
    firsts
        .map(|element| {
            let mechanism = element.attr("mechanism").unwrap_or_default().to_owned();
            (
                mechanism,
                element.children().map(|child| child.name().to_owned()).collect(),
            )
        })
        .collect()
}

#[test]
fn round_trips_until_stanzas_flow() {
    // Besides one for TCP and one for TLS. Classic: features, SCRAM, its end, features again, a resource.
    let fake = Fake::start(Script {
        resumes: false,
        ..Script::default()
    });
    let (mut grend, _folder) = at_home(&fake);
    fake.cut();
    fake.await_signed_in(2);
    // One of them asks for the old stream in vain.
    assert_eq!(fake.round_trips(), 6);
    fake.script(|script| {
        script.modern = Some(Modern {
            fast: Vec::new(),
            ..Modern::default()
        });
    });
    fake.cut();
    fake.await_signed_in(3);
    assert_eq!(fake.round_trips(), 3, "with SASL2 and Bind 2");
    fake.script(|script| script.modern = Some(Modern::default()));
    for sign_ins in [4, 5] {
        fake.cut();
        fake.await_signed_in(sign_ins);
    }
    assert_eq!(fake.round_trips(), 2, "with a token");
    // The same with the old stream taken up.
    fake.script(|script| script.resumes = true);
    fake.cut();
    fake.await_signed_in(6);
    assert_eq!(fake.round_trips(), 2, "with a token, resumed");
    grend.quit();
}

#[test]
fn a_stream_is_taken_up_or_begun_in_the_same_breath() {
    let fake = Fake::start(modern());
    let (mut grend, _folder) = at_home(&fake);
    let chat = grend.open(1, "ola@family.test");
    let message = grend.send(chat, "before");
    grend.expect_state(message, "sent");
    for (resumes, sign_ins) in [(true, 2), (false, 3), (true, 4)] {
        fake.script(|script| script.resumes = resumes);
        fake.cut();
        fake.await_signed_in(sign_ins);
        let body = format!("{resumes} {sign_ins}");
        let message = grend.send(chat, &body);
        fake.expect_message(&body);
        grend.expect_state(message, "sent");
        fake.say(format!(
            "<message from='ola@family.test/x' type='chat' id='{sign_ins}'><body>back {body}</body></message>"
        ));
        grend.expect_message(&format!("back {body}"));
        fake.await_acknowledged();
    }
    let all = sign_ins(&fake);
    assert_eq!(all[0].0, "SCRAM-SHA-1");
    assert_eq!(all[0].1, ["initial-response", "user-agent", "request-token"]);
    for (mechanism, along) in &all[1..] {
        assert_eq!(mechanism, "HT-SHA-256-NONE");
        assert_eq!(along[..], ["initial-response", "user-agent", "fast", "resume", "bind"]);
    }
    let heard = fake.heard();
    let ids = heard.iter().filter_map(|element| {
        let agent = element.children().find(|child| child.name() == "user-agent")?;
        agent.attr("id").map(ToOwned::to_owned)
    });
    let ids: Vec<String> = ids.collect();
    assert!(ids.iter().all(|id| *id == ids[0] && id.len() == 36), "{ids:?}");
    grend.quit();
}

#[test]
fn a_token_is_a_secret_and_changes() {
    let fake = Fake::start(modern());
    let (mut grend, folder) = at_home(&fake);
    let kept = || std::fs::read_to_string(folder.path().join("passwords.json")).unwrap();
    assert!(kept().contains("token one"), "{}", kept());
    fake.script(|script| script.modern.as_mut().unwrap().next_token = Some("token two"));
    fake.cut();
    settle(&fake, &mut grend, 2);
    // The new one holds after a crash, the old one was good for nothing any more.
    grend.restart();
    settle(&fake, &mut grend, 3);
    assert!(
        kept().contains("token two") && !kept().contains("token one"),
        "{}",
        kept()
    );
    let mechanisms: Vec<String> = sign_ins(&fake).into_iter().map(|(mechanism, _)| mechanism).collect();
    assert_eq!(mechanisms, ["SCRAM-SHA-1", "HT-SHA-256-NONE", "HT-SHA-256-NONE"]);
    // One that is refused is forgotten without a word, and the password asks for another.
    fake.script(|script| script.modern.as_mut().unwrap().token = "token three");
    fake.cut();
    settle(&fake, &mut grend, 4);
    grend.restart();
    settle(&fake, &mut grend, 5);
    assert!(kept().contains("token three"), "{}", kept());
    let mechanisms: Vec<String> = sign_ins(&fake)
        .into_iter()
        .skip(3)
        .map(|(mechanism, _)| mechanism)
        .collect();
    assert_eq!(mechanisms, ["HT-SHA-256-NONE", "SCRAM-SHA-1", "HT-SHA-256-NONE"]);
    assert!(grend.events().iter().all(|event| event["connection"] != "stopped"));
    grend.must(json!({"do": "sign_out", "account": 1}));
    assert!(!kept().contains("token"), "{}", kept());
    grend.quit();
    let logs = std::fs::read_dir(folder.path()).unwrap().flatten();
    for log in logs.filter(|entry| entry.path().extension().is_some_and(|it| it == "log")) {
        let log = std::fs::read_to_string(log.path()).unwrap();
        assert!(!log.contains("token "), "{log}");
    }
}

#[test]
fn a_token_that_is_never_answered_is_not_shown_again() {
    let fake = Fake::start(modern());
    let (mut grend, folder) = at_home(&fake);
    fake.script(|script| script.modern.as_mut().unwrap().chokes_on_tokens = true);
    fake.cut();
    let silent =
        |event: &Value| event["connection"] == "waiting" && event["error"]["text"].to_string().contains("not answer");
    grend.expect_event(PATIENCE * 2, silent);
    grend.must(json!({"do": "network_changed"}));
    settle(&fake, &mut grend, 2);
    let mechanisms: Vec<String> = sign_ins(&fake).into_iter().map(|(mechanism, _)| mechanism).collect();
    assert_eq!(mechanisms, ["SCRAM-SHA-1", "HT-SHA-256-NONE", "SCRAM-SHA-1"]);
    // The next one it got is good again.
    fake.script(|script| script.modern.as_mut().unwrap().chokes_on_tokens = false);
    grend.restart();
    settle(&fake, &mut grend, 3);
    assert_eq!(sign_ins(&fake).last().unwrap().0, "HT-SHA-256-NONE");
    grend.must(json!({"do": "sign_out", "account": 1}));
    let kept = std::fs::read_to_string(folder.path().join("passwords.json")).unwrap();
    assert!(!kept.contains("token"), "{kept}");
}

/// The attribute of the last sign-in that gives a token up.
fn given_up(fake: &Fake) -> Option<String> {
    let heard = fake.heard();
    let last = heard.iter().rfind(|element| element.name() == "authenticate")?;
    let fast = last.children().find(|child| child.name() == "fast")?;
    fast.attr("invalidate").map(ToOwned::to_owned)
}

#[test]
fn who_signs_out_gives_the_token_up() {
    let fake = Fake::start(modern());
    let (mut grend, folder) = at_home(&fake);
    let kept = || std::fs::read_to_string(folder.path().join("passwords.json")).unwrap();
    assert!(kept().contains("token one"));
    grend.must(json!({"do": "sign_out", "account": 1}));
    assert_eq!(given_up(&fake).as_deref(), Some("true"));
    assert!(!kept().contains("token"), "{}", kept());
    // A server that does not take it, and one that is away, keep nobody signed in.
    fake.script(|script| script.modern.as_mut().unwrap().chokes_on_tokens = true);
    for away in [false, true] {
        let connections = fake.connections();
        let account = grend.must(fake.sign_in())["account"].as_i64().unwrap();
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        if away {
            fake.script(|script| script.mechanisms = vec!["X-AWAY"]);
            fake.cut();
            grend.expect_event(PATIENCE, |event| event["connection"] == "stopped");
        }
        let before = fake.connections();
        grend.must(json!({"do": "sign_out", "account": account}));
        assert!(fake.connections() > connections);
        assert_eq!(fake.connections() - before, usize::from(!away), "only who is online");
        assert!(!kept().contains("token"), "{}", kept());
        assert_eq!(grend.must(json!({"do": "accounts"}))["accounts"], json!([]));
    }
}

#[test]
fn h37_a_server_that_takes_a_token_without_knowing_it() {
    let fake = Fake::start(modern());
    let (mut grend, _folder) = at_home(&fake);
    fake.script(|script| script.honest = false);
    fake.cut();
    let stopped = grend.expect_event(PATIENCE, |event| event["connection"] == "stopped");
    assert_eq!(stopped["error"]["kind"], "certificate", "{stopped}");
    grend.quit();
}

/// A Prosody with Debian's community modules, somebody there, and the way she comes.
struct Family {
    server: Server,
    user: User,
    way: Proxy,
}

impl Family {
    fn new(bindings: &[&'static str]) -> Self {
        let options = Options {
            bindings: bindings.to_vec(),
            modern: true,
            debug_log: true,
            ..Options::default()
        };
        let server = Server::start(Kind::Prosody, options);
        let user = server.add_user("anna", "secret");
        let way = Proxy::to(server.tls_port());
        Self { server, user, way }
    }

    fn request(&self) -> Value {
        let mut request = sign_in(&self.server, &self.user);
        request["port"] = self.way.port().into();
        request["tls"] = "direct".into();
        request
    }

    /// Cuts the way, leads it to the server, and waits until she is back.
    fn again(&self, grend: &mut Headless) {
        let before = self.way.connected();
        self.way.lead_to(self.server.tls_port());
        grend.must(json!({"do": "network_changed"}));
        self.way.await_connected(before + 1);
        grend.must(json!({"do": "wait_online", "account": 1}));
    }

    /// How often somebody signed in with a token, and how often one was given.
    fn tokens(&self) -> (usize, usize) {
        let log = self.server.log();
        let count = |words| log.matches(words).count();
        (
            count("Client is authenticating using FAST"),
            count("Provided new FAST token"),
        )
    }
}

#[test]
fn prosody_with_its_community_modules() {
    for (bindings, mechanism) in [(&[][..], "HT-SHA-256-NONE"), (&["tls-exporter"], "HT-SHA-256-EXPR")] {
        let family = Family::new(bindings);
        let folder = tempfile::tempdir().unwrap();
        let mut grend = Headless::start(folder.path());
        grend.must(family.request());
        grend.must(json!({"do": "wait_caught_up", "account": 1}));
        assert_eq!(family.tokens(), (0, 1));
        let kept = std::fs::read_to_string(folder.path().join("passwords.json")).unwrap();
        assert!(kept.contains(mechanism), "{kept}");
        family.again(&mut grend);
        family.again(&mut grend);
        // A try that was cut short showed its token too.
        let (shown, given) = family.tokens();
        assert!(shown >= 2 && given == 1, "{shown} {given}");
        let chat = grend.open(1, &family.user.address);
        let message = grend.send(chat, "to myself");
        grend.expect_state(message, "sent");
        // A token that the server forgot: the password, another token, no alarm.
        family.server.forget_tokens();
        family.again(&mut grend);
        let (shown_then, given) = family.tokens();
        assert!(shown_then > shown && given == 2, "{shown} {shown_then} {given}");
        assert!(grend.events().iter().all(|event| event["connection"] != "stopped"));
        // Signed out, the server has nothing left that would let anybody in.
        assert!(
            family.server.tokens().contains("secret-token"),
            "{}",
            family.server.tokens()
        );
        grend.must(json!({"do": "sign_out", "account": 1}));
        assert!(
            !family.server.tokens().contains("secret-token"),
            "{}",
            family.server.tokens()
        );
        grend.quit();
    }
}

#[test]
fn h38_a_token_is_not_shown_to_who_stands_in_between() {
    let family = Family::new(&["tls-exporter"]);
    let folder = tempfile::tempdir().unwrap();
    let mut grend = Headless::start(folder.path());
    grend.must(family.request());
    family.again(&mut grend);
    assert_eq!(family.tokens(), (1, 1));
    let between = Interceptor::before(&family.server);
    between.edit(|text| {
        let text = text
            .replace("-PLUS</mechanism>", "-X</mechanism>")
            .replace("HT-SHA-256-EXPR", "HT-SHA-256-X");
        text.replace("urn:xmpp:sasl-cb:0", "urn:example:nothing")
    });
    family.way.lead_to(between.port());
    let stopped = grend.expect_event(PATIENCE, |event| event["connection"] == "stopped");
    assert_eq!(stopped["error"]["kind"], "certificate", "{stopped}");
    assert!(!between.heard().contains("<auth"), "{}", between.heard());
    // Passed on word for word, what it hears is of use on no other connection.
    let between = Interceptor::before(&family.server);
    family.way.lead_to(between.port());
    grend.must(json!({"do": "network_changed"}));
    let stopped = grend.expect_event(PATIENCE, |event| event["connection"] == "stopped");
    assert_eq!(stopped["error"]["kind"], "certificate", "{stopped}");
    let heard = between.heard();
    assert!(
        !heard.contains("HT-SHA-256-NONE") && !heard.contains("mechanism='SCRAM-SHA-1'"),
        "{heard}"
    );
    // Among those whom she trusts she goes on by herself.
    family.again(&mut grend);
    grend.quit();
}
