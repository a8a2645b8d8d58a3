//! A screen of our own: a private Xvfb without a window manager, and a hand on its keyboard and mouse.
//!
//! Keys, clicks and the wheel are XTEST events over the same connection that reads the pixels: what was pressed and what
//! was seen have an order, and nothing is started between the two that a measurement would count.

use std::process::Command;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _, EventMask, ImageFormat, InputFocus, MapState,
    Window as Id,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::picture::{Area, Picture};
use crate::process::Process;

const ADVICE: &str = "install the Debian package xvfb (./run-tests does)";
/// How long a program may take to show what it should.
pub const PATIENCE: Duration = Duration::from_secs(30);

// Types of events in the X protocol, as XTEST wants them.
const KEY: [u8; 2] = [2, 3];
const BUTTON: [u8; 2] = [4, 5];
const MOTION: u8 = 6;

/// The wheel is two of the mouse's buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wheel {
    /// Away from the hand: towards the beginning.
    Up,
    /// Towards the hand.
    Down,
}

/// A key of the keyboard and how it is reached.
struct Key {
    symbol: u32,
    code: u8,
    shifted: bool,
}

/// A running Xvfb.
pub struct Screen {
    x: RustConnection,
    root: Id,
    display: String,
    keys: Vec<Key>,
    // Last, so that the connection is closed before its server ends.
    _process: Process,
}

impl Screen {
    /// Starts one that is larger than any window of ours.
    pub fn start() -> Self {
        // Xvfb does not read its standard input: it ends when we do, however that comes.
        let mut command = Command::new("setpriv");
        command.args([
            "--pdeathsig",
            "KILL",
            "Xvfb",
            "-displayfd",
            "1",
            "-nolisten",
            "tcp",
            "-noreset",
            "-br",
        ]);
        command.args(["-dpi", "96", "-screen", "0", "1280x1024x24"]);
        let mut process = Process::start("Xvfb", &mut command, ADVICE);
        let number = process.line(Instant::now() + PATIENCE).expect("Xvfb tells its number");
        let display = format!(":{}", number.trim());
        let (x, screen) = RustConnection::connect(Some(&display)).expect("Xvfb accepts connections");
        let root = x.setup().roots[screen].root;
        let keys = keyboard(&x);
        Self {
            x,
            root,
            display,
            keys,
            _process: process,
        }
    }

