//! Who can read: the lock, the page behind it, new devices, making sure, and what could not be read.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::devices::{OURS, THEIRS, device, know, readers as family};
use common::{
    Desk, ME, NARROW, NOW, WIDE, account, act, address, answer, chats, conversation, home, letter, settle, ui,
};
use grend_app::app::{Message, State};
use grend_app::screen::conversation::{self as chat, Conversation};
use grend_app::screen::readers::{Event, Message as Do, Readers};
use grend_core::model::{ChatId, Compared, DeviceId, Encryption, MessageId, State as Stand, Trust};
use iced_core::keyboard::{self, Modifiers, key::Named};
use iced_test::selector;

fn sees(state: &mut State, what: &str) -> bool {
    ui(state, WIDE).find(what).is_ok()
}

fn click(state: &mut State, what: &str) {
    act(state, WIDE, |ui| {
        ui.click(what).unwrap();
    });
}

fn press(state: &mut State, id: &'static str) {
    act(state, WIDE, |ui| {
        ui.click(selector::id(id)).unwrap();
    });
}

fn escape(state: &mut State) {
    let _ = state.update(Message::Key(keyboard::Event::KeyPressed {
        key: keyboard::Key::Named(Named::Escape),
        modified_key: keyboard::Key::Named(Named::Escape),
        physical_key: keyboard::key::Physical::Unidentified(keyboard::key::NativeCode::Unidentified),
        location: keyboard::Location::Standard,
        modifiers: Modifiers::empty(),
        text: None,
        repeat: false,
    }));
}

/// Grandmother's conversation, and who can read it.
fn with(known: grend_core::model::Readers) -> State {
    let mut state = conversation(&Desk::new("en"));
    know(&mut state, THEIRS, known);
    settle(&mut state, WIDE);
    state
}

fn page(known: grend_core::model::Readers) -> Readers {
    let mut page = Readers::of_chat(account(), &chats()[0]);
    page.set(known);
    page
}

#[test]
fn the_lock_says_how_it_is_and_leads_to_who_can_read() {
    let mut state = with(family());
    assert!(sees(&mut state, "Locked"));
    press(&mut state, "lock");
    know(&mut state, THEIRS, family());
    assert!(sees(&mut state, "Only you and Bestemor can read what you write here."));
    assert!(sees(&mut state, "nettbrettet") && sees(&mut state, "Cannot read this yet"));
    escape(&mut state);
    assert!(ui(&mut state, WIDE).find(selector::id("composer")).is_ok());
}

#[test]
fn nothing_is_said_before_it_is_known() {
    let mut state = conversation(&Desk::new("en"));
    settle(&mut state, WIDE);
    assert!(!sees(&mut state, "Locked") && !sees(&mut state, "Open"));
    // An answer about somebody else is not for this conversation.
    know(&mut state, "ole@familien.example", family());
    assert!(!sees(&mut state, "Locked"));
}

#[test]
fn the_switch_is_the_users_and_what_it_does_is_said() {
    let mut page = page(family());
    assert_eq!(page.update(Do::Encrypt(false)), Some(Event::Encrypt(ChatId(1), false)));
    let mut known = family();
    known.decided = Some(false);
    let mut state = with(known.clone());
    assert!(sees(&mut state, "Open"));
    assert!(sees(
        &mut state,
        "Not locked: others than Bestemor could read what you write."
    ));
    press(&mut state, "lock");
    know(&mut state, THEIRS, known);
    assert!(sees(&mut state, "The servers on the way can read what you write here."));
    let (mut open, _, _) = Conversation::new(chats().remove(0), true);
    assert_eq!(open.update(chat::Message::Encrypt).1, [chat::Event::Encrypt]);
}

#[test]
fn an_undecided_conversation_is_locked_when_somebody_can_open_it() {
    let mut known = family();
    known.decided = None;
    assert!(sees(&mut with(known.clone()), "Locked"));
    known.theirs.remove(0);
    assert!(sees(&mut with(known.clone()), "Open"), "the tablet alone cannot");
    known.decided = Some(true);
    let mut state = with(known);
    assert!(sees(&mut state, "Locked"));
    assert!(sees(
        &mut state,
        "No device of Bestemor can read this now. What you write is not sent."
    ));
}

#[test]
fn who_cannot_read_is_named_above_the_composer() {
    assert!(sees(&mut with(family()), "“nettbrettet” cannot read this yet."));
    let mut known = family();
    known.theirs[1].name = None;
    assert!(sees(
        &mut with(known.clone()),
        "A device of Bestemor cannot read this yet."
    ));
    known.ours[1].broken = true;
    assert!(sees(&mut with(known.clone()), "2 devices cannot read this yet."));
    known.theirs.pop();
    assert!(sees(
        &mut with(known.clone()),
        "Your own “Device 1” cannot read this yet."
    ));
    known.ours[1].broken = false;
    // What was refused is as the user wants it.
    known.theirs.push(device(7, THEIRS, Some(Trust::Refused)));
    assert!(ui(&mut with(known), WIDE).find("Look").is_err());
}

