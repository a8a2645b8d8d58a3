//! A phone in memory: a glass to look at, a finger, a keyboard, and a clock that goes only when told.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../../../../app/tests/common/mod.rs"]
pub mod family;

use std::fs::File;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use grend_android::shell::{
    Area, Edit, Field, Input, Look, Lost, Phase, Phone, Picture, Press, Shell, Surface, Typing,
};
use grend_app::app::{Grend, Message, State};
use grend_app::screen;
use grend_core::model::{ChatId, Connection, MessageId, Timeline, Window};
use grend_core::{Cause, Core, Storage};
use iced_core::{Padding, Point, Rectangle, Size, window};

/// A usual phone, whose upper edge a bar covers.
pub fn look() -> Look {
    Look {
        density: 1.5,
        covered: Padding {
            top: 36.0,
            ..Padding::ZERO
        },
        ..Look::default()
    }
}

/// How long something may take that others do.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(20);

/// What the glass shows, as RGBA, and how it came there.
#[derive(Default)]
pub struct Shown {
    pub size: Size<u32>,
    pub pixels: Vec<u8>,
    pub areas: Vec<Area>,
    /// The window is gone, but nobody said so yet.
    pub broken: bool,
}

#[derive(Clone, Default)]
pub struct Glass(pub Arc<Mutex<Shown>>);

impl Glass {
    pub fn new(size: Size<u32>) -> Self {
        let glass = Self::default();
        glass.resize(size);
        glass
    }

    pub fn resize(&self, size: Size<u32>) {
        let mut shown = self.0.lock().unwrap();
        shown.size = size;
        shown.pixels = vec![0; size.width as usize * size.height as usize * 4];
    }

    /// How many pixels were drawn since the last time.
    pub fn drawn(&self) -> u64 {
        let areas = std::mem::take(&mut self.0.lock().unwrap().areas);
        let area = |area: &Area| u64::from(area.right - area.left) * u64::from(area.bottom - area.top);
        areas.iter().map(area).sum()
    }

    /// What tells one picture from another.
    pub fn sum(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut sum = DefaultHasher::new();
        self.0.lock().unwrap().pixels.hash(&mut sum);
        sum.finish()
    }

    /// How many pixels have this colour.
    pub fn count(&self, color: [u8; 3]) -> usize {
        let shown = self.0.lock().unwrap();
        shown.pixels.chunks(4).filter(|pixel| pixel[..3] == color).count()
    }

    pub fn pixels(&self) -> Vec<u8> {
        self.0.lock().unwrap().pixels.clone()
    }
}

impl Surface for Glass {
    fn size(&self) -> Size<u32> {
        self.0.lock().unwrap().size
    }

    fn show(&mut self, picture: Picture<'_>, changed: Area) -> Result<(), Lost> {
        let mut shown = self.0.lock().unwrap();
        if shown.broken {
            return Err(Lost);
        }
        assert_eq!(picture.size, shown.size);
        for y in changed.top..changed.bottom {
            for x in changed.left..changed.right {
                let at = (y as usize * shown.size.width as usize + x as usize) * 4;
                let [blue, green, red, alpha] = picture.bytes[at..at + 4].try_into().unwrap();
                shown.pixels[at..at + 4].copy_from_slice(&[red, green, blue, alpha]);
            }
        }
        shown.areas.push(changed);
        Ok(())
    }
}

/// What the shell asked of the phone.
#[derive(Default)]
pub struct Asked {
    pub keyboard: Mutex<Vec<Option<Field>>>,
    pub clipboard: Mutex<Option<String>>,
    pub forgotten: Mutex<usize>,
    pub offered: Mutex<usize>,
    pub left: Mutex<usize>,
    pub shared: Mutex<Vec<String>>,
}

impl Phone for Asked {
    fn keyboard(&self, field: Option<Field>) {
        self.keyboard.lock().unwrap().push(field);
    }
    fn forget(&self) {
        *self.forgotten.lock().unwrap() += 1;
    }
    fn copy(&self, text: String) {
        *self.clipboard.lock().unwrap() = Some(text);
    }
    fn paste(&self) -> Option<String> {
        self.clipboard.lock().unwrap().clone()
    }
    fn offer(&self) {
        *self.offered.lock().unwrap() += 1;
    }
    fn share(&self, text: String) {
        self.shared.lock().unwrap().push(text);
    }
    fn leave(&self) {
        *self.left.lock().unwrap() += 1;
    }
}

