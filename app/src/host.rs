//! What the screens ask of the machine they run on. A desktop and a phone answer differently.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use futures::stream::{self, BoxStream, StreamExt as _};
use grend_core::Cause;
use grend_core::model::ChatId;

/// Percent.
const USUAL: u16 = 100;
const LARGEST: u16 = 250;

/// The machine.
pub trait Host: Send + Sync {
    /// The language people here speak, say `nb_NO.UTF-8`.
    fn locale(&self) -> String;
    /// Now, ms UTC.
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
    /// How many seconds the clock on the wall is ahead of UTC at a moment (ms UTC): summer time differs.
    fn utc_offset(&self, at: i64) -> i32;
    /// Opens a web page in the user's browser. Called with http and https only.
    fn open(&self, link: &str);
    /// What the machine wishes of the program. Asked for once.
    fn wishes(&self) -> BoxStream<'static, Wish> {
        stream::pending().boxed()
    }
    /// What was wished of this chat is written down, or the user was told why not: whoever brought the wish may go. A phone ends
    /// a process that nobody waits for.
    fn fulfilled(&self, _chat: ChatId) {}
    /// Shows what is new to somebody who does not look; `None` takes it away. It shows only if it still holds after a
    /// moment: what is read on another device meanwhile makes no sound here.
    fn notify(&self, news: Option<News>);
    /// How many messages wait to be read, in all chats: the icon in the tray shows whether there are any.
    fn show_unread(&self, _count: u32) {}
    /// Without a window the program can still be found, say in the tray: closing the window does not end it.
    fn stays(&self) -> bool {
        false
    }
    /// Says, the first time, that the program stays.
    fn say_it_stays(&self, _news: News) {}
    /// The program ends: nobody who comes now is let in.
    fn leave(&self) {}
    /// Whether the program starts with the computer; `None` where that is not for us to say.
    fn starts_with_computer(&self) -> Option<bool> {
        None
    }
    /// Lets it start with the computer, or not.
    fn start_with_computer(&self, _on: bool) -> Result<(), Cause> {
        Ok(())
    }
    /// Passwords are kept in a file, because the system has no safe for them.
    fn passwords_in_file(&self) -> bool;
    /// There is a camera that can look for a code.
    fn has_camera(&self) -> bool {
        false
    }
    /// Looks for a code with the camera, in a window of the machine's own. The answer is [`Wish::Seen`]; none if the user
    /// gave it up.
    fn scan(&self) {}
    /// The user can choose a picture from their files.
    fn has_pictures(&self) -> bool {
        false
    }
    /// Lets the user choose a picture in which a code is looked for. Answered like [`Host::scan`].
    fn choose_picture(&self) {}
    /// There is a keyboard with keys. Without one a conversation opens to be read: a keyboard that comes unasked would
    /// cover half of it.
    fn has_keys(&self) -> bool {
        true
    }
    /// What of this machine may hold Grend back while nobody looks. Asks the system anew, which may take a moment.
    fn limits(&self) -> Limits {
        Limits::default()
    }
    /// The machine can lead the user to where a limit is changed.
    fn can_lift(&self) -> bool {
        false
    }
    /// Leads the user to where this limit is changed.
    fn lift(&self, _limit: Limit) {}
    /// The user was told once that messages may come late here, or need not be told.
    fn limits_told(&self) -> bool {
        true
    }
    /// Remembers that the user was told.
    fn tell_limits(&self) {}
    /// A program on this machine can wake Grend when a push service sends something.
    fn can_be_woken(&self) -> bool {
        false
    }
    /// Asks that program to wake Grend, or not any more. The answer is [`Wish::Endpoint`].
    fn let_wake(&self, _on: bool) {}
    /// Whether Grend is to stay connected while nobody looks: not without an account, nor where it is woken.
    fn stay_connected(&self, _on: bool) {}
    /// How large the user wants text, in percent of the usual.
    fn text_percent(&self) -> u16;
    /// Remembers how large the user wants text.
    fn set_text_percent(&self, percent: u16);
}