#[test]
fn h48_a_new_device_waits_for_a_tap() {
    let mut known = family();
    known.theirs.push(device(9, THEIRS, Some(Trust::Undecided)));
    let mut state = with(known.clone());
    assert!(sees(
        &mut state,
        "Bestemor has a new device. May it read what you write?"
    ));
    click(&mut state, "Not yet");
    assert!(sees(&mut state, "2 devices cannot read this yet."));
    let (mut open, _, _) = Conversation::new(chats().remove(0), true);
    open.set_readers(known);
    let (_, events) = open.update(chat::Message::LetRead);
    assert_eq!(events, [chat::Event::Trust(DeviceId(9), Trust::Blind)]);
}

#[test]
fn h48_a_new_device_of_ours_is_told_of_until_somebody_has_seen_it() {
    let mut state = home(&Desk::new("en"));
    let mut new = device(8, OURS, Some(Trust::Blind));
    new.new = true;
    let _ = state.update(Message::NewDevices(Ok(vec![new])));
    let said =
        "A new device of kari@familien.example can read along. If it is not yours, remove it and change your password.";
    assert!(sees(&mut state, said));
    click(&mut state, "Look");
    know(&mut state, OURS, family());
    assert!(sees(&mut state, "Your devices") && sees(&mut state, "This device"));
    escape(&mut state);
    press(&mut state, "mine");
    assert!(!sees(&mut state, said));
    // One that waits is let in by whoever says that it is theirs.
    let _ = state.update(Message::NewDevices(Ok(vec![device(8, OURS, Some(Trust::Undecided))])));
    click(&mut state, "Let it read");
    assert!(!sees(&mut state, "Let it read"));
}

#[test]
fn a_device_can_be_named_let_read_refused_and_verified() {
    let mut page = page(family());
    assert_eq!(page.update(Do::Device(DeviceId(1))), None);
    assert_eq!(
        page.update(Do::Trust(Trust::Refused)),
        Some(Event::Trust(DeviceId(1), Trust::Refused))
    );
    assert_eq!(
        page.update(Do::Trust(Trust::Verified)),
        Some(Event::Trust(DeviceId(1), Trust::Verified))
    );
    assert_eq!(page.update(Do::Name(" mobilen ".to_owned())), None);
    assert_eq!(
        page.update(Do::KeepName),
        Some(Event::Name(DeviceId(1), "mobilen".to_owned()))
    );
    // Back to the list, then away.
    assert_eq!(page.update(Do::Back), None);
    assert_eq!(page.update(Do::Back), Some(Event::Back));
    // What is not there any more cannot be decided about.
    assert_eq!(page.update(Do::Device(DeviceId(77))), None);
    assert_eq!(page.update(Do::Trust(Trust::Verified)), None);
}

#[test]
fn a_device_of_ours_is_removed_after_a_second_word() {
    let mut state = home(&Desk::new("en"));
    let _ = state.update(Message::ShowDevices(ME));
    know(&mut state, OURS, family());
    click(&mut state, "Device 1");
    click(&mut state, "Remove this device");
    assert!(sees(&mut state, "Remove it"));
    click(&mut state, "Leave it here");
    assert!(!sees(&mut state, "Remove it"));
    escape(&mut state);
    click(&mut state, "This device");
    assert!(!sees(&mut state, "Remove this device") && !sees(&mut state, "They are the same"));
    let mut page = Readers::of_account(account());
    page.set(family());
    let _ = page.update(Do::Device(DeviceId(4)));
    assert_eq!(page.update(Do::RemoveSure), Some(Event::Remove(DeviceId(4))));
}

#[test]
fn a_pasted_code_is_compared_with_whose_page_it_is() {
    let mut page = page(family());
    let _ = page.update(Do::Compare);
    assert_eq!(page.update(Do::Check), None, "there is nothing to compare");
    let _ = page.update(Do::Typed("xmpp:x".to_owned()));
    let compare = Event::Compare(ME, address(THEIRS), "xmpp:x".to_owned());
    assert_eq!(page.update(Do::Check), Some(compare));
    let Some(Event::Copy(link)) = page.update(Do::Copy) else {
        panic!("there is a code to show");
    };
    let link: grend_core::DeviceLink = link.parse().unwrap();
    assert_eq!(link.address, address(OURS));
    assert_eq!(link.devices.len(), 2, "this device, and what we verified of ours");
}

#[test]
fn what_was_found_is_said_plainly() {
    let mut state = with(family());
    press(&mut state, "lock");
    know(&mut state, THEIRS, family());
    click(&mut state, "Make sure that it is Bestemor");
    let _ = state.update(Message::Readers(Do::Typed("?".to_owned())));
    for (found, words) in [
        (
            Compared::NoLink,
            "This is no code. It begins with xmpp: and has many digits and letters; copy all of it.",
        ),
        (
            Compared::Of(address("ola@b.example")),
            "This code belongs to ola@b.example and not to Bestemor. Nothing was marked.",
        ),
        (
            Compared::Differs(vec![family().theirs.remove(1)]),
            "It does not match: nettbrettet. Somebody else may be pretending to be Bestemor. Nothing was marked. Write \
             nothing private here until you have talked.",
        ),
        (
            Compared::Same {
                verified: 2,
                others: vec![family().theirs.remove(0)],
            },
            "Not in this code, and can read too: Device 1. Ask Bestemor whether it belongs there.",
        ),
    ] {
        let matches = matches!(found, Compared::Same { .. });
        let _ = state.update(Message::Compared(Ok(found)));
        assert!(sees(&mut state, words), "{words}");
        assert_eq!(sees(&mut state, "It matches. 2 devices are marked now."), matches);
    }
    // What is typed next was not compared yet.
    let _ = state.update(Message::Readers(Do::Typed("??".to_owned())));
    assert!(!sees(&mut state, "It matches. 2 devices are marked now."));
}

