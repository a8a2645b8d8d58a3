//! Notices by the Desktop Notifications Specification 1.3, with actions, and KDE's field to answer in.
//!
//! **Invariant**: a notice is about one chat as long as it is there. An answer that is being typed into it cannot end up in
//! another chat, because news from elsewhere are another notice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use grend_app::host::{News, Wish};
use grend_app::l10n::Words;
use grend_core::model::ChatId;
use zbus::blocking::{Connection, Proxy};
use zbus::message::Message;
use zbus::names::MemberName;
use zbus::zvariant::Value;

use crate::wishes::Wishes;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const DEFAULT: &str = "default";
const INLINE: &str = "inline-reply";
const REPLY: &str = "reply";
const READ: &str = "read";

/// Which notices are there, and the chats they are about.
type Posts = HashMap<u32, Option<ChatId>>;

/// Where notices are shown. Its calls wait for the desktop.
pub struct Board {
    words: Arc<Words>,
    wishes: Wishes,
    desktop: Mutex<Option<Desktop>>,
    posts: Arc<Mutex<Posts>>,
    /// The notice of what is new.
    shown: Mutex<Option<(u32, Option<ChatId>)>>,
}

/// The program that shows them, and what it can.
struct Desktop {
    proxy: Proxy<'static>,
    actions: bool,
    inline: bool,
    markup: bool,
}

impl Board {
    /// A board that is empty. The desktop is looked for when there is something to show.
    pub fn new(words: Arc<Words>, wishes: Wishes) -> Self {
        Self {
            words,
            wishes,
            desktop: Mutex::default(),
            posts: Arc::default(),
            shown: Mutex::default(),
        }
    }

    /// Shows what is new in place of what was; nothing takes it away.
    pub fn show(&self, news: Option<&News>) {
        let mut shown = locked(&self.shown);
        let same = shown.filter(|(_, chat)| chat.is_some() && news.is_some_and(|news| news.chat == *chat));
        let replaced = same.map_or(0, |(id, _)| id);
        if let Some((id, _)) = shown.take().filter(|(id, _)| *id != replaced) {
            self.take_away(id);
        }
        *shown = news.and_then(|news| Some((self.post(news, replaced)?, news.chat)));
    }

    /// Shows something besides. False: nobody can see it.
    pub fn say(&self, news: &News) -> bool {
        self.post(news, 0).is_some()
    }

    fn post(&self, news: &News, replaced: u32) -> Option<u32> {
        let mut desktop = locked(&self.desktop);
        let posted = self.find(&mut desktop).and_then(|desktop| {
            // Held until its number is known: it may be pressed at once.
            let mut posts = locked(&self.posts);
            let id = desktop.post(news, replaced, &self.words)?;
            posts.insert(id, news.chat);
            Ok(id)
        });
        posted
            .inspect_err(|error| tracing::info!(%error, "the desktop shows no notices"))
            .ok()
    }

    fn take_away(&self, id: u32) {
        locked(&self.posts).remove(&id);
        if let Some(desktop) = &*locked(&self.desktop) {
            // It may be gone already; nothing is lost by that.
            let _ = desktop.proxy.call_method("CloseNotification", &id);
        }
    }

    /// The desktop, and somebody who listens to it.
    fn find<'a>(&self, known: &'a mut Option<Desktop>) -> zbus::Result<&'a Desktop> {
        if let Some(desktop) = known {
            return Ok(desktop);
        }
        let proxy = Proxy::new(&Connection::session()?, NAME, PATH, NAME)?;
        let can: Vec<String> = proxy.call("GetCapabilities", &())?;
        let can = |what: &str| can.iter().any(|can| can == what);
        let desktop = Desktop {
            actions: can("actions"),
            inline: can(INLINE),
            markup: can("body-markup"),
            proxy,
        };
        let signals = desktop.proxy.receive_all_signals()?;
        let (posts, wishes) = (Arc::clone(&self.posts), self.wishes.clone());
        thread::Builder::new().name("pressed".to_owned()).spawn(move || {
            for signal in signals {
                hear(&signal, &posts, &wishes);
            }
        })?;
        Ok(known.insert(desktop))
    }
}

impl Desktop {
    fn post(&self, news: &News, replaced: u32, words: &Words) -> zbus::Result<u32> {
        let (open, reply, read) = (
            words.say("tray-open"),
            words.say("notice-reply"),
            words.say("notice-read"),
        );
        let mut actions = Vec::new();
        if self.actions {
            actions.extend([DEFAULT, &open]);
        }
        if self.actions && news.chat.is_some() {
            actions.extend([if self.inline { INLINE } else { REPLY }, &reply, READ, &read]);
        }
        let text = if self.markup {
            plain(&news.text)
        } else {
            news.text.clone()
        };
        let hints = HashMap::from([
            ("category", Value::from("im.received")),
            ("desktop-entry", Value::from("grend")),
        ]);
        let no_hurry = -1_i32;
        let notice = ("Grend", replaced, "grend", &news.title, text, actions, hints, no_hurry);
        self.proxy.call("Notify", &notice)
    }
}

/// Something happened to a notice; others' are none of our business.
fn hear(signal: &Message, posts: &Mutex<Posts>, wishes: &Wishes) {
    let header = signal.header();
    let body = signal.body();
    let mut posts = locked(posts);
    match header.member().map(MemberName::as_str) {
        Some("NotificationClosed") => {
            if let Ok((id, _reason)) = body.deserialize::<(u32, u32)>() {
                posts.remove(&id);
            }
        }
        Some("ActionInvoked") => {
            if let Ok((id, action)) = body.deserialize::<(u32, &str)>()
                && let Some(chat) = posts.get(&id)
            {
                wishes.tell(wish(*chat, action));
            }
        }
        Some("NotificationReplied") => {
            if let Ok((id, text)) = body.deserialize::<(u32, String)>()
                && let Some(Some(chat)) = posts.get(&id)
            {
                wishes.tell(Wish::Reply(*chat, text));
            }
        }
        _ => {}
    }
}

fn wish(chat: Option<ChatId>, action: &str) -> Wish {
    match (chat, action) {
        (Some(chat), READ) => Wish::Read(chat),
        (Some(chat), _) => Wish::Open(chat),
        (None, _) => Wish::Show,
    }
}

/// Desktops read a few tags in the text; a message must not be able to draw or link anything.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_draws_nothing() {
        assert_eq!(plain("<b>&amp;"), "&lt;b&gt;&amp;amp;");
    }
}
