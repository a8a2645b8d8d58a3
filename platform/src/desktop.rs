//! The machine under a desktop window, as the screens ask for it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use futures::channel::mpsc::UnboundedReceiver;
use futures::stream::{self, BoxStream, StreamExt};
use grend_app::host::{Host, Limits, News, Seen, TextSize, Wish};
use grend_app::l10n::Words;
use grend_core::{Cause, Storage};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::notices::Notices;
use crate::picture;
use crate::single::Door;
use crate::system::{self, Board, Tray, autostart};
use crate::vault::Passwords;
use crate::wishes::Wishes;

/// The desktop.
pub struct Desk {
    place: Place,
    vault: Arc<Passwords>,
    zone: TimeZone,
    text_size: TextSize,
    words: Arc<Words>,
    notices: Notices,
    tray: Tray,
    wishes: Wishes,
    wished: Mutex<Option<UnboundedReceiver<Wish>>>,
    door: Mutex<Option<Door>>,
    autostarts: Mutex<Option<bool>>,
}

/// Where the program's things are, and how it was started.
pub struct Place {
    /// The folder of the data.
    pub folder: PathBuf,
    /// The user named it.
    pub named: bool,
    /// Without a window.
    pub hidden: bool,
}

impl Desk {
    /// The desktop. Whoever starts Grend once more with the same folder comes in here, if it is ours.
    pub fn new(place: Place, vault: Arc<Passwords>, is_ours: bool) -> Self {
        let (wishes, wished) = Wishes::new();
        let words = Arc::new(Words::new(&locale()));
        let door = is_ours.then(|| Door::open(&place.folder, wishes.clone()));
        let door = door.and_then(|door| {
            door.inspect_err(|error| tracing::warn!(%error, "another start will not find this one"))
                .ok()
        });
        Self {
            vault,
            zone: TimeZone::system(),
            text_size: TextSize::of(&place.folder),
            notices: Notices::start(Board::new(Arc::clone(&words), wishes.clone())),
            tray: Tray::start(Arc::clone(&words), wishes.clone()),
            words,
            wishes,
            wished: Mutex::new(Some(wished)),
            door: Mutex::new(door),
            autostarts: Mutex::new(autostart::is_on()),
            place,
        }
    }

    /// Wishes something, as the machine would.
    pub fn wish(&self, wish: Wish) {
        self.wishes.tell(wish);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn locale() -> String {
    sys_locale::get_locale().unwrap_or_default()
}

impl Host for Desk {
    fn locale(&self) -> String {
        locale()
    }

    fn utc_offset(&self, at: i64) -> i32 {
        let moment = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zone.to_offset(moment).seconds()
    }

    fn open(&self, link: &str) {
        // Whatever a message says: other schemes start other programs.
        if !["http://", "https://"].iter().any(|scheme| link.starts_with(scheme)) {
            return tracing::warn!("a link that is not to a web page is not opened");
        }
        match system::open(link) {
            // Waited for, so that no dead process stays behind.
            Ok(mut browser) => drop(thread::spawn(move || browser.wait())),
            Err(error) => tracing::warn!(%error, "no program opens links"),
        }
    }

    fn has_pictures(&self) -> bool {
        true
    }

    fn choose_picture(&self) {
        let (wishes, title) = (self.wishes.clone(), self.words.say("compare-picture"));
        let choose = move || {
            let seen = match system::pictures::choose(&title) {
                Ok(Some(path)) => picture::look(&path),
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "no picture can be chosen");
                    Seen::NoFiles
                }
            };
            wishes.tell(Wish::Seen(seen));
        };
        if let Err(error) = thread::Builder::new().name("picture".to_owned()).spawn(choose) {
            tracing::warn!(%error, "no picture can be chosen");
        }
    }

    fn wishes(&self) -> BoxStream<'static, Wish> {
        let wished = locked(&self.wished).take();
        wished.map_or_else(|| stream::pending().boxed(), StreamExt::boxed)
    }

    fn notify(&self, news: Option<News>) {
        self.notices.tell(news);
    }

    fn show_unread(&self, count: u32) {
        self.tray.show_unread(count);
    }

    fn stays(&self) -> bool {
        // Whoever lets it start without a window wants it to be there, and starts it once more to see it.
        self.tray.is_there() || self.place.hidden
    }

    fn say_it_stays(&self, news: News) {
        let said = self.place.folder.join("said-it-stays");
        if !said.exists() {
            self.notices.say(news, move || {
                if let Err(error) = std::fs::write(said, "") {
                    tracing::warn!(%error, "this will be said once more");
                }
            });
        }
    }

    fn leave(&self) {
        *locked(&self.door) = None;
    }

    fn starts_with_computer(&self) -> Option<bool> {
        *locked(&self.autostarts)
    }

    fn start_with_computer(&self, on: bool) -> Result<(), Cause> {
        let data = self.place.named.then(|| std::path::absolute(&self.place.folder));
        let set = data.transpose().and_then(|data| autostart::set(on, data.as_deref()));
        set.map_err(|error| Cause::from(Storage::Folder(format!("autostart ({error})"))))?;
        *locked(&self.autostarts) = Some(on);
        Ok(())
    }

    fn passwords_in_file(&self) -> bool {
        self.vault.in_file()
    }

    fn limits(&self) -> Limits {
        Limits {
            power_saving: system::power::is_saved(),
            metered: system::power::is_metered(),
            ..Limits::default()
        }
    }

    fn text_percent(&self) -> u16 {
        self.text_size.percent()
    }

    fn set_text_percent(&self, percent: u16) {
        self.text_size.set(percent);
    }
}
