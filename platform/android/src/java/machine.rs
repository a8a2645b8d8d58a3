//! The machine under the screens, as they ask for it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use futures::stream::BoxStream;
use grend_app::host::{Host, News, TextSize, Wish};
use grend_core::model::ChatId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::call::Java;
use super::wishes::Wishes;

/// The phone's answers to screens.
pub(super) struct Machine {
    locale: String,
    java: Arc<Java>,
    text_size: TextSize,
    wishes: Arc<Wishes>,
    /// Asked for once: screens want to know each time they are drawn.
    camera: OnceLock<bool>,
}

impl Machine {
    pub fn new(folder: PathBuf, locale: String, java: Arc<Java>, wishes: Arc<Wishes>) -> Self {
        Self {
            locale,
            java,
            wishes,
            text_size: TextSize::of(&folder),
            camera: OnceLock::new(),
        }
    }
}

impl Host for Machine {
    fn locale(&self) -> String {
        self.locale.clone()
    }

    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn utc_offset(&self, at: i64) -> i32 {
        let moment = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        // Asked for anew, because a phone travels; jiff remembers the zone for a while.
        TimeZone::system().to_offset(moment).seconds()
    }

    fn open(&self, link: &str) {
        self.java.open(link);
    }

    fn wishes(&self) -> BoxStream<'static, Wish> {
        self.wishes.come()
    }

    fn fulfilled(&self, chat: ChatId) {
        self.wishes.fulfilled(chat);
    }

    fn notify(&self, news: Option<News>) {
        let news = news.as_ref().map(|news| {
            let chat = news.chat.map_or(0, |chat| chat.0);
            (news.title.as_str(), news.text.as_str(), chat)
        });
        self.java.notice(news);
    }

    fn has_camera(&self) -> bool {
        *self.camera.get_or_init(|| self.java.has_camera())
    }

    fn scan(&self) {
        self.java.scan();
    }

    fn has_pictures(&self) -> bool {
        true
    }

    fn choose_picture(&self) {
        self.java.choose_picture();
    }

    fn passwords_in_file(&self) -> bool {
        false
    }

    fn has_keys(&self) -> bool {
        false
    }

    fn text_percent(&self) -> u16 {
        self.text_size.percent()
    }

    fn set_text_percent(&self, percent: u16) {
        self.text_size.set(percent);
    }
}
