//! The phone's shell with a core and a real server under it: signed in by touches and the keyboard on the screen, written
//! to, answered in the middle of a word, with the Activity gone in between.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Glass, Handset, USUAL, look};
use grend_android::shell::{Input, Press};
use grend_app::app::Message;
use grend_app::host::Wish;
use grend_app::screen::{home, welcome};
use grend_core::model::{Chat, State, Window};
use grend_core::{Config, Core, Nowhere};
use grend_tests::family::{Family, PASSWORD};
use grend_tests::{Kind, Peer, User};
use iced_core::Size;
use iced_core::keyboard::key::Named;
use iced_futures::futures::executor::block_on;
use serde_json::{Value, json};
use tempfile::tempdir;

const PATIENCE: Duration = Duration::from_secs(20);
/// The ground of a button that is filled, and of our own bubbles, light.
const ACCENT: [u8; 3] = [0x0A, 0x66, 0x54];
const MINE: [u8; 3] = [0xD6, 0xEF, 0xE5];

const SHARED: &str = "Se her: https://bilder.familien.example";

/// Types as keyboards do: a word grows, then it is taken.
fn type_in(phone: &mut Handset, text: &str) {
    for end in (1..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(3) {
        phone.keyboard(|typing| typing.compose(&text[..end]));
    }
    phone.keyboard(|typing| typing.commit(text));
}

/// The map learns what the program did, so that it knows where things stand.
fn map(phone: &mut Handset, message: Message) {
    let _ = phone.map.update(message);
}

fn sign_in(phone: &mut Handset, core: &Core, family: &Family, person: &User) {
    map(phone, Message::Accounts(Ok(Vec::new())));
    phone.until("the door", |phone| phone.glass.count(ACCENT) > 1000);
    phone.photograph("server-welcome");
    phone.tap("#door-address");
    map(phone, Message::Welcome(welcome::Message::Door));
    phone.pass(100);
    // The cursor stands in the first field already.
    type_in(phone, &person.address);
    phone.tap("#password");
    type_in(phone, PASSWORD);
    phone.tap("#advanced");
    map(phone, Message::Welcome(welcome::Message::Advanced));
    phone.pass(100);
    let server = &family.server;
    let fields = [
        ("#host", "127.0.0.1".to_owned()),
        ("#port", server.port().to_string()),
        ("#certificate", server.ca().display().to_string()),
    ];
    for (field, text) in fields {
        phone.tap(field);
        type_in(phone, &text);
    }
    phone.pass(100);
    phone.photograph("server-form");
    phone.tap("#sign-in");
    phone.until("signed in", |_| !block_on(core.accounts()).unwrap().is_empty());
    map(phone, Message::Accounts(block_on(core.accounts())));
}

fn chat_with(core: &Core, address: &str) -> Option<Chat> {
    let chats = block_on(core.chats()).unwrap();
    chats.into_iter().find(|chat| chat.address.as_str() == address)
}

/// The Activity is destroyed, and made again with another surface.
fn destroyed_and_made_again(phone: &mut Handset, while_gone: impl FnOnce(&mut Handset)) {
    phone.tell(Input::Watched(false));
    phone.tell(Input::NoSurface);
    while_gone(phone);
    let size = phone.glass.0.lock().unwrap().size;
    phone.glass = Glass::new(Size::new(size.width, size.height));
    phone.tell(Input::Look(look()));
    phone.give_surface();
    phone.tell(Input::Watched(true));
    phone.pass(100);
}

#[test]
fn a_phone_signs_in_is_written_to_and_answers_in_the_middle_of_a_word() {
    let family = Family::start(Kind::Prosody);
    let (anna, bjorn) = (family.person("anna"), family.person("bjorn"));
    let mut peer = Peer::online(&family.server, bjorn, "phone");
    let folder = tempdir().unwrap();
    let core = Core::open(Config {
        folder: folder.path().to_owned(),
        vault: Arc::new(Nowhere),
        dns: None,
    });
    let core = core.unwrap();
    let mut phone = Handset::on(Ok(core.clone()), "nb", USUAL, look());
    sign_in(&mut phone, &core, &family, anna);

    // Nobody looks at the chat yet, and it stands in the list.
    let question = peer.send(&anna.address, "Er du på vei? 🚲");
    phone.until("a chat with something new", |_| {
        chat_with(&core, &bjorn.address).is_some_and(|chat| chat.unread == 1)
    });
    let chat = chat_with(&core, &bjorn.address).unwrap();
    map(&mut phone, Message::Chats(block_on(core.chats())));
    map(&mut phone, Message::Contacts(block_on(core.contacts())));
    phone.pass(500);
    phone.photograph("server-chats");
    phone.tap(&chat.name);
    map(&mut phone, Message::Home(home::Message::Open(chat.id)));
    let newest = Window {
        limit: 60,
        before: None,
    };
    let timeline = block_on(core.timeline(chat.id, newest));
    map(&mut phone, Message::Timeline(chat.id, newest, timeline));
    // It is drawn, and so it is read.
    phone.meanwhile("the question is read", || {
        let read = |event: &Value| event["event"] == "marker" && event["of"] == question.as_str();
        peer.expect_event(PATIENCE, read)
    });
    phone.photograph("server-conversation");

    // A word is being composed when the Activity goes. The service lives on: what was typed is kept, what comes is told.
    phone.tap("#composer");
    type_in(&mut phone, "Ja, jeg er ");
    phone.keyboard(|typing| typing.compose("hjemm"));
    let mut second = String::new();
    destroyed_and_made_again(&mut phone, |phone| {
        phone.until("the draft is kept", |_| {
            chat_with(&core, &bjorn.address).unwrap().draft == "Ja, jeg er hjemm"
        });
        phone.desk.notices.lock().unwrap().clear();
        phone.glass.drawn();
        second = peer.send(&anna.address, "Hallo?");
        phone.until("it is told", |phone| {
            let told = phone.desk.notices.lock().unwrap();
            told.iter().flatten().any(|news| news.text.contains("Hallo?"))
        });
        assert_eq!(phone.glass.drawn(), 0, "nothing is drawn");
    });
    phone.meanwhile("the second question is read", || {
        let read = |event: &Value| event["event"] == "marker" && event["of"] == second.as_str();
        peer.expect_event(PATIENCE, read)
    });
    assert_eq!(phone.field(), "Ja, jeg er hjemm");
    phone.tell(Input::Press(Press::named(Named::End)));

    // Send is pressed in the middle of the next word, and the keyboard finishes its word afterwards, as keyboards do.
    phone.keyboard(|typing| typing.commit("e"));
    phone.keyboard(|typing| typing.commit(" "));
    phone.keyboard(|typing| typing.compose("stra"));
    phone.keyboard(|typing| typing.compose("straks"));
    phone.pass(100);
    phone.photograph("server-composing");
    let bubbles = phone.glass.count(MINE);
    phone.tap("#send");
    phone.keyboard(|typing| {
        typing.finish();
        Vec::new()
    });
    let answer = "Ja, jeg er hjemme straks";
    phone.meanwhile("the answer arrives", || peer.expect_message(answer));
    phone.until("the answer is seen", |phone| phone.glass.count(MINE) > bubbles);
    phone.until("it is known to have left", |_| {
        let letters = block_on(core.timeline(chat.id, newest)).unwrap().messages;
        letters.last().is_some_and(|last| last.state != State::Queued)
    });
    assert_eq!(phone.field(), "", "what was sent stands there no more");
    phone.pass(500);
    phone.photograph("server-answered");

    // Once: on the other side, in the archive, and here.
    peer.must(json!({"do": "ping"}));
    let heard = |event: &&Value| event["event"] == "message" && event["body"] == answer;
    assert_eq!(peer.events().iter().filter(heard).count(), 1);
    let kept = peer.archive(Some(&anna.address));
    let kept: Vec<_> = kept.iter().filter(|message| message["body"] == answer).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let ours = block_on(core.timeline(chat.id, newest)).unwrap().messages;
    assert_eq!(ours.iter().filter(|letter| letter.body == answer).count(), 1);
    assert_eq!(chat_with(&core, &bjorn.address).unwrap().draft, "");
    a_shared_text_is_kept_and_not_sent(&mut phone, &core, &chat);
    peer.must(json!({"do": "ping"}));
    assert!(!peer.events().iter().any(|event| event["body"] == SHARED));
    peer.send(&anna.address, "Ser du dette?");
    an_answer_in_a_notice_is_kept_before_the_phone_may_end_us(&mut phone, &core, &chat);
    peer.expect_message("Ja, fra varselet");
    drop(phone);
    block_on(core.stop());
}

/// Another program hands over a text, and a finger says for whom.
fn a_shared_text_is_kept_and_not_sent(phone: &mut Handset, core: &Core, chat: &Chat) {
    phone.message(Message::Wish(Wish::Share(SHARED.to_owned())));
    phone.pass(300);
    phone.photograph("server-share");
    phone.tap(&chat.name);
    phone.until("the text is kept", |_| {
        chat_with(core, chat.address.as_str()).is_some_and(|chat| chat.draft == SHARED)
    });
}

/// Nobody looks. When the wish is fulfilled, the process may be killed: the answer is a row by then, and the chat is read.
fn an_answer_in_a_notice_is_kept_before_the_phone_may_end_us(phone: &mut Handset, core: &Core, chat: &Chat) {
    phone.tell(Input::Watched(false));
    phone.tell(Input::NoSurface);
    phone.until("something is new", |_| {
        chat_with(core, chat.address.as_str()).is_some_and(|chat| chat.unread == 1)
    });
    phone.desk.fulfilled.lock().unwrap().clear();
    // Not to the map: it shares the desk, and has no core.
    let reply = Wish::Reply(chat.id, " Ja, fra varselet ".to_owned());
    phone.tell(Input::Message(Message::Wish(reply)));
    phone.until("the wish is fulfilled", |phone| {
        *phone.desk.fulfilled.lock().unwrap() == [chat.id]
    });
    let kept = chat_with(core, chat.address.as_str()).unwrap();
    assert_eq!((kept.preview.as_deref(), kept.unread), (Some("Ja, fra varselet"), 0));
}
