//! The life of a surface: it is drawn on only where and when something changed, it goes and comes, and nothing is lost.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{Handset, SMALL, USUAL, family};
use grend_android::shell::{Input, Look, Press};
use grend_app::app::Message;
use grend_core::model::{Connection, State as Stand};
use iced_core::keyboard::key::Named;
use iced_core::{Padding, Point, Size};

fn look() -> Look {
    Look {
        density: 2.6,
        covered: Padding {
            top: 60.0,
            ..Padding::ZERO
        },
        ..Look::default()
    }
}

fn talking() -> Handset {
    let mut phone = Handset::new(USUAL, look());
    phone.sign_in();
    phone.open();
    phone
}

fn letter(id: i64) -> grend_core::model::Message {
    let body = format!("Melding nummer {id}");
    family::letter(id, id % 2 == 0, &body, family::NOW + id, Stand::Received)
}

#[test]
fn at_rest_nothing_is_drawn_and_nobody_is_woken() {
    let mut phone = talking();
    phone.pass(1000);
    phone.glass.drawn();
    assert_eq!(phone.pass(3_600_000), 0);
    assert_eq!(phone.glass.drawn(), 0);
}

#[test]
fn a_key_draws_a_line_and_not_the_screen() {
    let mut phone = talking();
    phone.tap("#composer");
    phone.keyboard(|typing| typing.commit("a"));
    phone.pass(50);
    phone.glass.drawn();
    phone.keyboard(|typing| typing.commit("b"));
    phone.pass(50);
    let (drawn, all) = (phone.glass.drawn(), 1069 * 2317);
    assert!(drawn > 0 && drawn < all / 8, "{drawn} of {all} pixels");
}

#[test]
fn a_message_that_changes_nothing_to_see_draws_nothing() {
    let mut phone = talking();
    phone.pass(1000);
    phone.glass.drawn();
    for _ in 0..20 {
        phone.message(Message::Contacts(Ok(family::contacts())));
    }
    phone.pass(100);
    assert_eq!(phone.glass.drawn(), 0);
}

/// The picture that came about piece by piece is the one that a new glass gets at once.
#[test]
fn pieces_add_up_to_the_whole() {
    let mut phone = talking();
    let steps: [fn(&mut Handset); 7] = [
        |phone| phone.letters((1..=30).map(letter).collect()),
        |phone| phone.swipe(Point::new(400.0, 900.0), 700.0, 100),
        |phone| phone.message(Message::Live(family::live(Connection::Offline))),
        |phone| phone.letters((1..=32).map(letter).collect()),
        |phone| phone.tell(Input::Back),
        |phone| phone.message(Message::Chats(Ok(family::chats().split_off(1)))),
        |phone| phone.look(Look { dark: true, ..look() }),
    ];
    for (number, step) in steps.into_iter().enumerate() {
        step(&mut phone);
        phone.pass(5000);
        let pieces = phone.glass.pixels();
        phone.tell(Input::NoSurface);
        phone.give_surface();
        phone.pass(100);
        let whole = phone.glass.pixels();
        let differ = (0..pieces.len()).filter(|at| pieces[*at].abs_diff(whole[*at]) > 2);
        let places: Vec<_> = differ.map(|at| (at / 4 % 1069, at / 4 / 1069)).collect();
        assert_eq!(places, [], "after step {number}");
    }
}

#[test]
fn a_word_in_the_middle_survives_the_loss_of_everything_but_the_process() {
    let mut phone = talking();
    phone.tap("#composer");
    phone.keyboard(|typing| typing.commit("Husk "));
    phone.keyboard(|typing| typing.compose("melk"));
    // The user goes elsewhere, the Activity is destroyed, messages come.
    phone.tell(Input::Watched(false));
    phone.tell(Input::NoSurface);
    for round in 1..=50 {
        phone.letters((1..=round).map(letter).collect());
    }
    phone.pass(3_600_000);
    phone.glass.resize(Size::new(2317, 1069));
    phone.give_surface();
    phone.tell(Input::Watched(true));
    phone.pass(100);
    assert_eq!(phone.field(), "Husk melk");
    phone.tell(Input::Press(Press::named(Named::End)));
    phone.keyboard(|typing| typing.commit("!"));
    assert_eq!(phone.field(), "Husk melk!");
}

#[test]
fn while_nobody_looks_the_program_goes_on_and_nothing_is_drawn() {
    let mut phone = Handset::new(SMALL, look());
    phone.sign_in();
    phone.tell(Input::Watched(false));
    phone.tell(Input::NoSurface);
    phone.glass.drawn();
    phone.desk.notices.lock().unwrap().clear();
    let mut chats = family::chats();
    for chat in &mut chats {
        chat.unread += 1;
        chat.last_at = Some(family::NOW + 1);
    }
    phone.message(Message::Chats(Ok(chats)));
    phone.pass(10_000);
    assert_eq!(phone.glass.drawn(), 0);
    assert!(!phone.desk.notices.lock().unwrap().is_empty(), "news are told");
}

#[test]
fn a_process_that_starts_without_a_window_tells_news() {
    let mut phone = Handset::unseen(SMALL, look());
    phone.sign_in();
    let told = phone.desk.notices.lock().unwrap().last().cloned();
    assert!(told.flatten().is_some());
    phone.tell(Input::Watched(true));
    let told = phone.desk.notices.lock().unwrap().last().cloned();
    assert_eq!(told.flatten(), None);
}

#[test]
fn a_surface_that_breaks_is_tried_again() {
    let mut phone = talking();
    phone.pass(1000);
    phone.glass.0.lock().unwrap().broken = true;
    phone.letters(vec![letter(1)]);
    phone.pass(1000);
    phone.glass.0.lock().unwrap().broken = false;
    phone.glass.drawn();
    phone.pass(200);
    assert_eq!(phone.glass.drawn(), 1069 * 2317, "all of it, once");
    assert_eq!(phone.pass(10_000), 0);
}
