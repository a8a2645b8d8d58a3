//! The machine under the screens, as they ask for it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures::stream::BoxStream;
use grend_app::host::{Host, Limit, Limits, News, TextSize, Wish};
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
    /// There, once the user was told.
    told_limits: PathBuf,
    /// It is there: screens want to know each time they are drawn.
    limits_told: AtomicBool,
}

impl Machine {
    pub fn new(folder: &Path, locale: String, java: Arc<Java>, wishes: Arc<Wishes>) -> Self {
        Self {
            locale,
            java,
            wishes,
            text_size: TextSize::of(folder),
            camera: OnceLock::new(),
            limits_told: AtomicBool::new(folder.join("told-limits").exists()),
            told_limits: folder.join("told-limits"),
        }
    }
}

impl Host for Machine {
    fn locale(&self) -> String {
        self.locale.clone()
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

    fn limits(&self) -> Limits {
        limits(self.java.limits())
    }

    fn can_lift(&self) -> bool {
        true
    }

    fn lift(&self, limit: Limit) {
        self.java.lift(match limit {
            Limit::Notices => 0,
            Limit::Background => 1,
            Limit::Battery => 2,
            Limit::Data => 3,
            Limit::Power => 4,
        });
    }

    fn can_be_woken(&self) -> bool {
        self.java.can_be_woken()
    }

    fn let_wake(&self, on: bool) {
        self.java.let_wake(on);
    }

    fn stay_connected(&self, on: bool) {
        self.java.stay_connected(on);
    }

    fn limits_told(&self) -> bool {
        self.limits_told.load(Ordering::Relaxed)
    }

    fn tell_limits(&self) {
        match std::fs::write(&self.told_limits, "") {
            Ok(()) => self.limits_told.store(true, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "this will be said once more"),
        }
    }

    fn text_percent(&self) -> u16 {
        self.text_size.percent()
    }

    fn set_text_percent(&self, percent: u16) {
        self.text_size.set(percent);
    }
}

/// From the bits of `Battery.java`: two for each, 0 not known, 1 no, 2 yes.
fn limits(bits: i32) -> Limits {
    let at = |place: u32| match bits >> (2 * place) & 3 {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    };
    Limits {
        notices_off: at(0),
        background_restricted: at(1),
        battery_optimised: at(2),
        data_saver: at(3),
        metered: at(4),
        power_saving: at(5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_and_rust_count_the_same_bits() {
        assert_eq!(limits(0), Limits::default());
        let some = limits(0b01_10_10_00_01_10);
        assert_eq!(some.notices_off, Some(true));
        assert_eq!(some.background_restricted, Some(false));
        assert_eq!(some.battery_optimised, None);
        assert_eq!(some.power_saving, Some(false));
        let held: Vec<Limit> = some.all().collect();
        assert_eq!(held, [Limit::Notices, Limit::Data]);
    }
}
