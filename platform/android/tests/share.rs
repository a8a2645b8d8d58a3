//! What comes from other programs and goes to them: shared texts, and links.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Handset, SMALL, family};
use grend_android::shell::{Input, Look, Phase, Press};
use grend_app::app::Message;
use grend_app::host::Wish;
use grend_app::screen::{conversation, home};
use grend_core::model::{ChatId, State as Stand};
use iced_core::keyboard::key::Named;

const QUESTION: &str = "Send this to whom?";

fn look() -> Look {
    Look {
        density: 1.5,
        ..Look::default()
    }
}

fn signed_in() -> Handset {
    let mut phone = Handset::new(SMALL, look());
    phone.sign_in();
    phone
}

fn wish(phone: &mut Handset, wish: Wish) {
    phone.message(Message::Wish(wish));
    phone.pass(100);
}

fn share(phone: &mut Handset, text: &str) {
    wish(phone, Wish::Share(text.to_owned()));
}

/// A finger opens a chat, and the map learns of it.
fn visit(phone: &mut Handset, name: &str, chat: i64) {
    phone.tap(name);
    let _ = phone.map.update(Message::Home(home::Message::Open(ChatId(chat))));
    phone.tap("#composer");
}

/// The way back, on the phone and on the map.
fn back(phone: &mut Handset, means: Message) {
    phone.tell(Input::Back);
    let _ = phone.map.update(means);
    phone.pass(300);
}

#[test]
fn a_shared_text_stands_behind_the_draft_of_whom_it_is_for() {
    let mut phone = signed_in();
    phone.open();
    let text = "Se her!\r\nhttps://bilder.familien.example/hagen\u{0}\u{7}";
    share(&mut phone, text);
    phone.photograph("share");
    // The question stands above the list, whatever was open.
    phone.place(QUESTION);
    visit(&mut phone, "Bestefar", 5);
    phone.photograph("shared");
    assert_eq!(
        phone.field(),
        "Husk å ta med\nSe her!\nhttps://bilder.familien.example/hagen"
    );
    // Asked once: whom one visits next gets nothing.
    back(&mut phone, Message::Conversation(conversation::Message::Back));
    visit(&mut phone, "Bestemor", 1);
    assert_eq!(phone.field(), "");
}

/// Nothing answers here: the list has the draft of the moment before.
#[test]
fn what_was_typed_a_moment_before_stands_there_too() {
    let mut phone = signed_in();
    visit(&mut phone, "Bestemor", 1);
    phone.keyboard(|typing| typing.compose("Hei"));
    share(&mut phone, "Se her");
    visit(&mut phone, "Bestemor", 1);
    assert_eq!(phone.field(), "Hei\nSe her");
    phone.tell(Input::Press(Press::named(Named::End)));
    phone.tap("#send");
    back(&mut phone, Message::Conversation(conversation::Message::Back));
    visit(&mut phone, "Bestemor", 1);
    assert_eq!(phone.field(), "", "what was sent is not there once more");
}

#[test]
fn the_way_back_gives_it_up_and_a_notice_does_not_answer_the_question() {
    let mut phone = signed_in();
    let list = phone.glass.sum();
    share(&mut phone, "Til hvem?");
    assert_ne!(phone.glass.sum(), list);
    back(&mut phone, Message::GiveUpSharing);
    assert_eq!(*phone.asked.left.lock().unwrap(), 0);
    assert_eq!(phone.glass.sum(), list, "the list is as it was");
    share(&mut phone, "Til hvem?");
    wish(&mut phone, Wish::Open(ChatId(1)));
    phone.tap("#composer");
    assert_eq!(phone.field(), "");
    back(&mut phone, Message::Conversation(conversation::Message::Back));
    visit(&mut phone, "Bestefar", 5);
    assert_eq!(phone.field(), "Husk å ta med\nTil hvem?");
}

#[test]
fn what_is_no_message_is_not_made_one() {
    let mut phone = signed_in();
    let list = phone.glass.sum();
    share(&mut phone, " \n\u{0} ");
    assert_eq!(phone.glass.sum(), list, "nothing is nothing");
    share(&mut phone, &"å".repeat(20_001));
    phone.photograph("share-too-long");
    phone.place("#share-give-up");
    visit(&mut phone, "Bestemor", 1);
    assert_eq!(phone.field(), "");
    // What was too long is still the question.
    back(&mut phone, Message::Conversation(conversation::Message::Back));
    share(&mut phone, &"å".repeat(20_000));
    visit(&mut phone, "Bestemor", 1);
    assert_eq!(phone.field().chars().count(), 20_000);
}

#[test]
fn a_whole_message_goes_to_another_program_and_not_to_the_clipboard() {
    let mut phone = signed_in();
    phone.open();
    phone.letters(vec![family::letter(
        1,
        false,
        "Det gjør vi gjerne",
        family::NOW,
        Stand::Received,
    )]);
    phone.tell(Input::Share);
    let at = phone.place("Det gjør vi gjerne");
    phone.finger(Phase::Down, at);
    phone.pass(600);
    phone.finger(Phase::Up, at);
    phone.tell(Input::Share);
    phone.tell(Input::Press(Press::command('a')));
    phone.tell(Input::Share);
    assert_eq!(*phone.asked.shared.lock().unwrap(), ["vi", "Det gjør vi gjerne"]);
    assert_eq!(*phone.asked.clipboard.lock().unwrap(), None);
}