/// What the machine wishes of the program: somebody used the tray or a notice, or started Grend once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Open the window, or raise it.
    Show,
    /// End the program.
    Quit,
    /// Follow an `xmpp:` link, from whoever made it. RFC 5122.
    Link(String),
    /// Another program hands over a text: ask to whom it is to be sent.
    Share(String),
    /// What came of looking for a code.
    Seen(Seen),
    /// Where a push service reaches this device from now on; nowhere, if it cannot.
    Endpoint(Option<String>),
    /// Show this chat.
    Open(ChatId),
    /// Send this to this chat.
    Reply(ChatId, String),
    /// This chat was read.
    Read(ChatId),
}

/// What of a machine may hold Grend back. `None`: it does not say, or has no such thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Notices of Grend are switched off.
    pub notices_off: Option<bool>,
    /// Programs may not work in the background, or this one may not.
    pub background_restricted: Option<bool>,
    /// The system puts Grend to sleep to save the battery.
    pub battery_optimised: Option<bool>,
    /// Programs in the background may not use a metered network, and Grend is no exception.
    pub data_saver: Option<bool>,
    /// The network costs by use.
    pub metered: Option<bool>,
    /// The machine saves power now.
    pub power_saving: Option<bool>,
}

/// One thing that holds Grend back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Limit {
    Notices,
    Background,
    Battery,
    Data,
    Power,
}

impl Limits {
    /// What holds Grend back now, the worst first.
    pub fn all(self) -> impl Iterator<Item = Limit> {
        let data = self
            .data_saver
            .zip(self.metered)
            .map(|(saver, metered)| saver && metered);
        let all = [
            (Limit::Notices, self.notices_off),
            (Limit::Background, self.background_restricted),
            (Limit::Battery, self.battery_optimised),
            (Limit::Data, data),
            (Limit::Power, self.power_saving),
        ];
        all.into_iter()
            .filter(|(_, on)| *on == Some(true))
            .map(|(limit, _)| limit)
    }

    /// Whether the machine says anything of what may hold Grend back.
    pub fn are_known(self) -> bool {
        self != Self {
            metered: self.metered,
            ..Self::default()
        }
    }
}

/// What came of looking for a code, with the camera or in a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// What the code says, from whoever made it.
    Code(String),
    /// There is no code in the picture that can be read.
    NoCode,
    /// This is no picture, or one that is too large.
    NoPicture,
    /// There is no camera, or the user does not let us use it.
    NoCamera,
    /// The machine cannot let the user choose a file.
    NoFiles,
}

/// What is new, in the user's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Who wrote, or how many messages there are.
    pub title: String,
    /// What they wrote, or who they are.
    pub text: String,
    /// The chat, if it is one: there it can be answered.
    pub chat: Option<ChatId>,
}

/// How large the user wants text, in percent of the usual, and the file where it is kept.
pub struct TextSize {
    file: PathBuf,
    percent: AtomicU16,
}

impl TextSize {
    /// What is kept in a folder; the usual if nothing is.
    pub fn of(folder: &Path) -> Self {
        let file = folder.join("text-size");
        let percent = std::fs::read_to_string(&file).ok();
        let percent = percent
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(USUAL)
            .clamp(USUAL, LARGEST);
        Self {
            file,
            percent: AtomicU16::new(percent),
        }
    }

    /// As it is now.
    pub fn percent(&self) -> u16 {
        self.percent.load(Ordering::Relaxed)
    }

    /// From now on, and kept.
    pub fn set(&self, percent: u16) {
        self.percent.store(percent, Ordering::Relaxed);
        if let Err(error) = std::fs::write(&self.file, percent.to_string()) {
            tracing::warn!(%error, "the text size was not kept");
        }
    }
}
