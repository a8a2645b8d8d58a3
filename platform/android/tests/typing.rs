//! The keyboard on the screen, and one with keys.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Handset, SMALL, USUAL};
use grend_android::shell::{Edit, Field, Input, Look, Press};
use grend_app::app::Message;
use grend_app::screen::welcome;
use iced_core::Size;
use iced_core::keyboard::key::Named;

const COMPOSER: Field = Field {
    secret: false,
    many_lines: true,
};

fn look() -> Look {
    Look {
        density: 1.5,
        ..Look::default()
    }
}

fn writing() -> Handset {
    let mut phone = Handset::new(SMALL, look());
    phone.sign_in();
    phone.open();
    phone.tap("#composer");
    phone
}

fn commit(phone: &mut Handset, text: &str) {
    phone.keyboard(|typing| typing.commit(text));
}

fn compose(phone: &mut Handset, text: &str) {
    phone.keyboard(|typing| typing.compose(text));
}

#[test]
fn the_keyboard_follows_the_field() {
    let mut phone = writing();
    assert_eq!(phone.asked.keyboard.lock().unwrap().last(), Some(&Some(COMPOSER)));
    let shown = phone.asked.keyboard.lock().unwrap().len();
    // Sent away by hand, it comes back by a tap.
    phone.tap("#composer");
    assert_eq!(phone.asked.keyboard.lock().unwrap().len(), shown + 1);
    phone.tell(Input::Back);
    phone.pass(100);
    assert_eq!(phone.asked.keyboard.lock().unwrap().last(), Some(&None));
}

#[test]
fn a_password_is_secret_and_enter_goes_on() {
    let mut phone = Handset::new(USUAL, look());
    phone.message(Message::Accounts(Ok(Vec::new())));
    phone.message(Message::Welcome(welcome::Message::Door));
    phone.pass(100);
    phone.tap("#address");
    let line = |secret| {
        Some(Some(Field {
            secret,
            many_lines: false,
        }))
    };
    assert_eq!(phone.asked.keyboard.lock().unwrap().last().copied(), line(false));
    compose(&mut phone, "kari@familien");
    commit(&mut phone, "kari@familien.example");
    assert_eq!(phone.field(), "kari@familien.example");
    commit(&mut phone, "\n");
    phone.pass(100);
    assert_eq!(phone.asked.keyboard.lock().unwrap().last().copied(), line(true));
    commit(&mut phone, "hemmelig");
    assert_eq!(phone.field(), "", "a password is not copied");
}

#[test]
fn composed_words_stand_in_the_text() {
    let mut phone = writing();
    for step in ["H", "He", "Hei"] {
        compose(&mut phone, step);
    }
    assert_eq!(phone.field(), "Hei");
}

#[test]
fn a_word_is_corrected_taken_back_and_typed_again() {
    let mut phone = writing();
    for step in ["b", "bo", "bol", "bole"] {
        compose(&mut phone, step);
    }
    commit(&mut phone, "boller");
    commit(&mut phone, " ");
    compose(&mut phone, "ogs");
    commit(&mut phone, "også");
    commit(&mut phone, " 👩‍👩‍👧🤷🏿‍♀️");
    phone.keyboard(|typing| typing.delete("🤷🏿‍♀️".encode_utf16().count(), 0));
    phone.keyboard(|typing| {
        typing.recompose(7, 11);
        typing.compose("OGSÅ")
    });
    phone.keyboard(|typing| {
        typing.finish();
        typing.go(100)
    });
    commit(&mut phone, "!\nNy linje");
    assert_eq!(phone.field(), "boller OGSÅ 👩‍👩‍👧!\nNy linje");
}

#[test]
fn keys_type_move_and_take_back() {
    let mut phone = writing();
    let held = |code, types| Input::Press(Press::android(code, types, 0, true).unwrap());
    for (code, char) in [(36, 'h'), (33, 'e'), (37, 'i'), (62, ' ')] {
        phone.tell(held(code, char as i32));
    }
    phone.tell(Input::Press(Press::named(Named::Backspace)));
    phone.tell(Input::Press(Press::named(Named::Home)));
    phone.tell(held(29, 'a' as i32));
    assert_eq!(phone.field(), "ahei");
    assert!(
        *phone.asked.forgotten.lock().unwrap() > 6,
        "the keyboard on the screen is told"
    );
}

#[test]
fn the_screen_turns_while_a_word_is_composed() {
    let mut phone = writing();
    compose(&mut phone, "Kom");
    phone.glass.resize(Size::new(960, 540));
    phone.give_surface();
    phone.pass(100);
    compose(&mut phone, "Kommer");
    phone.photograph("turned");
    phone.glass.resize(Size::new(540, 960));
    phone.give_surface();
    phone.photograph("turned-back");
    commit(&mut phone, "Kommer ");
    commit(&mut phone, "snart");
    assert_eq!(phone.field(), "Kommer snart");
}

#[test]
fn a_tap_elsewhere_ends_the_word_where_it_is() {
    let mut phone = writing();
    compose(&mut phone, "Kommer");
    let forgotten = *phone.asked.forgotten.lock().unwrap();
    phone.tap("#composer");
    assert!(
        *phone.asked.forgotten.lock().unwrap() > forgotten,
        "the keyboard is told"
    );
    assert_eq!(phone.typing.lock().unwrap().before(100), "");
    // The keyboard, told to start anew, finishes its word: it stands there already.
    phone.keyboard(|typing| {
        typing.finish();
        Vec::new()
    });
    assert_eq!(phone.field(), "Kommer");
}

/// Whatever a keyboard does: what it believes to stand there stands there.
#[test]
fn a_careless_keyboard_and_the_field_agree() {
    let mut phone = writing();
    let words = ["a", "é", "e\u{301}", "👩‍👩‍👧", "漢", "x y", "\n", "🇳🇴", "ab", "q"];
    let mut seed: u64 = 3;
    let mut random = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for turn in 0..400 {
        let word = words.get(random(words.len())).unwrap();
        let (choice, near, far) = (random(6), random(6), random(3));
        let edits: Vec<Edit> = {
            let mut typing = phone.typing.lock().unwrap();
            let cursor = typing.place().cursor;
            match choice {
                0 => typing.commit(word),
                1 | 2 => typing.compose(word),
                3 => {
                    typing.recompose(cursor.saturating_sub(near), cursor);
                    Vec::new()
                }
                // What was there before is not known to the test either.
                4 => typing.delete(near.min(cursor), far),
                _ => typing.go(cursor.saturating_sub(near)),
            }
        };
        phone.tell(Input::Edits(edits));
        if turn % 20 == 19 {
            let believed = {
                let typing = phone.typing.lock().unwrap();
                typing.before(10_000) + &typing.after(10_000)
            };
            assert_eq!(phone.field(), believed, "after {turn} edits");
            // Asking has selected everything: begin anew.
            phone.tell(Input::Press(Press::named(Named::Backspace)));
            assert_eq!(phone.field(), "");
        }
    }
}
