//! Signing in to a scripted server, over a connection in memory.

#![allow(clippy::format_collect, reason = "short scripts")]

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

fn features(mechanisms: &[&str], bindings: Option<&[&str]>) -> Element {
    let list = mechanisms
        .iter()
        .map(|name| format!("<mechanism>{name}</mechanism>"))
        .collect::<Vec<_>>()
        .concat();
    let bindings = bindings.map_or_else(String::new, |kinds| {
        let kinds: String = kinds
            .iter()
            .map(|kind| format!("<channel-binding type='{kind}'/>"))
            .collect();
        format!(
            "<sasl-channel-binding xmlns='{}'>{kinds}</sasl-channel-binding>",
            ns::SASL_CB
        )
    });
    format!(
        "<features xmlns='{}'><mechanisms xmlns='{}'>{list}</mechanisms>{bindings}</features>",
        ns::STREAM,
        ns::SASL
    )
    .parse()
    .unwrap()
}

fn both() -> Bindings {
    Bindings {
        exporter: Some(vec![1; 32]),
        end_point: Some(vec![2; 32]),
    }
}

/// The plan in the order of the attempts.
fn planned(features: &Element, bindings: &Bindings) -> Vec<Attempt> {
    let mut plan = plan(features, bindings, false).unwrap();
    plan.reverse();
    plan
}

#[test]
fn bound_comes_before_unbound_and_strong_before_weak() {
    use Attempt::{Bound, Unbound};
    let all = [
        "PLAIN",
        "SCRAM-SHA-1",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-512",
        "X-OTHER",
    ];
    let unbound = Unbound(Hash::Sha512, false);
    let exporter = Bound(Hash::Sha256, Kind::Exporter);
    let end_point = Bound(Hash::Sha256, Kind::EndPoint);
    assert_eq!(planned(&features(&all, None), &both()), [exporter, end_point, unbound]);
    let named = features(&all, Some(&["tls-server-end-point", "tls-unique"]));
    assert_eq!(planned(&named, &both()), [end_point, unbound]);
    let foreign = features(&all, Some(&["tls-unique"]));
    assert_eq!(planned(&foreign, &both()), [unbound]);
    let tls_1_2 = Bindings {
        exporter: None,
        ..both()
    };
    assert_eq!(planned(&features(&all, None), &tls_1_2), [end_point, unbound]);
}

#[test]
fn only_who_saw_no_offer_says_so() {
    let plain_scram = features(&["SCRAM-SHA-1", "PLAIN"], None);
    assert_eq!(planned(&plain_scram, &both()), [Attempt::Unbound(Hash::Sha1, true)]);
    let without = Bindings::default();
    assert_eq!(planned(&plain_scram, &without), [Attempt::Unbound(Hash::Sha1, false)]);
}

#[test]
fn the_password_itself_goes_out_only_if_allowed() {
    let only_plain = features(&["PLAIN"], None);
    let Err(Cause::Refused(why)) = plan(&only_plain, &both(), false) else {
        panic!("a plan for PLAIN");
    };
    assert_eq!(why, Refused::OnlyPlain);
    assert_eq!(plan(&only_plain, &both(), true), Ok(vec![Attempt::Plain]));
    let scram_too = features(&["PLAIN", "SCRAM-SHA-1"], None);
    assert_eq!(
        plan(&scram_too, &both(), true),
        Ok(vec![Attempt::Unbound(Hash::Sha1, true)])
    );
    for nothing in [features(&["DIGEST-MD5"], None), Element::bare("features", ns::STREAM)] {
        assert_eq!(plan(&nothing, &both(), true).unwrap_err().kind(), "refused");
    }
}

/// What a scripted server does with an attempt.
#[derive(Clone, Copy)]
enum Answer {
    /// Plays by the rules, with the proof in `<success/>` or in a challenge of its own.
    Honest {
        in_success: bool,
    },
    WrongSignature,
    NoSignature,
    Deny(&'static str),
    HangUp,
}

struct Server {
    io: DuplexStream,
    /// The first messages of the attempts it saw, each after its mechanism.
    seen: Vec<String>,
}

impl Server {
    async fn write(&mut self, name: &str, message: &str) {
        let text = format!("<{name} xmlns='{}'>{}</{name}>", ns::SASL, BASE64.encode(message));
        self.io.write_all(text.as_bytes()).await.unwrap();
    }

    /// The next element's mechanism, if any, and its message.
    async fn read(&mut self) -> (String, String) {
        let mut text = Vec::new();
        while !text.ends_with(b"</auth>") && !text.ends_with(b"</response>") && !text.ends_with(b"/>") {
            assert_ne!(self.io.read_buf(&mut text).await.unwrap(), 0);
        }
        let text = String::from_utf8(text).unwrap();
        let mechanism = text
            .split("mechanism='")
            .nth(1)
            .and_then(|rest| rest.split('\'').next());
        let message = text.rsplit("</").nth(1).and_then(|rest| rest.rsplit('>').next());
        let message = BASE64.decode(message.unwrap_or_default()).unwrap();
        (
            mechanism.unwrap_or_default().to_owned(),
            String::from_utf8(message).unwrap(),
        )
    }

