//! A desktop with a tray and notices, on a private bus: it tells what programs show, and presses what they offer.
//!
//! Programs find it as they find a real one, by `StatusNotifierItem`, `com.canonical.dbusmenu` and the Desktop
//! Notifications Specification.

// zbus writes a trait for the signals, without a word, and names what we do not use.
#![allow(missing_docs, clippy::used_underscore_binding)]

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use zbus::blocking::{Connection, Proxy, connection};
use zbus::interface;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Structure, Value};

use crate::bus::Bus;

const NOTICES: &str = "/org/freedesktop/Notifications";
const PATIENCE: Duration = Duration::from_secs(20);

/// A running desktop.
pub struct Desktop {
    connection: Connection,
    icons: Receiver<String>,
    events: Receiver<Event>,
    bus: Bus,
}

/// What happens to notices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Shown(Notice),
    /// The program took it away.
    Closed(u32),
}

/// A notice as a program gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: u32,
    /// The one whose place it took, or 0.
    pub replaced: u32,
    pub title: String,
    pub text: String,
    /// What can be pressed: a key, and what stands there.
    pub actions: Vec<(String, String)>,
}

/// An icon in the tray.
pub struct Icon<'a> {
    item: Proxy<'a>,
    menu: Proxy<'a>,
}

impl Desktop {
    /// Starts one whose notices can do these things.
    pub fn start(can: &'static [&'static str]) -> Self {
        let (bus, (icon, icons), (event, events)) = (Bus::start(), channel(), channel());
        let watcher = Watcher { icon: Mutex::new(icon) };
        let notices = Notices {
            can,
            last: AtomicU32::new(0),
            event: Mutex::new(event),
        };
        let connection = connection::Builder::address(bus.address())
            .and_then(|builder| builder.serve_at("/StatusNotifierWatcher", watcher))
            .and_then(|builder| builder.serve_at(NOTICES, notices))
            .and_then(|builder| builder.name("org.kde.StatusNotifierWatcher"))
            .and_then(|builder| builder.name("org.freedesktop.Notifications"))
            .and_then(connection::Builder::build)
            .expect("the bus is there");
        Self {
            connection,
            icons,
            events,
            bus,
        }
    }

    /// The address of its bus.
    pub fn address(&self) -> &str {
        self.bus.address()
    }

    /// The next icon that comes into the tray.
    ///
    /// # Panics
    /// When none comes.
    pub fn icon(&self) -> Icon<'_> {
        let name = self.icons.recv_timeout(PATIENCE).expect("an icon comes into the tray");
        let proxy = |path: &'static str, interface: &'static str| {
            Proxy::new(&self.connection, name.clone(), path, interface).expect("the bus is there")
        };
        Icon {
            item: proxy("/StatusNotifierItem", "org.kde.StatusNotifierItem"),
            menu: proxy("/MenuBar", "com.canonical.dbusmenu"),
        }
    }

    /// What happens next to notices.
    ///
    /// # Panics
    /// When nothing does.
    pub fn event(&self) -> Event {
        self.events
            .recv_timeout(PATIENCE)
            .expect("something happens to a notice")
    }

    /// The next notice, and nothing else before it.
    ///
    /// # Panics
    /// When something else happens, or nothing.
    pub fn notice(&self) -> Notice {
        match self.event() {
            Event::Shown(notice) => notice,
            Event::Closed(id) => panic!("notice {id} was taken away"),
        }
    }

    /// Presses something on a notice; `default` is the notice itself.
    pub fn press(&self, id: u32, action: &str) {
        zbus::block_on(Notices::action_invoked(&self.emitter(), id, action)).expect("the bus is there");
    }

    /// Answers in a notice.
    pub fn answer(&self, id: u32, text: &str) {
        zbus::block_on(Notices::notification_replied(&self.emitter(), id, text)).expect("the bus is there");
    }

    /// Takes a name of the system, and says something under it to everybody.
    pub fn say<B>(&self, name: &str, path: &str, (interface, signal): (&str, &str), body: &B)
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.connection.request_name(name).expect("the name is free");
        self.connection
            .emit_signal(None::<&str>, path, interface, signal, body)
            .expect("the bus is there");
    }

    fn emitter(&self) -> SignalEmitter<'_> {
        SignalEmitter::new(self.connection.inner(), NOTICES).expect("a path is a path")
    }
}

