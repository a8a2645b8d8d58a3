//! The machine under a desktop window, as the screens ask for it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use grend_app::host::{Host, News, TextSize};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::notices::Notices;
use crate::vault::Passwords;

/// The desktop.
pub struct Desk {
    vault: Arc<Passwords>,
    zone: TimeZone,
    text_size: TextSize,
    notices: Notices,
}

impl Desk {
    /// The desktop, with our own settings in a folder.
    pub fn new(folder: PathBuf, vault: Arc<Passwords>) -> Self {
        Self {
            vault,
            zone: TimeZone::system(),
            text_size: TextSize::of(&folder),
            notices: Notices::start(),
        }
    }
}

impl Host for Desk {
    fn locale(&self) -> String {
        sys_locale::get_locale().unwrap_or_default()
    }

    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn utc_offset(&self, at: i64) -> i32 {
        let moment = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_offset(moment).seconds()
    }

    fn open(&self, link: &str) {
        let program = if cfg!(windows) { "explorer" } else { "xdg-open" };
        let started = Command::new(program)
            .arg(link)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match started {
            // Waited for, so that no dead process stays behind.
            Ok(mut browser) => drop(std::thread::spawn(move || browser.wait())),
            Err(error) => tracing::warn!(%error, "no program opens links"),
        }
    }

    fn notify(&self, news: Option<News>) {
        self.notices.tell(news);
    }

    fn passwords_in_file(&self) -> bool {
        self.vault.in_file()
    }

    fn text_percent(&self) -> u16 {
        self.text_size.percent()
    }

    fn set_text_percent(&self, percent: u16) {
        self.text_size.set(percent);
    }
}