pub struct Handset {
    pub shell: Shell,
    pub glass: Glass,
    pub asked: Arc<Asked>,
    pub desk: Arc<family::Desk>,
    pub typing: Arc<Mutex<Typing>>,
    pub look: Look,
    /// The same program beside the shell, to ask where things stand.
    pub map: State,
    pub now: Instant,
    next: Option<Instant>,
    woken: Arc<AtomicBool>,
}

/// The size of a screen in points, as phones have it.
pub const SMALL: Size = Size::new(360.0, 640.0);
pub const USUAL: Size = Size::new(411.0, 891.0);

impl Handset {
    /// A phone whose screen has this size in points, with a surface and nobody signed in.
    pub fn new(size: Size, look: Look) -> Self {
        Self::speaking("en", size, look)
    }

    pub fn speaking(language: &'static str, size: Size, look: Look) -> Self {
        Self::on(Err(Cause::from(Storage::NoTrust)), language, size, look)
    }

    /// The same on a core that is there.
    pub fn on(core: Result<Core, Cause>, language: &'static str, size: Size, look: Look) -> Self {
        let mut handset = Self::begin(core, language, size, look);
        handset.shell.tell(Input::Watched(true));
        handset.give_surface();
        handset
    }

    /// A phone that started Grend without a window.
    pub fn unseen(size: Size, look: Look) -> Self {
        Self::begin(Err(Cause::from(Storage::NoTrust)), "en", size, look)
    }

    fn begin(core: Result<Core, Cause>, language: &'static str, size: Size, look: Look) -> Self {
        let (mut desk, asked, typing) = (family::Desk::new(language), Arc::new(Asked::default()), Arc::default());
        let machine = Arc::get_mut(&mut desk).unwrap();
        (machine.keys, machine.sees) = (false, true);
        let woken = Arc::new(AtomicBool::new(false));
        let (alarm, owner) = (Arc::clone(&woken), thread::current());
        let program = Grend::new(core, Arc::clone(&desk) as _);
        let phone = Arc::clone(&asked) as Arc<dyn Phone>;
        let shell = Shell::new(program, phone, Arc::clone(&typing), move || {
            alarm.store(true, Ordering::SeqCst);
            owner.unpark();
        });
        let pixels = |points: f32| (points * look.density).round() as u32;
        let glass = Glass::new(Size::new(pixels(size.width), pixels(size.height)));
        let mut handset = Self {
            map: State::new(None, Arc::clone(&desk) as _),
            shell,
            glass,
            asked,
            desk,
            typing,
            look,
            now: Instant::now(),
            next: None,
            woken,
        };
        let _ = handset
            .map
            .update(Message::Window(window::Event::Resized(handset.points())));
        handset.shell.tell(Input::Look(look));
        handset
    }

    pub fn give_surface(&mut self) {
        self.tell(Input::Surface(Box::new(self.glass.clone())));
    }

    pub fn look(&mut self, look: Look) {
        self.look = look;
        self.tell(Input::Look(look));
    }

    pub fn tell(&mut self, input: Input) {
        self.shell.tell(input);
        self.settle();
    }

    /// Lets everything happen that happens by now, and the frames that follow at once.
    pub fn settle(&mut self) {
        loop {
            self.next = self.shell.turn(self.now);
            if !self.woken.swap(false, Ordering::SeqCst) {
                break;
            }
        }
    }