    /// Lets a program show itself here, in English, and nowhere else. It finds no bus unless `portal` names one, which is the session's and the system's.
    pub fn show_here(&self, command: &mut Command, portal: Option<&str>) {
        command
            .env("DISPLAY", &self.display)
            .env("DBUS_SESSION_BUS_ADDRESS", portal.unwrap_or("disabled:"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", portal.unwrap_or("disabled:"))
            .env("NO_AT_BRIDGE", "1")
            .env("GDK_BACKEND", "x11")
            .env("LC_ALL", "en_US.UTF-8")
            .env("TZ", "Europe/Oslo")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("WAYLAND_SOCKET")
            .env_remove("XMODIFIERS");
    }

    /// The window of a program, once it is there.
    ///
    /// # Panics
    /// When it does not come.
    pub fn window_of(&self, process: &mut Process) -> Id {
        let pid_atom = self.atom("_NET_WM_PID");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(window) = self.find(pid_atom, process.pid()) {
                return window;
            }
            assert!(
                process.is_running() && Instant::now() < deadline,
                "no window came up. The program said:\n{}",
                process.said()
            );
            std::thread::sleep(Duration::from_millis(1)); // between two looks; the look decides
        }
    }

    /// Whether a program shows a window now.
    pub fn has_window(&self, process: &Process) -> bool {
        self.find(self.atom("_NET_WM_PID"), process.pid()).is_some()
    }

    fn find(&self, pid_atom: u32, pid: u32) -> Option<Id> {
        let tree = self.x.query_tree(self.root).ok()?.reply().ok()?;
        tree.children.into_iter().find(|window| {
            // A window may go away between two questions; then it is not ours.
            let asked = self.x.get_property(false, *window, pid_atom, AtomEnum::CARDINAL, 0, 1);
            let owner = asked.ok().and_then(|cookie| cookie.reply().ok());
            // Weston does not say whose its window is; then it is that of the only program here.
            let owner = owner.and_then(|owner| owner.value32()?.next());
            let owned = owner.is_none_or(|owner| owner == pid);
            let seen = self
                .x
                .get_window_attributes(*window)
                .ok()
                .and_then(|cookie| cookie.reply().ok());
            owned && seen.is_some_and(|seen| seen.map_state == MapState::VIEWABLE)
        })
    }

    /// The window with this title, if there is one.
    pub fn titled(&self, title: &str) -> Option<Id> {
        let tree = self.x.query_tree(self.root).ok()?.reply().ok()?;
        tree.children.into_iter().find(|window| {
            let (name, any) = (AtomEnum::WM_NAME, AtomEnum::ANY);
            let asked = self.x.get_property(false, *window, name, any, 0, 64).ok();
            let told = asked.and_then(|cookie| cookie.reply().ok());
            told.is_some_and(|told| told.value == title.as_bytes())
        })
    }

    /// What a window shows, or only an area of it, which costs the screen less; `None` if the window is gone.
    pub fn picture(&self, window: Id, area: Option<Area>) -> Option<Picture> {
        let size = self.x.get_geometry(window).ok()?.reply().ok()?;
        let (width, height) = (usize::from(size.width), usize::from(size.height));
        let Area { x, y, width, height } = area.unwrap_or(Area {
            x: 0,
            y: 0,
            width,
            height,
        });
        let (left, top) = (i16::try_from(x).ok()?, i16::try_from(y).ok()?);
        let (wide, high) = (u16::try_from(width).ok()?, u16::try_from(height).ok()?);
        let asked = self
            .x
            .get_image(ImageFormat::Z_PIXMAP, window, left, top, wide, high, !0);
        let image = asked.ok()?.reply().ok()?;
        Some(Picture::from_x(width, height, &image.data))
    }

    /// Changes a window's size, as its edge would, and puts it into the upper left corner: some programs choose a place of their own.
    pub fn resize(&self, window: Id, width: u32, height: u32) {
        let place = ConfigureWindowAux::new().x(0).y(0).width(width).height(height);
        self.do_it(self.x.configure_window(window, &place).is_ok());
    }

    /// Whether a window lies where clicks look for it.
    pub fn is_in_corner(&self, window: Id) -> bool {
        let asked = self.x.get_geometry(window).ok();
        let place = asked.and_then(|cookie| cookie.reply().ok());
        place.is_some_and(|place| (place.x, place.y) == (0, 0))
    }

    /// Gives a window the keyboard, or takes it from all of them.
    pub fn focus(&self, window: Option<Id>) {
        let focus = window.unwrap_or(x11rb::NONE);
        self.do_it(
            self.x
                .set_input_focus(InputFocus::POINTER_ROOT, focus, x11rb::CURRENT_TIME)
                .is_ok(),
        );
        // Who asked to be told takes it only then: wine does.
        if let Some(window) = window.filter(|window| self.protocols(*window).contains(&self.atom("WM_TAKE_FOCUS"))) {
            self.tell(window, "WM_TAKE_FOCUS");
        }
    }

    /// Asks a window to close, as its cross would.
    pub fn close(&self, window: Id) {
        self.tell(window, "WM_DELETE_WINDOW");
    }

    /// Tells a window what window managers tell. ICCCM, section 4.2.8.
    fn tell(&self, window: Id, what: &str) {
        let (protocols, what) = (self.atom("WM_PROTOCOLS"), self.atom(what));
        let event = ClientMessageEvent::new(32, window, protocols, [what, x11rb::CURRENT_TIME, 0, 0, 0]);
        self.do_it(self.x.send_event(false, window, EventMask::NO_EVENT, event).is_ok());
    }

    /// What a window wants to be told.
    fn protocols(&self, window: Id) -> Vec<u32> {
        let name = self.atom("WM_PROTOCOLS");
        let asked = self.x.get_property(false, window, name, AtomEnum::ATOM, 0, 16);
        let told = asked.ok().and_then(|cookie| cookie.reply().ok());
        told.and_then(|told| Some(told.value32()?.collect()))
            .unwrap_or_default()
    }

    /// Moves the pointer to a place on the screen. Windows lie at its upper left corner.
    pub fn point(&self, x: usize, y: usize) {
        let at = |side: usize| i16::try_from(side).expect("the screen is not that large");
        let moved = self
            .x
            .xtest_fake_input(MOTION, 0, x11rb::CURRENT_TIME, self.root, at(x), at(y), 0);
        self.do_it(moved.is_ok());
    }

    /// Clicks there.
    pub fn click(&self, x: usize, y: usize) {
        self.point(x, y);
        for kind in BUTTON {
            self.fake(kind, 1);
        }
    }

    /// Turns the wheel by one notch where the pointer is.
    pub fn wheel(&self, wheel: Wheel) {
        let button = if wheel == Wheel::Up { 4 } else { 5 };
        for kind in BUTTON {
            self.fake(kind, button);
        }
    }

    /// Types a text.
    pub fn write(&self, text: &str) {
        for letter in text.chars() {
            self.stroke(u32::from(letter), &[]);
        }
    }

    /// Presses a key by its name, with others held down: `ctrl+k`, `Return`.
    pub fn press(&self, keys: &str) {
        let symbols: Vec<u32> = keys.split('+').map(symbol).collect();
        let (last, held) = symbols.split_last().expect("a key has a name");
        self.stroke(*last, held);
    }

    fn stroke(&self, symbol: u32, held: &[u32]) {
        let key = self.key(symbol);
        let mut held: Vec<u8> = held.iter().map(|symbol| self.key(*symbol).code).collect();
        if key.shifted {
            held.push(self.key(symbol_of("shift")).code);
        }
        for code in &held {
            self.fake(KEY[0], *code);
        }
        for kind in KEY {
            self.fake(kind, key.code);
        }
        for code in held.iter().rev() {
            self.fake(KEY[1], *code);
        }
    }

    fn key(&self, symbol: u32) -> &Key {
        let key = self.keys.iter().find(|key| key.symbol == symbol);
        key.unwrap_or_else(|| panic!("the keyboard of the screen has no key {symbol:#x}"))
    }

    fn fake(&self, kind: u8, detail: u8) {
        let faked = self
            .x
            .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, 0, 0, 0);
        self.do_it(faked.is_ok());
    }

