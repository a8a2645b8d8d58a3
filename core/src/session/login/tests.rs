//! Signing in to a scripted server, over a connection in memory.

#![allow(clippy::format_collect, reason = "short scripts")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::super::offer::Kind;
use super::super::scram::Hash;
use super::*;

fn offered() -> Element {
    let list = "<mechanism>SCRAM-SHA-1</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism>";
    format!(
        "<features xmlns='{}'><mechanisms xmlns='{}'>{list}</mechanisms></features>",
        ns::STREAM,
        ns::SASL
    )
    .parse()
    .unwrap()
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
async fn against(script: &[Answer]) -> (Result<Attempt, Cause>, Vec<String>, usize) {
    held_to(&Pins::default(), script).await
}

/// The same for an account that remembers.
async fn held_to(pins: &Pins, script: &[Answer]) -> (Result<Attempt, Cause>, Vec<String>, usize) {
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
    let offer = Offer::read(&offered());
    let bindings = Bindings::both();
    let mut tries = Tries {
        left: offer.plan(&bindings, pins, false).unwrap(),
        ..Tries::default()
    };
    let account = Account {
        username: "alice",
        password: "pencil",
    };
    let client = async {
        let ways = Ways {
            offer: &offer,
            account,
            token: None,
            along: Along {
                pins,
                bindings: &bindings,
                wish: None,
                gives_up_token: false,
            },
        };
        let exchanged = exchange(&mut stream, &ways, &mut tries).await;
        let result = exchanged.map(|(attempt, _)| attempt);
        let result = result.map_err(|(_, failed)| tries.verdict(failed, pins));
        (result, tries.left.len())
    };
    let server = async {
        let server = theirs.play(script).await;
        server.seen
    };
    let ((result, left), seen) = futures::join!(client, server);
    (result, seen, left)
}

const EXPORTER: &str = "SCRAM-SHA-1-PLUS p=tls-exporter,,n=alice";
const END_POINT: &str = "SCRAM-SHA-1-PLUS p=tls-server-end-point,,n=alice";
const UNBOUND: &str = "SCRAM-SHA-1 n,,n=alice";

#[tokio::test]
async fn an_honest_server_lets_us_in_at_once() {
    for in_success in [true, false] {
        let (result, seen, _) = against(&[Answer::Honest { in_success }]).await;
        assert_eq!(result, Ok(Attempt::Bound(Hash::Sha1, Kind::Exporter)));
        assert_eq!(seen, [EXPORTER]);
    }
}

#[tokio::test]
async fn a_server_that_offers_a_binding_and_refuses_it_gets_the_next() {
    let honest = Answer::Honest { in_success: true };
    let (result, seen, _) = against(&[Answer::Deny("not-authorized"), honest]).await;
    assert_eq!(result, Ok(Attempt::Bound(Hash::Sha1, Kind::EndPoint)));
    assert_eq!(seen, [EXPORTER, END_POINT]);
    let script = [
        Answer::Deny("malformed-request"),
        Answer::Deny("not-authorized"),
        honest,
    ];
    let (result, seen, _) = against(&script).await;
    assert_eq!(result, Ok(Attempt::Unbound(Hash::Sha1, false)));
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

#[tokio::test]
async fn h38_who_was_bound_once_does_not_sign_in_unbound() {
    let bound = Pins {
        bound: true,
        ..Pins::default()
    };
    // The binding does not fit, or the kind is unknown; no server says it in the same word.
    for word in ["malformed-request", "invalid-mechanism", "aborted"] {
        let (result, seen, left) = held_to(&bound, &[Answer::Deny(word); 2]).await;
        assert_eq!(result, Err(Certificate::Unbound.into()), "{word}");
        assert_eq!((seen, left), (vec![EXPORTER.to_owned(), END_POINT.to_owned()], 0));
    }
    // A wrong password stays one, also if the server knows one kind only.
    for script in [
        ["not-authorized", "not-authorized"],
        ["not-authorized", "malformed-request"],
        ["malformed-request", "not-authorized"],
    ] {
        let (result, ..) = held_to(&bound, &script.map(Answer::Deny)).await;
        assert_eq!(result, Err(Cause::Authentication), "{script:?}");
    }
}

#[test]
fn h37_scrams_own_word_for_a_binding_that_was_cut_out() {
    let failed = |word: &str| Failed::from_scram(Refusal::Server(word.to_owned()));
    let cut = failed("server-does-support-channel-binding");
    assert_eq!(Cause::from(cut), Certificate::Tampered.into());
    assert!(!failed("channel-bindings-dont-match").is_wrong_password());
    assert_eq!(Cause::from(failed("invalid-proof")), Cause::Authentication);
}
