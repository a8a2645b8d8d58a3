//! The icon in the tray: `StatusNotifierItem`, which all desktops with a tray know (GNOME with an extension).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use grend_app::host::Wish;
use grend_app::icon::{SIDE, UNREAD, USUAL};
use grend_app::l10n::Words;
use ksni::blocking::TrayMethods as _;
use ksni::menu::StandardItem;
use ksni::{Category, MenuItem, OfflineReason, ToolTip};

use crate::wishes::Wishes;

/// The icon, if there is a tray.
pub struct Tray {
    unread: Sender<u32>,
    there: Arc<There>,
}

/// Whether somebody shows the icon: it was begun, and there is a tray.
#[derive(Default)]
struct There {
    begun: AtomicBool,
    gone: AtomicBool,
}

impl Tray {
    /// Looks for a tray, and waits for one that comes later, without holding up anybody.
    pub fn start(words: Arc<Words>, wishes: Wishes) -> Self {
        let (unread, counts) = channel();
        let there = Arc::<There>::default();
        let icon = Icon {
            words,
            wishes,
            unread: 0,
            there: Arc::clone(&there),
        };
        let started = thread::Builder::new()
            .name("tray".to_owned())
            .spawn(move || icon.live(&counts));
        if let Err(error) = started {
            tracing::warn!(%error, "no icon in the tray");
        }
        Self { unread, there }
    }

    /// A tray shows the icon.
    pub fn is_there(&self) -> bool {
        self.there.begun.load(Ordering::Relaxed) && !self.there.gone.load(Ordering::Relaxed)
    }

    /// How many messages wait to be read.
    pub fn show_unread(&self, count: u32) {
        // Without a tray nobody listens.
        let _ = self.unread.send(count);
    }
}

struct Icon {
    words: Arc<Words>,
    wishes: Wishes,
    unread: u32,
    there: Arc<There>,
}

impl Icon {
    fn live(self, counts: &Receiver<u32>) {
        let there = Arc::clone(&self.there);
        // A tray that is not there yet is not an error: it may come, and `watcher_offline` says that it is not there.
        let icon = self.assume_sni_available(true).disable_dbus_name(super::is_sandboxed());
        let handle = match icon.spawn() {
            Ok(handle) => handle,
            Err(error) => return tracing::info!(%error, "no icon in the tray"),
        };
        there.begun.store(true, Ordering::Relaxed);
        let mut shown = 0;
        for count in counts {
            if std::mem::replace(&mut shown, count) != count {
                handle.update(|icon| icon.unread = count);
            }
        }
    }
}

impl ksni::Tray for Icon {
    fn id(&self) -> String {
        "grend".to_owned()
    }

    fn title(&self) -> String {
        "Grend".to_owned()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        let rgba = if self.unread == 0 { USUAL } else { UNREAD };
        vec![ksni::Icon {
            width: SIDE.cast_signed(),
            height: SIDE.cast_signed(),
            data: argb(rgba),
        }]
    }

    fn tool_tip(&self) -> ToolTip {
        let description = match self.unread {
            0 => String::new(),
            count => self.words.count("unread-count", count),
        };
        ToolTip {
            title: self.title(),
            description,
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.wishes.tell(Wish::Show);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let item = |key, wish: Wish| {
            MenuItem::from(StandardItem {
                label: self.words.say(key),
                activate: Box::new(move |icon: &mut Self| {
                    icon.wishes.tell(wish.clone());
                }),
                ..StandardItem::default()
            })
        };
        vec![
            item("tray-open", Wish::Show),
            MenuItem::Separator,
            item("tray-quit", Wish::Quit),
        ]
    }

    fn watcher_online(&self) {
        self.there.gone.store(false, Ordering::Relaxed);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "no tray");
        self.there.gone.store(true, Ordering::Relaxed);
        // Go on: it may come back.
        true
    }
}

/// The order of colours that trays want.
fn argb(rgba: &[u8]) -> Vec<u8> {
    let (pixels, _) = rgba.as_chunks::<4>();
    pixels.iter().flat_map(|[r, g, b, a]| [*a, *r, *g, *b]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icons_have_their_size() {
        for icon in [USUAL, UNREAD] {
            assert_eq!(argb(icon).len(), 4 * 48 * 48);
        }
        assert_eq!(argb(&[1, 2, 3, 4]), [4, 1, 2, 3]);
    }
}
