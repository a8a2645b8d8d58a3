//! Notices as toasts, with actions and a field to answer in. The installer told Windows the program's name and icon under its id.
//!
//! **Invariant**: a notice is about one chat as long as it is there. An answer that is being typed into it cannot end up in
//! another chat, because what was pressed says which chat it belongs to, and news from elsewhere are another toast.

use std::sync::{Arc, Mutex, PoisonError};

use grend_app::host::{News, Wish};
use grend_app::l10n::Words;
use grend_core::model::ChatId;
use winrt_toast_reborn::content::input::InputType;
use winrt_toast_reborn::{Action, ActivatedAction, Input, Toast, ToastManager};

use crate::wishes::Wishes;

/// The installer's `AppUserModelId`.
const ID: &str = "app.grend.Grend";
/// All toasts about what is new, so that they can be told from others.
const GROUP: &str = "news";
const OPEN: &str = "open";
const READ: &str = "read";
const REPLY: &str = "reply";
/// The field.
const TYPED: &str = "typed";

/// Where notices are shown.
pub struct Board {
    words: Arc<Words>,
    wishes: Wishes,
    /// The tag of the toast about what is new.
    shown: Mutex<Option<String>>,
}

impl Board {
    /// A board that is empty.
    pub fn new(words: Arc<Words>, wishes: Wishes) -> Self {
        Self {
            words,
            wishes,
            shown: Mutex::default(),
        }
    }

    /// Shows what is new in place of what was; nothing takes it away.
    pub fn show(&self, news: Option<&News>) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let tag = news.map(|news| news.chat.map_or_else(|| GROUP.to_owned(), |chat| chat.0.to_string()));
        if let Some(old) = shown.take().filter(|old| tag.as_ref() != Some(old)) {
            // It may be gone already; nothing is lost by that.
            let _ = ToastManager::new(ID).remove_grouped_tag(GROUP, &old);
        }
        let Some((news, tag)) = news.zip(tag) else {
            return;
        };
        let mut toast = self.toast(news);
        if self.post(toast.group(GROUP).tag(&tag)) {
            *shown = Some(tag);
        }
    }

    /// Shows something besides. False: nobody can see it.
    pub fn say(&self, news: &News) -> bool {
        self.post(&self.toast(news))
    }

    fn toast(&self, news: &News) -> Toast {
        let mut toast = Toast::new();
        toast.text1(news.title.as_str()).text2(news.text.as_str());
        let Some(chat) = news.chat else {
            toast.launch(OPEN);
            return toast;
        };
        let (reply, read) = (self.words.say("notice-reply"), self.words.say("notice-read"));
        let pressed = |what: &str| format!("{what} {}", chat.0);
        toast
            .launch(pressed(OPEN))
            .input(Input::new(TYPED, InputType::Text).with_placeholder(&reply))
            .action(Action::new(reply, pressed(REPLY), "").with_input_id(TYPED))
            .action(Action::new(read, pressed(READ), ""));
        toast
    }

    fn post(&self, toast: &Toast) -> bool {
        let wishes = self.wishes.clone();
        // Made for each, because what is called cannot be given from thread to thread.
        let toasts = ToastManager::new(ID).on_activated(Some(TYPED), move |pressed| {
            if let Some(wish) = pressed.and_then(|pressed| wish(&pressed)) {
                wishes.tell(wish);
            }
        });
        toasts
            .show(toast)
            .inspect_err(|error| tracing::info!(%error, "the desktop shows no notices"))
            .is_ok()
    }
}

/// What was pressed, and in the field.
fn wish(pressed: &ActivatedAction) -> Option<Wish> {
    let Some((what, chat)) = pressed.arg.split_once(' ') else {
        return Some(Wish::Show);
    };
    let chat = ChatId(chat.parse().ok()?);
    Some(match (what, pressed.values.get(TYPED)) {
        (READ, _) => Wish::Read(chat),
        (REPLY, Some(text)) => Wish::Reply(chat, text.clone()),
        _ => Wish::Open(chat),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pressed_belongs_to_its_chat() {
        let pressed = |arg: &str, typed: Option<&str>| {
            wish(&ActivatedAction {
                tag: None,
                arg: arg.to_owned(),
                values: typed
                    .map(|text| (TYPED.to_owned(), text.to_owned()))
                    .into_iter()
                    .collect(),
                input_id: None,
            })
        };
        assert_eq!(pressed("open", None), Some(Wish::Show));
        assert_eq!(pressed("open 7", Some("half")), Some(Wish::Open(ChatId(7))));
        assert_eq!(pressed("read 7", None), Some(Wish::Read(ChatId(7))));
        assert_eq!(
            pressed("reply 7", Some("Ja!")),
            Some(Wish::Reply(ChatId(7), "Ja!".to_owned()))
        );
        // Nothing was typed: then it is the chat that is wanted.
        assert_eq!(pressed("reply 7", None), Some(Wish::Open(ChatId(7))));
        assert_eq!(pressed("reply x", None), None);
    }
}