#[test]
fn h49_what_came_unlocked_is_marked_and_what_cannot_be_read_can_be_asked_for() {
    let mut state = with(family());
    let mut all = vec![
        letter(4, false, "åpent før", NOW - 2 * common::DAY, Stand::Received),
        letter(1, false, "åpent", NOW - 3, Stand::Received),
        letter(2, false, "", NOW - 2, Stand::Received),
        letter(3, false, "låst", NOW - 1, Stand::Received),
    ];
    (all[2].encryption, all[2].unreadable) = (Encryption::Omemo, Some("no_session".to_owned()));
    all[3].encryption = Encryption::Omemo2;
    answer(&mut state, all, None);
    let _ = state.update(Message::Conversation(chat::Message::ToNewest));
    settle(&mut state, WIDE);
    let mut marks = 0;
    let _ = ui(&mut state, WIDE).find(|candidate: selector::Candidate<'_>| -> Option<()> {
        if let selector::Candidate::Text { content, .. } = candidate {
            marks += usize::from(content.starts_with("Not locked: others could"));
        }
        None
    });
    assert_eq!(marks, 1);
    assert!(sees(
        &mut state,
        "This device had lost the key to it. What comes after this can be read again."
    ));
    click(&mut state, "Ask to send it again");
    assert!(sees(&mut state, "You asked to have it sent again."));
    assert!(!sees(&mut state, "Ask to send it again"), "once is enough");
}

#[test]
fn h51_words_like_ours_in_a_message_are_only_words() {
    let mut state = with(family());
    let words = "This was locked before this device could read along.\nAsk to send it again";
    answer(
        &mut state,
        vec![letter(1, false, words, NOW - 3, Stand::Received)],
        None,
    );
    settle(&mut state, WIDE);
    assert!(sees(&mut state, words));
    let mut buttons = 0;
    let _ = ui(&mut state, WIDE).find(|candidate: selector::Candidate<'_>| -> Option<()> {
        if let selector::Candidate::Text { content, .. } = candidate {
            buttons += usize::from(content == "Ask to send it again");
        }
        None
    });
    assert_eq!(buttons, 0);
}

#[test]
fn the_question_is_the_users_own_message() {
    let (mut open, _, _) = Conversation::new(chats().remove(0), true);
    let asks = |id| chat::Message::AskAgain(MessageId(id), "Kan du sende det igjen?".to_owned());
    let (_, events) = open.update(asks(2));
    let wanted = chat::Event::AskAgain(MessageId(2), "Kan du sende det igjen?".to_owned());
    assert_eq!(events, [wanted]);
    // What could not be written down stands in the composer.
    open.take_back("Kan du sende det igjen?");
    let (_, events) = open.update(chat::Message::Send);
    assert!(events.contains(&chat::Event::Send("Kan du sende det igjen?".to_owned())));
}

#[test]
fn everything_is_reached_by_keyboard_and_as_large_as_a_fingertip() {
    let mut list = with(family());
    press(&mut list, "lock");
    know(&mut list, THEIRS, family());
    let mut known = family();
    known.theirs.push(device(9, THEIRS, Some(Trust::Undecided)));
    let mut bars = with(known.clone());
    let _ = bars.update(Message::NewDevices(Ok(vec![device(8, OURS, Some(Trust::Blind))])));
    let deeper = |does: Do| {
        let mut state = with(known.clone());
        press(&mut state, "lock");
        know(&mut state, THEIRS, known.clone());
        let _ = state.update(Message::Readers(does));
        state
    };
    for (state, least) in [
        (&mut list, 7),
        (&mut bars, 8),
        (&mut deeper(Do::Device(DeviceId(9))), 6),
        (&mut deeper(Do::Device(DeviceId(4))), 5),
        (&mut deeper(Do::Compare), 3),
    ] {
        for size in [WIDE, NARROW] {
            let mut reached = 0;
            let _ = ui(state, size).find(|candidate: selector::Candidate<'_>| -> Option<()> {
                if let selector::Candidate::Focusable { bounds, .. } = candidate {
                    reached += 1;
                    assert!(bounds.width >= 44.0 && bounds.height >= 44.0, "{bounds:?}");
                    assert!(
                        bounds.x >= 0.0 && bounds.x + bounds.width <= size.width + 0.5,
                        "{bounds:?}"
                    );
                }
                None
            });
            assert!(reached >= least, "{reached} of {least} at {size:?}");
        }
    }
}
