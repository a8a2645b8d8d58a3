//! What the fuzzers of `tests/fuzz` call: foreign bytes go where they go in life, and what must hold of any of them is
//! asserted. Compiled for fuzzers and for tests, which replay the committed corpora.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::print_stdout,
    reason = "a fuzzer and a test fail by panicking"
)]

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use futures::FutureExt as _;
use minidom::Element;
use minidom::rxml::{Namespace, NcName};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use xmpp_parsers::ns;

use super::archive::{Fill, Sync};
use super::scram::{Account, Binding, Hash, Refusal, Scram};
use super::stream::{End, Incoming as Arrival, Stream};
use super::work::{self, Work};
use crate::archive;
use crate::incoming::Context;
use crate::model::{ChatId, Message, Window};
#[cfg(fuzzing)]
use crate::store;
use crate::store::{Tx, archives, chats, contacts, messages};
use crate::testing::{NOW, Who, World};

const HEADER: &str = "<?xml version='1.0'?><stream:stream from='a.example' id='1' version='1.0' \
                      xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const ANNA: &str = "anna@a.example";
const OLA: &str = "ola@b.example";
const EVE: &str = "eve@evil.example/x";

/// A peer that says all of this, so many bytes at a time, and hangs up. What it hears it forgets.
struct Monologue<'a> {
    bytes: &'a [u8],
    piece: usize,
    heard: Vec<u8>,
}

impl AsyncRead for Monologue<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Cx<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = self.piece.min(buf.remaining()).min(self.bytes.len());
        let (now, later) = self.bytes.split_at(count);
        buf.put_slice(now);
        self.bytes = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Monologue<'_> {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Cx<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.heard.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Everything that a stream makes of these bytes, and how it ends.
fn read(bytes: &[u8], piece: usize) -> (Vec<Arrival>, End) {
    let heard = Vec::new();
    let mut stream = Stream::new(Monologue { bytes, piece, heard });
    let opened = stream.open("a.example", None).now_or_never();
    let mut arrivals = Vec::new();
    if let Err(end) = opened.expect("nobody waits") {
        return (arrivals, end);
    }
    loop {
        match stream.next().now_or_never().expect("nobody waits") {
            Ok(arrival) => arrivals.push(arrival),
            Err(end) => return (arrivals, end),
        }
    }
}

/// What stands on a stream behind an honest header.
fn elements(bytes: &[u8]) -> Vec<Element> {
    let (arrivals, _) = read(&[HEADER.as_bytes(), bytes].concat(), usize::MAX);
    let elements = arrivals.into_iter().filter_map(|arrival| match arrival {
        Arrival::Element(element) => Some(element),
        Arrival::Dropped { .. } => None,
    });
    elements.collect()
}

/// The reader of streams. With a `!` in front the header is part of it.
///
/// However the network cuts the bytes, they mean the same; and what was read can be written and is read again as it was,
/// so that no two parsers on the way see two different stanzas.
pub fn stream(data: &[u8]) {
    let whole = match data.strip_prefix(b"!") {
        Some(whole) => whole.to_vec(),
        None => [HEADER.as_bytes(), data].concat(),
    };
    let (arrivals, end) = read(&whole, usize::MAX);
    for piece in [1, 7] {
        let (again, end_again) = read(&whole, piece);
        assert_eq!(again, arrivals, "read {piece} bytes at a time");
        // Of two things that are wrong either may be told, and what is wrong at the very end may go unnoticed.
        let is_said = |end: &End| matches!(end, End::Error { .. });
        assert!(
            end == end_again || !(is_said(&end) || is_said(&end_again)),
            "{end} or {end_again}"
        );
    }
    for arrival in arrivals {
        if let Arrival::Element(element) = arrival
            && let Some(written) = written(&element)
        {
            assert_eq!(elements(&written), [element], "written and read again");
        }
    }
}

/// The bytes with which we would say this, if it can be said.
fn written(element: &Element) -> Option<Vec<u8>> {
    let mut stream = Stream::new(Monologue {
        bytes: HEADER.as_bytes(),
        piece: usize::MAX,
        heard: Vec::new(),
    });
    let opened = stream.open("a.example", None).now_or_never();
    opened.expect("nobody waits").expect("an honest header");
    stream.flush().now_or_never().expect("nobody waits").unwrap();
    let before = stream.get_ref().heard.len();
    stream.send_element(element).ok()?;
    stream.flush().now_or_never().expect("nobody waits").unwrap();
    stream.get_ref().heard.get(before..).map(<[u8]>::to_vec)
}

