//! Windows.

use std::io;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};

use grend_app::host::News;
use grend_app::l10n::Words;
use grend_core::Core;
use notify_rust::{Notification, NotificationHandle};

use crate::wishes::Wishes;

/// Shows a web page in the user's browser.
pub fn open(link: &str) -> io::Result<Child> {
    Command::new("explorer").arg(link).spawn()
}

/// Where notices are shown.
#[derive(Default)]
pub struct Board {
    shown: Mutex<Option<NotificationHandle>>,
}

impl Board {
    /// A board that is empty.
    pub fn new(_words: Arc<Words>, _wishes: Wishes) -> Self {
        Self::default()
    }

    /// Shows what is new in place of what was; nothing takes it away.
    pub fn show(&self, news: Option<&News>) {
        // A toast cannot be taken back; it leaves by itself.
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = news.and_then(post);
    }

    /// Shows something besides. False: nobody can see it.
    pub fn say(&self, news: &News) -> bool {
        post(news).is_some()
    }
}

fn post(news: &News) -> Option<NotificationHandle> {
    let notice = Notification::new()
        .appname("Grend")
        .summary(&news.title)
        .body(&news.text)
        .finalize();
    notice
        .show()
        .inspect_err(|error| tracing::info!(%error, "the desktop shows no notices"))
        .ok()
}

/// The icon in the notification area.
pub struct Tray;

impl Tray {
    /// There is none.
    pub fn start(_words: Arc<Words>, _wishes: Wishes) -> Self {
        Self
    }

    /// Somebody can find Grend there.
    pub fn is_there(&self) -> bool {
        false
    }

    /// How many messages wait to be read.
    pub fn show_unread(&self, _count: u32) {}
}

/// Starting with the computer.
pub mod autostart {
    use super::{Path, io};

    /// Whether Grend does.
    pub fn is_on() -> bool {
        false
    }

    /// Lets it, with the folder that the user named, or not.
    pub fn set(_on: bool, _data: Option<&Path>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Network and sleep.
pub mod hints {
    use super::Core;

    /// Nobody tells of them: connections find out by themselves.
    pub fn start(_core: Core) {}
}