    async fn play(mut self, script: &[Answer]) -> Self {
        for answer in script {
            let (mechanism, first) = self.read().await;
            self.seen
                .push(format!("{mechanism} {}", first.split(",r=").next().unwrap()));
            let bare = first.splitn(3, ',').nth(2).unwrap();
            let nonce = first.rsplit("r=").next().unwrap();
            let server_first = format!("r={nonce}server,s=c2FsdA==,i=2");
            self.write("challenge", &server_first).await;
            let (_, client_final) = self.read().await;
            let without_proof = client_final.rsplit_once(",p=").unwrap().0;
            let signature = BASE64.encode(signature(&format!("{bare},{server_first},{without_proof}")));
            match answer {
                Answer::Honest { in_success: true } => self.write("success", &format!("v={signature}")).await,
                Answer::Honest { in_success: false } => {
                    self.write("challenge", &format!("v={signature}")).await;
                    assert_eq!(self.read().await.1, "");
                    self.write("success", "").await;
                }
                Answer::WrongSignature => self.write("success", "v=AAAA").await,
                Answer::NoSignature => self.write("success", "").await,
                Answer::Deny(condition) => {
                    let text = format!("<failure xmlns='{}'><{condition}/></failure>", ns::SASL);
                    self.io.write_all(text.as_bytes()).await.unwrap();
                }
                Answer::HangUp => break,
            }
        }
        self
    }
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn signature(signed: &str) -> Vec<u8> {
    let mut salted = [0; 20];
    pbkdf2::pbkdf2_hmac::<Sha1>(b"pencil", b"salt", 2, &mut salted);
    hmac(&hmac(&salted, b"Server Key"), signed.as_bytes())
}

/// Signs in to a scripted server that offers SCRAM-SHA-1 and its PLUS: the result, what the server saw, what is
/// left of the plan.
async fn against(script: &[Answer]) -> (Result<String, Cause>, Vec<String>, usize) {
    let (ours, mut theirs) = duplex(4096);
    let header = format!(
        "<stream:stream xmlns='jabber:client' xmlns:stream='{}' version='1.0' id='1'>",
        ns::STREAM
    );
    theirs.write_all(header.as_bytes()).await.unwrap();
    let mut stream = Stream::new(ours);
    stream.open("family.example", None).await.unwrap();
    stream.flush().await.unwrap();
    let mut theirs = Server {
        io: theirs,
        seen: Vec::new(),
    };
    let mut head = Vec::new();
    while !head.ends_with(b"version='1.0'>") {
        theirs.io.read_buf(&mut head).await.unwrap();
    }
    let mut plan = plan(&features(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], None), &both(), false).unwrap();
    let account = Account {
        username: "alice",
        password: "pencil",
    };
    let client = async {
        let bindings = both();
        let result = exchange(&mut stream, &mut plan, &bindings, account).await;
        result.map_err(Cause::from)
    };
    let server = async {
        let server = theirs.play(script).await;
        server.seen
    };
    let (result, seen) = futures::join!(client, server);
    (result, seen, plan.len())
}

const EXPORTER: &str = "SCRAM-SHA-1-PLUS p=tls-exporter,,n=alice";
const END_POINT: &str = "SCRAM-SHA-1-PLUS p=tls-server-end-point,,n=alice";
const UNBOUND: &str = "SCRAM-SHA-1 n,,n=alice";

#[tokio::test]
async fn an_honest_server_lets_us_in_at_once() {
    for in_success in [true, false] {
        let (result, seen, _) = against(&[Answer::Honest { in_success }]).await;
        assert_eq!(result.as_deref(), Ok("SCRAM-SHA-1-PLUS tls-exporter"));
        assert_eq!(seen, [EXPORTER]);
    }
}

#[tokio::test]
async fn a_server_that_offers_a_binding_and_refuses_it_gets_the_next() {
    let honest = Answer::Honest { in_success: true };
    let (result, seen, _) = against(&[Answer::Deny("not-authorized"), honest]).await;
    assert_eq!(result.as_deref(), Ok("SCRAM-SHA-1-PLUS tls-server-end-point"));
    assert_eq!(seen, [EXPORTER, END_POINT]);
    let script = [
        Answer::Deny("malformed-request"),
        Answer::Deny("not-authorized"),
        honest,
    ];
    let (result, seen, _) = against(&script).await;
    assert_eq!(result.as_deref(), Ok("SCRAM-SHA-1"));
    assert_eq!(seen, [EXPORTER, END_POINT, UNBOUND]);
}

#[tokio::test]
async fn a_wrong_password_is_told_after_every_binding_had_its_turn() {
    let (result, seen, _) = against(&[Answer::Deny("not-authorized"); 3]).await;
    assert_eq!(result, Err(Cause::Authentication));
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn what_is_not_about_the_mechanism_ends_at_once() {
    let (result, seen, _) = against(&[Answer::Deny("account-disabled")]).await;
    assert_eq!((result.unwrap_err().kind(), seen.len()), ("refused", 1));
    let (result, seen, _) = against(&[Answer::Deny("temporary-auth-failure")]).await;
    assert_eq!((result, seen.len()), (Err(Network::Silent.into()), 1));
}

#[tokio::test]
async fn a_server_without_proof_is_not_trusted() {
    let (result, seen, _) = against(&[Answer::WrongSignature]).await;
    assert_eq!((result, seen.len()), (Err(Certificate::Unproven.into()), 1));
    let (result, seen, _) = against(&[Answer::NoSignature]).await;
    assert_eq!((result, seen.len()), (Err(Refused::Rules.into()), 1));
}

#[tokio::test]
async fn a_hang_up_leaves_the_rest_of_the_plan_for_a_new_connection() {
    let (result, _, left) = against(&[Answer::HangUp]).await;
    assert_eq!((result, left), (Err(Network::Lost.into()), 2));
}
