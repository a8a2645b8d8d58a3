//! What the machine wishes: a chat from a notice, a link from a page, a window that closes and comes back.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::sync::Arc;

use common::{Desk, WIDE, home, ui};
use grend_app::app::{Message, State};
use grend_app::host::{Host, Wish};
use grend_app::screen::{home as at_home, settings};
use grend_core::model::ChatId;
use grend_core::{Cause, Storage};
use iced_core::window;

fn sees(state: &mut State, text: &str) -> bool {
    ui(state, WIDE).find(text).is_ok()
}

fn wish(state: &mut State, wish: Wish) {
    let _ = state.update(Message::Wish(wish));
}

fn link(state: &mut State, address: &str) {
    wish(state, Wish::Link(format!("xmpp:{address}")));
}

#[test]
fn a_notice_leads_to_its_chat_whatever_is_open() {
    let mut state = home(&Desk::new("en"));
    assert!(sees(&mut state, "Choose a chat"));
    let _ = state.update(Message::Home(at_home::Message::Settings));
    wish(&mut state, Wish::Open(ChatId(1)));
    assert!(!sees(&mut state, "Choose a chat") && !sees(&mut state, "Text size"));
    // A chat that is gone by now breaks nothing.
    wish(&mut state, Wish::Open(ChatId(99)));
    wish(&mut state, Wish::Reply(ChatId(99), "  ".to_owned()));
    wish(&mut state, Wish::Read(ChatId(99)));
}

#[test]
fn an_answer_that_cannot_be_kept_stands_in_the_field() {
    let mut state = home(&Desk::new("en"));
    let full = Err(Cause::Storage(Storage::Full));
    let _ = state.update(Message::Replied(ChatId(1), "Straks".to_owned(), full));
    assert!(sees(
        &mut state,
        "The disk is full. Make some room; nothing that was stored is lost."
    ));
    let send = Some(iced_core::widget::Id::new("send"));
    assert!(common::reach(&mut state, WIDE).iter().any(|(id, _)| *id == send));
}

#[test]
fn an_answer_that_cannot_be_kept_is_told_to_whom_looks_away_and_waits_for_its_chat() {
    let desk = Desk::new("en");
    let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
    wish(&mut state, Wish::Show);
    let _ = state.update(Message::Window(window::Event::Unfocused));
    // Nothing is known yet, and nothing can be written down.
    wish(&mut state, Wish::Reply(ChatId(1), " Straks ".to_owned()));
    assert_eq!(*desk.fulfilled.lock().unwrap(), [ChatId(1)]);
    let told = |desk: &Desk| desk.notices.lock().unwrap().last().cloned().flatten();
    let news = told(&desk).expect("it is told");
    assert_eq!(
        (news.title.as_str(), news.text.as_str()),
        ("Your answer was not sent", "Straks")
    );
    assert_eq!(news.chat, Some(ChatId(1)));
    let _ = state.update(Message::Accounts(Ok(vec![common::account()])));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    let _ = state.update(Message::Contacts(Ok(common::contacts())));
    assert_eq!(told(&desk), Some(news), "and stays, whatever else is new");
    let _ = state.update(Message::Window(window::Event::Focused));
    assert_eq!(told(&desk), None);
    // It stands in the field: it can be sent.
    let send = Some(iced_core::widget::Id::new("send"));
    assert!(common::reach(&mut state, WIDE).iter().any(|(id, _)| *id == send));
    let _ = state.update(Message::Window(window::Event::Unfocused));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    assert_eq!(told(&desk), None, "it was seen");
}

#[test]
fn whoever_brings_a_wish_hears_when_it_is_written_down() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let fulfilled = |desk: &Desk| std::mem::take(&mut *desk.fulfilled.lock().unwrap());
    let _ = state.update(Message::Read(ChatId(2), Ok(())));
    assert_eq!(fulfilled(&desk), [ChatId(2)]);
    let _ = state.update(Message::Read(ChatId(3), Err(Cause::Storage(Storage::Full))));
    assert_eq!(fulfilled(&desk), [ChatId(3)]);
    wish(&mut state, Wish::Reply(ChatId(4), " ".to_owned()));
    assert_eq!(fulfilled(&desk), [ChatId(4)]);
}

#[test]
fn a_notice_that_starts_the_program_leads_to_its_chat() {
    let desk = Desk::new("en");
    let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
    wish(&mut state, Wish::Open(ChatId(1)));
    let _ = state.update(Message::Accounts(Ok(vec![common::account()])));
    assert!(sees(&mut state, "Choose a chat"));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    assert!(!sees(&mut state, "Choose a chat"));
}

#[test]
fn a_link_leads_to_whom_we_know_and_asks_strangers() {
    let mut state = home(&Desk::new("en"));
    link(&mut state, "ole@familien.example?message");
    assert!(!sees(&mut state, "Choose a chat"));
    link(&mut state, "fremmed@sted.example");
    assert!(sees(&mut state, "Add a contact"));
    assert!(sees(&mut state, "fremmed@sted.example"));
    link(&mut state, "rommet@grupper.example?join");
    let text = "“xmpp:rommet@grupper.example?join” is not an address like name@server.";
    assert!(sees(&mut state, text));
}

#[test]
fn a_link_waits_until_it_is_known_who_is_known() {
    let desk = Desk::new("en");
    let mut state = State::new(None, Arc::clone(&desk) as Arc<dyn Host>);
    link(&mut state, "ole@familien.example");
    let _ = state.update(Message::Accounts(Ok(vec![common::account()])));
    let _ = state.update(Message::Chats(Ok(common::chats())));
    assert!(sees(&mut state, "Choose a chat"));
    let _ = state.update(Message::Contacts(Ok(common::contacts())));
    assert!(!sees(&mut state, "Choose a chat"));
}

#[test]
fn a_window_that_closes_ends_the_program_or_says_that_it_does_not() {
    let desk = Desk::new("nb");
    let mut state = home(&desk);
    assert_eq!(*desk.unread.lock().unwrap(), 15);
    let _ = state.update(Message::Window(window::Event::CloseRequested));
    assert!(*desk.left.lock().unwrap());

    let mut desk = Desk::new("nb");
    Arc::get_mut(&mut desk).unwrap().stays = true;
    let mut state = home(&desk);
    wish(&mut state, Wish::Show);
    let _ = state.update(Message::Window(window::Event::CloseRequested));
    assert!(!*desk.left.lock().unwrap());
    assert_eq!(desk.said_it_stays.lock().unwrap()[0].title, "Grend er fortsatt på");
    wish(&mut state, Wish::Quit);
    assert!(*desk.left.lock().unwrap());
}

#[test]
fn the_switch_for_starting_is_there_where_there_is_something_to_switch() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let _ = state.update(Message::Home(at_home::Message::Settings));
    assert!(!sees(&mut state, "Start with the computer"));
    *desk.starts.lock().unwrap() = Some(false);
    assert!(sees(&mut state, "Start with the computer") && sees(&mut state, "Turn on"));
    let _ = state.update(Message::Settings(settings::Message::StartWithComputer(true)));
    assert!(sees(&mut state, "Turn off"));
}