    fn do_it(&self, asked: bool) {
        assert!(asked && self.x.flush().is_ok(), "the screen has gone");
    }

    fn atom(&self, name: &str) -> u32 {
        let asked = self.x.intern_atom(false, name.as_bytes()).expect("the screen is there");
        asked.reply().expect("an atom has a number").atom
    }
}

/// All keys, those without Shift first.
fn keyboard(x: &RustConnection) -> Vec<Key> {
    let (first, last) = (x.setup().min_keycode, x.setup().max_keycode);
    let asked = x
        .get_keyboard_mapping(first, last - first + 1)
        .expect("the screen is there");
    let map = asked.reply().expect("a keyboard has a map");
    let columns = usize::from(map.keysyms_per_keycode);
    let of = |column: usize, shifted: bool| {
        let symbols = map.keysyms.chunks_exact(columns);
        (first..=last).zip(symbols).map(move |(code, symbols)| Key {
            symbol: symbols[column],
            code,
            shifted,
        })
    };
    of(0, false).chain(of(1, true)).filter(|key| key.symbol != 0).collect()
}

fn symbol(name: &str) -> u32 {
    let mut letters = name.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => u32::from(letter),
        _ => symbol_of(name),
    }
}

/// The numbers that X gives to keys without a letter.
fn symbol_of(name: &str) -> u32 {
    match name {
        "ctrl" => 0xffe3,
        "shift" => 0xffe1,
        "Return" => 0xff0d,
        "Tab" => 0xff09,
        "Escape" => 0xff1b,
        "BackSpace" => 0xff08,
        "PageUp" => 0xff55,
        "PageDown" => 0xff56,
        _ => panic!("no key is called {name}"),
    }
}
