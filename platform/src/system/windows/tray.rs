//! The icon in the notification area. It lives on a thread of its own, with Windows' loop of messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;
use std::{mem, ptr, thread};

use grend_app::host::Wish;
use grend_app::icon::{SIDE, UNREAD, USUAL};
use grend_app::l10n::Words;
use tray_icon::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tray_icon::{Icon, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use windows_sys::Win32::System::Threading::GetCurrentThreadId;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    DispatchMessageW, GetMessageW, PostThreadMessageW, TranslateMessage, WM_APP,
};

use crate::wishes::Wishes;

/// The icon.
pub struct Tray {
    shown: Arc<Shown>,
    /// The thread that shows it.
    thread: u32,
}

#[derive(Default)]
struct Shown {
    there: AtomicBool,
    unread: AtomicU32,
}

impl Tray {
    /// Shows the icon.
    pub fn start(words: Arc<Words>, wishes: Wishes) -> Self {
        let shown = Arc::<Shown>::default();
        let (begun, beginning) = mpsc::channel();
        let what = Arc::clone(&shown);
        let started = thread::Builder::new().name("tray".to_owned()).spawn(move || {
            let icon = show(&words, wishes).inspect_err(|error| tracing::warn!(%error, "no icon"));
            what.there.store(icon.is_ok(), Ordering::Relaxed);
            // Whoever waits has the number of this thread and may write to it.
            let _ = begun.send(current_thread());
            if let Ok(icon) = icon {
                live(&icon, &words, &what.unread);
            }
        });
        if let Err(error) = started {
            tracing::warn!(%error, "no icon in the notification area");
        }
        Self {
            shown,
            thread: beginning.recv().unwrap_or_default(),
        }
    }

    /// Somebody can find Grend there.
    pub fn is_there(&self) -> bool {
        self.shown.there.load(Ordering::Relaxed)
    }

    /// How many messages wait to be read.
    #[allow(unsafe_code)]
    pub fn show_unread(&self, count: u32) {
        if self.shown.unread.swap(count, Ordering::Relaxed) != count && self.is_there() {
            // SAFETY: numbers only. A thread that has ended is not there any more, and nothing happens.
            unsafe { PostThreadMessageW(self.thread, WM_APP, 0, 0) };
        }
    }
}

fn show(words: &Words, wishes: Wishes) -> Result<TrayIcon, Box<dyn std::error::Error>> {
    let (open, quit) = (
        MenuItem::new(words.say("tray-open"), true, None),
        MenuItem::new(words.say("tray-quit"), true, None),
    );
    let menu = Menu::with_items(&[&open, &PredefinedMenuItem::separator(), &quit])?;
    let (quits, chosen) = (quit.id().clone(), wishes.clone());
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        chosen.tell(if event.id == quits { Wish::Quit } else { Wish::Show });
    }));
    TrayIconEvent::set_event_handler(Some(move |event| {
        if let TrayIconEvent::Click {
            button: MouseButton::Left,
            button_state: MouseButtonState::Up,
            ..
        } = event
        {
            wishes.tell(Wish::Show);
        }
    }));
    let icon = TrayIconBuilder::new()
        .with_menu(Box::new(menu))
        .with_menu_on_left_click(false)
        .with_tooltip("Grend")
        .with_icon(picture(0)?)
        .build()?;
    Ok(icon)
}

fn picture(unread: u32) -> Result<Icon, tray_icon::BadIcon> {
    let rgba = if unread == 0 { USUAL } else { UNREAD };
    Icon::from_rgba(rgba.to_vec(), SIDE, SIDE)
}

/// Serves the icon as long as the program runs.
#[allow(unsafe_code)]
fn live(icon: &TrayIcon, words: &Words, unread: &AtomicU32) {
    // SAFETY: a message is plain numbers, for which zeros will do, and the calls write and read this one alone.
    let mut message = unsafe { mem::zeroed() };
    while unsafe { GetMessageW(&raw mut message, ptr::null_mut(), 0, 0) } > 0 {
        if message.message == WM_APP && message.hwnd.is_null() {
            tell(icon, words, unread.load(Ordering::Relaxed));
        } else {
            unsafe {
                TranslateMessage(&raw const message);
                DispatchMessageW(&raw const message);
            }
        }
    }
}

fn tell(icon: &TrayIcon, words: &Words, unread: u32) {
    let tip = match unread {
        0 => "Grend".to_owned(),
        count => words.count("unread-count", count),
    };
    let told = || -> Result<(), Box<dyn std::error::Error>> {
        icon.set_icon(Some(picture(unread)?))?;
        Ok(icon.set_tooltip(Some(tip))?)
    };
    if let Err(error) = told() {
        tracing::warn!(%error, "the icon stays as it was");
    }
}

#[allow(unsafe_code)]
fn current_thread() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { GetCurrentThreadId() }
}
