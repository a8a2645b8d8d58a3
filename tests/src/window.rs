//! Grend with its window on a screen of our own: what a person sees and does there.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use x11rb::protocol::xproto::Window as Id;

use crate::headless::program;
use crate::picture::{Area, Picture};
use crate::process::Process;
use crate::screen::{PATIENCE, Screen};

/// Where messages stand in a window of 1000x700; below is the composer.
pub const MESSAGES: Area = Area {
    x: 350,
    y: 70,
    width: 640,
    height: 540,
};
/// The ground of other people's bubbles, light.
pub const THEIRS: [u8; 3] = [0xEC, 0xEF, 0xF2];

/// A running `grend` and its window, which has the keyboard.
pub struct Window<'a> {
    screen: &'a Screen,
    process: Process,
    id: Id,
}

impl<'a> Window<'a> {
    /// Opens Grend on a folder, `size` pixels large, and waits until something is drawn. It follows the portal's light or
    /// dark, if there is one.
    pub fn open(screen: &'a Screen, data: &Path, size: (u32, u32), portal: Option<&str>) -> Self {
        let window = Self::run(screen, &mut grend(data), portal);
        window.shown(size)
    }

    /// Makes it `size` pixels large, gives it the keyboard, and waits until something is drawn.
    #[must_use]
    pub fn shown(self, size: (u32, u32)) -> Self {
        // Before that, wine still moves it about.
        self.wait(Picture::is_drawn);
        self.screen.resize(self.id, size.0, size.1);
        self.screen.focus(Some(self.id));
        let wide = usize::try_from(size.0).expect("a screen is not that large");
        self.wait(|picture| {
            // Wine may put it back once.
            let in_corner = self.screen.is_in_corner(self.id);
            if !in_corner {
                self.screen.resize(self.id, size.0, size.1);
            }
            in_corner && picture.width == wide && picture.is_drawn()
        });
        self
    }

