//! What is told to somebody who does not look.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{Desk, ME, chats, home, live};
use grend_app::app::Message;
use grend_core::model::Connection;
use iced_core::window;

#[test]
fn whoever_looks_away_is_told_what_is_new_and_only_that() {
    let desk = Desk::new("en");
    let mut state = home(&desk);
    let told = || desk.notices.lock().unwrap().last().cloned().flatten();
    let unread = |first: u32, second: u32| {
        let mut chats = chats();
        (chats[0].unread, chats[1].unread) = (chats[0].unread + first, chats[1].unread + second);
        Message::Chats(Ok(chats))
    };
    let mut live = live(Connection::Online);
    live.caught_up.insert(ME);
    let _ = state.update(Message::Live(live));
    let _ = state.update(Message::Window(window::Event::Unfocused));
    let _ = state.update(unread(0, 0));
    assert_eq!(told(), None, "what was unread before is no news");
    let _ = state.update(unread(1, 0));
    let news = told().unwrap();
    assert_eq!(
        (news.title, news.text),
        (chats()[0].name.clone(), chats()[0].preview.clone().unwrap())
    );
    let _ = state.update(unread(1, 2));
    let news = told().unwrap();
    assert_eq!(news.title.replace(['\u{2068}', '\u{2069}'], ""), "3 new messages");
    assert_eq!(news.text, format!("{}, {}", chats()[0].name, chats()[1].name));
    let _ = state.update(unread(0, 0));
    assert_eq!(told(), None, "read on another device");
    let _ = state.update(unread(1, 0));
    let _ = state.update(Message::Window(window::Event::Focused));
    assert_eq!(told(), None);
}