thread_local! {
    /// Anna, who has written with Ola.
    static HOME: RefCell<(World, Who, ChatId)> = RefCell::new(home());
}

fn home() -> (World, Who, ChatId) {
    let (mut world, [anna, ola]) = World::of_friends([ANNA, OLA]);
    world.say(anna, ola, "hei");
    world.settle();
    world.say(ola, anna, "hei selv");
    world.settle();
    world.trust_ids(anna, false);
    let chat = world.chat(anna, ola);
    (world, anna, chat)
}

fn at_home(f: impl FnOnce(&mut Tx<'_>, &Context, ChatId)) {
    HOME.with_borrow_mut(|(world, anna, chat)| world.dream(*anna, |tx, context| f(tx, context, *chat)));
}

/// Stanzas on a stream that is signed in, to rows. With an `e` in front they all come from Eve, a stranger; otherwise
/// they say themselves from whom they come, as only our own server may.
///
/// None of them makes the batch fail; and whatever Eve says, nothing between Anna and others is different afterwards.
pub fn stanza(data: &[u8]) {
    let (from_eve, data) = match data.strip_prefix(b"e") {
        Some(data) => (true, data),
        None => (false, data),
    };
    let mut stanzas = elements(data);
    if from_eve {
        for stanza in &mut stanzas {
            stanza.set_attr(Namespace::NONE, NcName::try_from("from").unwrap(), EVE);
        }
    }
    at_home(|tx, context, ola| {
        let before = known(tx, ola);
        let work = stanzas.into_iter().filter_map(|stanza| match stanza.name() {
            _ if !stanza.has_ns(ns::DEFAULT_NS) => None,
            "message" => Some(Work::Message {
                stanza,
                settles: true,
                moves: false,
            }),
            "presence" => Some(Work::Presence(stanza)),
            "iq" if !matches!(stanza.attr("type"), Some("result" | "error")) => Some(Work::Request(stanza)),
            _ => None,
        });
        let done = work::run(tx, context, work.collect(), true).expect("foreign bytes are no error");
        for reply in &done.replies {
            assert!(
                written(reply).is_some_and(|bytes| bytes.len() < 20_000),
                "an answer stays small"
            );
        }
        if from_eve {
            assert_eq!(known(tx, ola), before, "Eve changed what is none of hers");
        }
        readable(tx);
    });
}

/// What is none of Eve's: what was said with Ola, who is a contact, and how far the archive is known.
fn known(tx: &Tx<'_>, ola: ChatId) -> (Vec<Message>, Vec<String>, archives::Archive) {
    let contacts = contacts::all(tx).unwrap().into_iter();
    let contacts = contacts.filter(|it| !it.address.as_str().starts_with("eve@"));
    let account = chats::parties(tx, ola).unwrap().0;
    (
        timeline(tx, ola),
        contacts.map(|it| format!("{it:?}")).collect(),
        archives::get(tx, account).unwrap(),
    )
}

fn timeline(tx: &Tx<'_>, chat: ChatId) -> Vec<Message> {
    let (limit, before) = (1_000, None);
    messages::timeline(tx, chat, Window { limit, before }).unwrap().messages
}

/// What was stored can be shown.
fn readable(tx: &Tx<'_>) {
    for chat in chats::all(tx).unwrap() {
        timeline(tx, chat.id);
    }
}

/// Pages of the archive. The first byte says what is known before: nothing, the newest id, or all but what is older, and
/// somebody scrolls up. Then come messages with results, and last the answer that ends each page.
///
/// No page makes the store fail; and a server that always says the same is not asked for ever.
pub fn page(data: &[u8]) {
    let Some((first, data)) = data.split_first() else {
        return;
    };
    let mut answers = elements(data);
    let Some(last) = answers.pop() else { return };
    at_home(|tx, context, ola| {
        let newest_id = Some("a0".to_owned());
        let known = match first {
            b'f' => archives::Archive {
                newest_id,
                ..archives::Archive::default()
            },
            b's' => archives::Archive {
                newest_id,
                floor_id: Some("a0".to_owned()),
                floor_position: Some(NOW * 1000),
                ..archives::Archive::default()
            },
            _ => archives::Archive::default(),
        };
        archives::put(tx, context.account, &known).unwrap();
        let mut sync = Sync::default();
        sync.begin(known);
        // Kept: nobody fetches for a screen that is gone.
        let (done, _scrolled) = tokio::sync::oneshot::channel();
        if *first == b's' {
            let (chat, peer, before) = (ola, chats::parties(tx, ola).unwrap().1, None);
            sync.fill(Fill {
                chat,
                peer,
                before,
                done,
            });
        }
        for _ in 0..10 {
            let Some(question) = sync.next() else { break };
            for answer in &answers {
                sync.take(with_queryid(answer.clone(), question.attr("queryid").unwrap()));
            }
            let Some(page) = sync.answered(&last) else { continue };
            archive::store(tx, context, &page).expect("foreign bytes are no error");
            if matches!(page.purpose, archive::Purpose::Fill(_)) {
                sync.filled(page.fin.complete);
            }
        }
        assert!(sync.next().is_none(), "asks for ever");
        readable(tx);
    });
}

/// Only the server knows the name of the question.
fn with_queryid(mut message: Element, queryid: &str) -> Element {
    if let Some(result) = message.get_child_mut("result", ns::MAM) {
        result.set_attr(Namespace::NONE, NcName::try_from("queryid").unwrap(), queryid);
    }
    message
}

/// The server's side of SCRAM: its first message and, in the next line, its last.
///
/// Nobody who does not know the password is believed.
pub fn challenge(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (first, last) = text.split_once('\n').unwrap_or((text, ""));
    // Many rounds take a second each, and are not what is under test.
    let rounds = first.split(',').find_map(|field| field.strip_prefix("i="));
    if rounds.is_some_and(|rounds| (1_000..=1_000_000).contains(&rounds.parse().unwrap_or(0))) {
        return;
    }
    for hash in [Hash::Sha1, Hash::Sha256, Hash::Sha512] {
        let account = Account {
            username: "anna",
            password: "secret",
        };
        let scram = Scram::new(hash, account, Binding::NotOffered, String::new(), "abc".to_owned());
        let Ok((message, proven)) = scram.prove(first) else {
            continue;
        };
        assert!(message.starts_with("c=eSws,r=abc") && !message.contains("secret"));
        assert_ne!(proven.verify(last), Ok(()));
        assert_ne!(proven.verify(first), Ok(()));
        assert!(
            !matches!(proven.verify(last), Err(Refusal::Parameters)),
            "said too late"
        );
    }
}

/// A folder with an account that is not signed in and has one conversation, for the fuzzer of headless lines.
#[cfg(fuzzing)]
pub fn folder(folder: &std::path::Path) {
    let credentials = crate::model::Credentials {
        address: ANNA.parse().unwrap(),
        password: String::new(),
        host: None,
        ca: None,
    };
    let mut conn = store::in_folder(folder);
    let mut tx = Tx::begin(&mut conn).unwrap();
    let account = store::accounts::put(&mut tx, &credentials, "test", NOW).unwrap();
    let chat = chats::with(&mut tx, account, &OLA.parse().unwrap()).unwrap();
    crate::protocol::messages::send(&mut tx, chat, "hei").unwrap();
    drop(tx.commit().unwrap());
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::panic::catch_unwind;
    use std::path::Path;

    use super::*;

    /// Everything that the fuzzers kept, once more.
    fn replay(target: &str, run: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/fuzz/corpus")
            .join(target);
        let files: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        assert!(!files.is_empty(), "no corpus in {}", folder.display());
        for file in files {
            let bytes = fs::read(&file).unwrap();
            assert!(catch_unwind(|| run(&bytes)).is_ok(), "fails: {}", file.display());
        }
    }

    #[test]
    fn the_corpus_of_streams() {
        replay("stream", stream);
    }

    #[test]
    fn the_corpus_of_stanzas() {
        replay("stanza", stanza);
    }

    #[test]
    fn the_corpus_of_pages() {
        replay("page", page);
    }

    #[test]
    fn the_corpus_of_challenges() {
        replay("challenge", challenge);
    }
}