    /// Closes it, as its cross would, and waits until it has gone and the program has not.
    ///
    /// # Panics
    /// When it stays, or the program goes too.
    pub fn hide(self) -> Hidden<'a> {
        self.screen.close(self.id);
        let Self { screen, process, id } = self;
        let deadline = Instant::now() + PATIENCE;
        while screen.picture(id, None).is_some() {
            assert!(Instant::now() < deadline, "the window stays open");
            std::thread::sleep(Duration::from_millis(10)); // between two looks; the look decides
        }
        let mut hidden = Hidden { screen, process };
        assert!(hidden.process.is_running(), "{}", hidden.process.said());
        hidden
    }

    /// Waits until the program has left in order.
    ///
    /// # Panics
    /// When it does not.
    pub fn leaves(self) {
        let Self { screen, process, .. } = self;
        Hidden { screen, process }.leaves();
    }

    /// Starts any program and waits until its window is there; it may not be drawn yet.
    pub fn run(screen: &'a Screen, command: &mut Command, portal: Option<&str>) -> Self {
        screen.show_here(command, portal);
        let mut process = Process::start("the window", command, "run `cargo build -p grend` first");
        let id = screen.window_of(&mut process);
        Self { screen, process, id }
    }

    /// The program.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The screen it is on, for the keyboard and the mouse.
    pub fn screen(&self) -> &'a Screen {
        self.screen
    }

    /// What it shows.
    pub fn picture(&self) -> Picture {
        self.part(None)
    }

    /// What it shows in an area.
    pub fn part(&self, area: Option<Area>) -> Picture {
        let picture = self.screen.picture(self.id, area);
        picture.unwrap_or_else(|| panic!("the window has gone. The program said:\n{}", self.process.said()))
    }

    /// Waits until it shows something.
    ///
    /// # Panics
    /// When it does not; the last picture is then in `target/shots`.
    pub fn wait(&self, shown: impl Fn(&Picture) -> bool) -> Picture {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let picture = self.picture();
            if shown(&picture) {
                return picture;
            }
            if Instant::now() > deadline {
                let path = picture.shoot("not-what-was-expected");
                panic!(
                    "the window does not show what it should: see {}. It said:\n{}",
                    path.display(),
                    self.process.said()
                );
            }
            std::thread::sleep(Duration::from_millis(10)); // between two looks; the look decides
        }
    }

    /// How long an area takes from `since` to show something. Only that area is looked at, and often: looking at all of a
    /// window would keep the screen from drawing it.
    ///
    /// # Panics
    /// When it does not.
    pub fn time_until(&self, since: Instant, area: Area, shown: impl Fn(&Picture) -> bool) -> Duration {
        loop {
            let part = self.part(Some(area));
            let time = since.elapsed();
            if shown(&part) {
                return time;
            }
            assert!(time < PATIENCE, "the window does not show what it should in {area:?}");
            std::thread::sleep(Duration::from_millis(1)); // between two looks; the look decides
        }
    }

    /// Waits until it looks the same twice, but for a caret that blinks.
    pub fn settled(&self) -> Picture {
        let mut before = self.picture();
        let mut same = 0;
        let deadline = Instant::now() + PATIENCE;
        // Three looks: something drawn in two frames, like a list and what is chosen in it, is still one change.
        while same < 3 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(40)); // between two looks; the look decides
            let now = self.picture();
            same = if now.is_unlike(&before) { 0 } else { same + 1 };
            before = now;
        }
        before
    }

    /// Does something that is to be seen, and waits until it is.
    pub fn after(&self, action: impl FnOnce(&Screen)) -> Picture {
        let before = self.settled();
        action(self.screen);
        self.wait(|now| now.is_unlike(&before));
        self.settled()
    }

    /// Presses keys one after the other, each when the one before is seen to have done something.
    pub fn press(&self, keys: &[&str]) -> Picture {
        let mut picture = self.picture();
        for key in keys {
            picture = self.after(|screen| screen.press(key));
        }
        picture
    }

    /// Types a text and waits until it stands there.
    pub fn write(&self, text: &str) -> Picture {
        self.after(|screen| screen.write(text))
    }

    /// Changes its size.
    pub fn resize(&self, width: u32, height: u32) -> Picture {
        self.screen.resize(self.id, width, height);
        let wide = usize::try_from(width).expect("a screen is not that large");
        self.wait(|picture| picture.width == wide);
        self.settled()
    }

    /// Somebody looks at it, or at something else.
    pub fn look(&self, at_it: bool) {
        self.screen.focus(at_it.then_some(self.id));
    }

    /// Closes it, as its cross would, and waits until the program has left in order.
    ///
    /// # Panics
    /// When it does not.
    pub fn close(self) {
        self.screen.close(self.id);
        self.leaves();
    }
}

/// A running `grend` without a window.
pub struct Hidden<'a> {
    screen: &'a Screen,
    process: Process,
}

impl<'a> Hidden<'a> {
    /// Starts a program that is to open no window.
    pub fn start(screen: &'a Screen, command: &mut Command, bus: Option<&str>) -> Self {
        screen.show_here(command, bus);
        let process = Process::start("grend", command, "run `cargo build -p grend` first");
        Self { screen, process }
    }

    /// Whether it has a window after all.
    pub fn has_window(&mut self) -> bool {
        self.screen.has_window(&self.process)
    }

    /// The program.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Waits until its window is there, and makes it `size` pixels large.
    pub fn opens(self, size: (u32, u32)) -> Window<'a> {
        self.opens_by_itself().shown(size)
    }

    /// Waits until its window is there, as large as the program wants it.
    pub fn opens_by_itself(mut self) -> Window<'a> {
        let id = self.screen.window_of(&mut self.process);
        let Self { screen, process } = self;
        Window { screen, process, id }
    }

    /// Waits until it has left in order.
    ///
    /// # Panics
    /// When it does not.
    pub fn leaves(mut self) {
        let status = self.process.wait(PATIENCE);
        assert!(status.success(), "grend ended with {status}: {}", self.process.said());
    }
}

/// The program on a folder.
pub fn grend(data: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("--data").arg(data);
    command
}