    /// Lets time pass. How many turns that took.
    pub fn pass(&mut self, millis: u64) -> usize {
        let end = self.now + Duration::from_millis(millis);
        let mut turns = 0;
        while let Some(next) = self.next.filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.settle();
            turns += 1;
        }
        self.now = end;
        self.settle();
        turns
    }

    /// Lives in the time of the wall until this is so.
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.now = self.now.max(Instant::now());
            self.settle();
            if is_so(self) {
                return;
            }
            assert!(Instant::now() < deadline, "waited in vain: {what}");
            // Whoever wakes the shell ends this; what the test asks of others it has to look at again.
            thread::park_timeout(LOOK);
        }
    }

    /// Lives in the time of the wall while somebody else waits for something, on a thread of its own.
    pub fn meanwhile<T: Send>(&mut self, what: &str, wait: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let waiting = scope.spawn(wait);
            self.until(what, |_| waiting.is_finished());
            waiting.join().unwrap()
        })
    }

    /// Tells the program, and the map of it.
    pub fn message(&mut self, message: Message) {
        let _ = self.map.update(message.clone());
        self.tell(Input::Message(message));
    }

    pub fn sign_in(&mut self) {
        self.message(Message::Accounts(Ok(vec![family::account()])));
        self.message(Message::Chats(Ok(family::chats())));
        self.message(Message::Contacts(Ok(family::contacts())));
        self.message(Message::Live(family::live(Connection::Online)));
        self.pass(100);
    }

    /// Opens grandmother's chat.
    pub fn open(&mut self) {
        self.message(Message::Home(screen::home::Message::Open(ChatId(1))));
        self.letters(family::letters());
    }

    pub fn letters(&mut self, messages: Vec<grend_core::model::Message>) {
        let timeline = Timeline {
            messages,
            complete: true,
            unread_from: Some(MessageId(14)),
        };
        let window = Window {
            limit: 60,
            before: None,
        };
        self.message(Message::Timeline(ChatId(1), window, Ok(timeline)));
        self.pass(100);
    }

    fn points(&self) -> Size {
        let scale = self.look.density * self.look.font_scale;
        let (size, covered) = (self.glass.0.lock().unwrap().size, self.look.covered);
        Size::new(
            (size.width as f32 - covered.left - covered.right) / scale,
            (size.height as f32 - covered.top - covered.bottom) / scale,
        )
    }

    /// Where a text or a thing with an id stands, in pixels of the glass.
    pub fn place(&mut self, what: &str) -> Point {
        let (size, look) = (self.points(), self.look);
        family::settle(&mut self.map, size);
        let mut ui = family::ui(&mut self.map, size);
        let bounds: Rectangle = if let Some(id) = what.strip_prefix('#') {
            let found = ui.find(iced_test::selector::id(iced_core::widget::Id::from(id.to_owned())));
            found.unwrap_or_else(|_| panic!("no {what}")).bounds()
        } else {
            ui.find(what).unwrap_or_else(|_| panic!("no {what}")).bounds()
        };
        let scale = look.density * look.font_scale;
        let center = bounds.center();
        Point::new(
            center.x * scale + look.covered.left,
            center.y * scale + look.covered.top,
        )
    }

    pub fn finger(&mut self, phase: Phase, at: Point) {
        self.tell(Input::Finger(0, phase, at.x, at.y));
    }

    pub fn tap(&mut self, what: &str) {
        let at = self.place(what);
        self.finger(Phase::Down, at);
        self.pass(60);
        self.finger(Phase::Up, at);
        self.pass(100);
    }

    /// Draws a finger over the glass, this far and this fast, and lifts it.
    pub fn swipe(&mut self, from: Point, by: f32, millis: u64) {
        let steps = (millis / 10).max(1);
        self.finger(Phase::Down, from);
        for step in 1..=steps {
            self.pass(10);
            let y = from.y + by * step as f32 / steps as f32;
            self.finger(Phase::Move, Point::new(from.x, y));
        }
        self.finger(Phase::Up, Point::new(from.x, from.y + by));
    }

    /// What the keyboard on the screen does.
    pub fn keyboard(&mut self, what: impl FnOnce(&mut Typing) -> Vec<Edit>) {
        let edits = what(&mut self.typing.lock().unwrap());
        self.tell(Input::Edits(edits));
    }

    /// What stands in the field with the cursor.
    pub fn field(&mut self) -> String {
        *self.asked.clipboard.lock().unwrap() = None;
        self.tell(Input::Press(Press::command('a')));
        self.tell(Input::Press(Press::command('c')));
        self.asked.clipboard.lock().unwrap().take().unwrap_or_default()
    }

    /// Writes what the glass shows into `target/shots/phone`.
    pub fn photograph(&self, name: &str) {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target"),
            PathBuf::from,
        );
        let folder = target.join("shots/phone");
        std::fs::create_dir_all(&folder).unwrap();
        let shown = self.glass.0.lock().unwrap();
        let file = File::create(folder.join(format!("{name}.png"))).unwrap();
        let mut encoder = png::Encoder::new(file, shown.size.width, shown.size.height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&shown.pixels).unwrap();
    }
}
