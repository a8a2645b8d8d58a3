//! Fingers on the glass: taps, scrolling that goes on, long presses, the way back.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Handset, SMALL, family, look};
use grend_android::shell::{Input, Phase};
use grend_app::app::Message;
use grend_core::model::State as Stand;
use iced_core::Point;

/// A phone with a conversation of 200 messages.
fn long_conversation() -> Handset {
    let mut phone = Handset::new(SMALL, look());
    phone.sign_in();
    phone.open();
    let letter = |id: i64| {
        let body = format!("Melding nummer {id} av mange");
        family::letter(
            id,
            id % 3 == 0,
            &body,
            family::NOW - (300 - id) * family::MINUTE,
            Stand::Received,
        )
    };
    phone.letters((1..=200).map(letter).collect());
    phone
}

#[test]
fn a_tap_opens_a_chat_and_the_way_back_leaves_it() {
    let mut phone = Handset::new(SMALL, look());
    phone.sign_in();
    let list = phone.glass.sum();
    phone.tap("Bestemor");
    let opened = phone.glass.sum();
    assert_ne!(list, opened);
    phone.tell(Input::Back);
    phone.pass(100);
    assert_eq!(*phone.asked.left.lock().unwrap(), 0);
    assert_eq!(phone.glass.sum(), list, "the list is as it was");
    phone.tell(Input::Back);
    assert_eq!(*phone.asked.left.lock().unwrap(), 1, "there is nothing to go back to");
}

#[test]
fn a_trembling_finger_taps_and_a_scrolling_one_does_not() {
    let mut phone = Handset::new(SMALL, look());
    phone.sign_in();
    let list = phone.glass.sum();
    let at = phone.place("Bestemor");
    phone.finger(Phase::Down, at);
    phone.finger(Phase::Move, Point::new(at.x, at.y + 30.0));
    phone.finger(Phase::Up, Point::new(at.x, at.y + 30.0));
    phone.pass(3000);
    assert_eq!(phone.glass.sum(), list);
}

#[test]
fn a_list_goes_on_after_the_finger_left_and_a_touch_stops_it() {
    let mut phone = long_conversation();
    let end = phone.glass.sum();
    let middle = Point::new(200.0, 450.0);
    phone.swipe(middle, 300.0, 100);
    let left = phone.glass.sum();
    assert_ne!(left, end, "it followed the finger");
    assert!(phone.pass(150) > 2);
    let flying = phone.glass.sum();
    assert_ne!(flying, left, "it flies on");
    phone.finger(Phase::Down, middle);
    phone.pass(20);
    let stopped = phone.glass.sum();
    phone.pass(200);
    assert_eq!(phone.glass.sum(), stopped, "the touch stopped it");
    phone.finger(Phase::Up, middle);
    phone.swipe(middle, 300.0, 100);
    phone.pass(10_000);
    let rest = phone.glass.sum();
    assert_ne!(rest, stopped);
    assert_eq!(phone.pass(60_000), 0, "at rest nothing is drawn");
    assert_eq!(phone.glass.sum(), rest);
}

#[test]
fn a_long_press_selects_a_word_and_offers_to_copy_it() {
    let mut phone = Handset::new(SMALL, look());
    phone.sign_in();
    phone.open();
    let before = phone.glass.sum();
    let at = phone.place("Det gjør vi gjerne");
    phone.finger(Phase::Down, at);
    phone.pass(600);
    assert_eq!(*phone.asked.offered.lock().unwrap(), 1);
    phone.finger(Phase::Up, at);
    phone.pass(100);
    assert_ne!(phone.glass.sum(), before, "the word is marked");
    phone.photograph("long-press");
    phone.tell(Input::Press(grend_android::shell::Press::command('c')));
    assert_eq!(phone.asked.clipboard.lock().unwrap().as_deref(), Some("vi"));
}

#[test]
fn a_long_press_on_a_link_opens_nothing_and_a_tap_does() {
    let body = "https://familien.example";
    let reading = || {
        let mut phone = Handset::new(SMALL, look());
        phone.sign_in();
        phone.open();
        phone.letters(vec![family::letter(1, false, body, family::NOW, Stand::Received)]);
        phone
    };
    let mut phone = reading();
    let at = phone.place(body);
    phone.finger(Phase::Down, at);
    phone.pass(600);
    phone.finger(Phase::Up, at);
    phone.pass(1000);
    assert!(phone.desk.opened.lock().unwrap().is_empty());
    let mut phone = reading();
    phone.tap(body);
    assert_eq!(*phone.desk.opened.lock().unwrap(), [body]);
}

#[test]
fn a_list_of_iced_itself_scrolls_too() {
    let mut phone = Handset::new(iced_core::Size::new(360.0, 220.0), look());
    phone.sign_in();
    phone.message(Message::Home(grend_app::screen::home::Message::Settings));
    phone.pass(100);
    phone.photograph("low");
    let top = phone.glass.sum();
    phone.swipe(Point::new(400.0, 280.0), -100.0, 80);
    let dragged = phone.glass.sum();
    assert_ne!(dragged, top);
    phone.pass(200);
    assert_ne!(phone.glass.sum(), dragged);
    phone.pass(10_000);
    assert_eq!(phone.pass(60_000), 0);
}
