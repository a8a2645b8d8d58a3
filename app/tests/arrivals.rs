//! Do messages come in time? What holds Grend back is told once, and led to where it is changed.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;

use common::{Desk, NARROW, home, ui};
use grend_app::app::{Message, State};
use grend_app::host::{Limit, Limits};
use grend_app::screen::{home as at_home, settings};
use grend_core::model::Arrivals;

fn sees(state: &mut State, text: &str) -> bool {
    ui(state, NARROW).find(text).is_ok()
}

fn press(state: &mut State, text: &str) {
    common::act(state, NARROW, |ui| drop(ui.click(text).unwrap()));
}

/// A phone that is held back by its battery, and by its data saver on some networks.
fn phone() -> (Arc<Desk>, State) {
    let mut desk = Desk::new("en");
    Arc::get_mut(&mut desk).unwrap().keys = false;
    let mut state = home(&desk);
    let _ = state.update(Message::Limits(Limits {
        notices_off: Some(false),
        battery_optimised: Some(true),
        data_saver: Some(true),
        metered: Some(false),
        ..Limits::default()
    }));
    (desk, state)
}

const LINE: &str = "Messages may come late on this phone.";
const BATTERY: &str = "To save battery, this phone lets Grend sleep after a while: messages may come late.";
const DATA: &str = "The data saver is on, and Grend is no exception: over this network messages come when you open it.";

#[test]
fn a_phone_that_holds_back_is_told_of_once() {
    let (desk, mut state) = phone();
    assert!(sees(&mut state, LINE));
    press(&mut state, "Not now");
    assert!(!sees(&mut state, LINE) && *desk.told_limits.lock().unwrap());
    let (desk, mut state) = phone();
    press(&mut state, "Look");
    assert!(sees(&mut state, BATTERY) && !sees(&mut state, DATA));
    press(&mut state, "Keep Grend awake");
    assert_eq!(*desk.lifted.lock().unwrap(), [Limit::Battery]);
    // The user did it, and comes back.
    let _ = state.update(Message::Limits(Limits {
        battery_optimised: Some(false),
        ..Limits::default()
    }));
    assert!(sees(
        &mut state,
        "Nothing here holds Grend back while you are not looking."
    ));
    press(&mut state, "Back");
    press(&mut state, "Back");
    assert!(!sees(&mut state, LINE));
}

#[test]
fn the_data_saver_holds_back_where_the_network_costs() {
    let (_, mut state) = phone();
    let _ = state.update(Message::ShowArrivals);
    let _ = state.update(Message::Limits(Limits {
        data_saver: Some(true),
        metered: Some(true),
        ..Limits::default()
    }));
    assert!(sees(&mut state, DATA));
}

#[test]
fn what_was_measured_is_said_in_words() {
    let (_, mut state) = phone();
    let _ = state.update(Message::ShowArrivals);
    let mut says = |count, late, longest_ms, words: &str| {
        let measured = Arrivals {
            count,
            late,
            longest_ms,
        };
        let _ = state.update(Message::Measured(Ok(measured)));
        assert!(sees(&mut state, words), "{words}");
    };
    says(
        0,
        0,
        0,
        "No message has come to this device yet that would show how long it takes.",
    );
    says(
        20,
        0,
        900,
        "The last 20 messages all came within a minute after they were sent.",
    );
    let why = "If this device was off or without a network then, that is why.";
    let late = |late: &str| {
        format!(
            "Of the last 20 messages, 3 came later than a minute after they were sent; the slowest came {late} late. {why}"
        )
    };
    says(20, 3, 119 * 60_000, &late("119 minutes"));
    says(20, 3, 120 * 60_000, &late("2 hours"));
    says(20, 3, 49 * 3_600_000, &late("2 days"));
    says(
        1,
        1,
        90_000,
        &format!("The last message came 1 minute after it was sent. {why}"),
    );
}

#[test]
fn a_computer_that_says_nothing_has_no_such_page() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let _ = state.update(Message::Home(at_home::Message::Settings));
    assert!(!sees(&mut state, "Do messages come in time?"));
    // One that saves power is told of where it was asked for, and leads nowhere.
    let _ = state.update(Message::Limits(Limits {
        power_saving: Some(true),
        ..Limits::default()
    }));
    assert!(sees(&mut state, "Do messages come in time?"));
    let _ = state.update(Message::Settings(settings::Message::Arrivals));
    let _ = state.update(Message::Limits(Limits {
        power_saving: Some(true),
        ..Limits::default()
    }));
    assert!(sees(
        &mut state,
        "This computer saves power. When it falls asleep, messages wait until it wakes up."
    ));
    assert!(!sees(&mut state, "Look at power saving"));
}