impl Icon<'_> {
    /// Presses it.
    pub fn press(&self) {
        let pressed: zbus::Result<()> = self.item.call("Activate", &(0, 0));
        pressed.expect("the icon can be pressed");
    }

    /// What it looks like.
    pub fn pixels(&self) -> Vec<u8> {
        let mut all = self.properties();
        let pixmaps = all.remove("IconPixmap").expect("the icon has pixels");
        let pixmaps = Vec::<Structure<'_>>::try_from(pixmaps).expect("icons are a list");
        let first = pixmaps.into_iter().next().expect("there is an icon");
        let (_, _, pixels) = <(i32, i32, Vec<u8>)>::try_from(first).expect("an icon has pixels");
        pixels
    }

    /// Asked for each time: a proxy would remember them.
    fn properties(&self) -> HashMap<String, OwnedValue> {
        let asked = self.item.connection().call_method(
            Some(self.item.destination().clone()),
            self.item.path().clone(),
            Some("org.freedesktop.DBus.Properties"),
            "GetAll",
            &"org.kde.StatusNotifierItem",
        );
        let answer = asked.expect("the icon has properties");
        answer.body().deserialize().expect("properties have names")
    }

    /// Chooses a line of its menu.
    ///
    /// # Panics
    /// When there is no such line.
    pub fn choose(&self, label: &str) {
        type Line = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let (_, (_, _, lines)): (u32, Line) = self
            .menu
            .call("GetLayout", &(0, -1, Vec::<String>::new()))
            .expect("the icon has a menu");
        let lines: Vec<Line> = lines
            .into_iter()
            .map(|line| Line::try_from(Structure::try_from(line).expect("a line")).expect("a line of a menu"))
            .collect();
        let named = |line: &&Line| {
            let name = line.1.get("label").and_then(|name| <&str>::try_from(name).ok());
            name == Some(label)
        };
        let line = lines.iter().find(named);
        let (id, _, _) = line.unwrap_or_else(|| panic!("the menu has no {label:?}"));
        let chosen: zbus::Result<()> = self.menu.call("Event", &(*id, "clicked", Value::I32(0), 0_u32));
        chosen.expect("a line can be chosen");
    }
}

struct Watcher {
    icon: Mutex<Sender<String>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, name: String) {
        // A test that wants no icon does not listen.
        let _ = self.icon.lock().unwrap().send(name);
    }

    #[allow(clippy::unused_self)] // as zbus wants it
    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

struct Notices {
    can: &'static [&'static str],
    last: AtomicU32,
    event: Mutex<Sender<Event>>,
}

impl Notices {
    fn tell(&self, event: Event) {
        let _ = self.event.lock().unwrap().send(event);
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notices {
    fn get_capabilities(&self) -> &[&str] {
        self.can
    }

    #[allow(clippy::too_many_arguments)] // as the specification has them
    fn notify(
        &self,
        _program: &str,
        replaced: u32,
        _icon: &str,
        title: String,
        text: String,
        actions: Vec<String>,
        _hints: HashMap<String, Value<'_>>,
        _timeout: i32,
    ) -> u32 {
        let id = match replaced {
            0 => self.last.fetch_add(1, Ordering::Relaxed) + 1,
            old => old,
        };
        let actions = actions.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()));
        self.tell(Event::Shown(Notice {
            id,
            replaced,
            title,
            text,
            actions: actions.collect(),
        }));
        id
    }

    async fn close_notification(&self, id: u32, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) {
        self.tell(Event::Closed(id));
        // 3: by the program itself.
        let _ = Self::notification_closed(&emitter, id, 3).await;
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_replied(emitter: &SignalEmitter<'_>, id: u32, text: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;
}
