//! Notices as toasts, with actions. The installer told Windows the program's name and icon under its id.

use std::sync::Arc;

use grend_app::host::{News, Wish};
use grend_app::l10n::Words;
use tauri_winrt_notification::Toast;

use crate::wishes::Wishes;

const ID: &str = "app.grend.Grend";
const READ: &str = "read";

/// Where notices are shown.
pub struct Board {
    words: Arc<Words>,
    wishes: Wishes,
}

impl Board {
    /// A board that is empty.
    pub fn new(words: Arc<Words>, wishes: Wishes) -> Self {
        Self { words, wishes }
    }

    /// Shows what is new. A toast cannot be taken back: it leaves by itself.
    pub fn show(&self, news: Option<&News>) {
        if let Some(news) = news {
            self.say(news);
        }
    }

    /// Shows something besides. False: nobody can see it.
    pub fn say(&self, news: &News) -> bool {
        let (chat, wishes) = (news.chat, self.wishes.clone());
        let mut toast = Toast::new(ID)
            .title(&news.title)
            .text1(&news.text)
            .on_activated(move |action| {
                wishes.tell(match (chat, action.as_deref()) {
                    (Some(chat), Some(READ)) => Wish::Read(chat),
                    (Some(chat), _) => Wish::Open(chat),
                    (None, _) => Wish::Show,
                });
                Ok(())
            });
        if chat.is_some() {
            toast = toast.add_button(&self.words.say("notice-read"), READ);
        }
        toast
            .show()
            .inspect_err(|error| tracing::info!(%error, "the desktop shows no notices"))
            .is_ok()
    }
}
