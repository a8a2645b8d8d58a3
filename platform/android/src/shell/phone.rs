//! What the shell asks of the phone, and what the phone tells the shell.

use std::path::Path;

use grend_app::app::Message;
use iced_core::{Padding, Size};

use super::canvas::Picture;
use super::keys::Press;
use super::touch::Phase;
use super::typing::Edit;

/// The phone, as the shell needs it. Called on the shell's thread.
pub trait Phone: Send + Sync {
    /// Shows the keyboard for this field, or hides it.
    fn keyboard(&self, field: Option<Field>);
    /// What the keyboard believes to stand around the cursor is not true any more.
    fn forget(&self);
    /// Puts a text on the clipboard.
    fn copy(&self, text: String);
    /// What is on the clipboard, if it is text.
    fn paste(&self) -> Option<String>;
    /// Offers what can be done with selected text: the answer is an [`Input::Press`] of Ctrl and a letter, or
    /// [`Input::Share`].
    fn offer(&self);
    /// Offers a text to other programs.
    fn share(&self, text: String);
    /// There is nothing to go back to: the user leaves.
    fn leave(&self);
    /// The folder of the system's fonts, where fontdb does not know it (0.23): for scripts that ours lack.
    fn fonts(&self) -> Option<&'static Path> {
        None
    }
}

/// A field that has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// A password: no suggestions, and nothing is learned from it.
    pub secret: bool,
    /// It has many lines: Enter begins a new one.
    pub many_lines: bool,
}

/// Where pictures are shown: the phone's window, or memory.
pub trait Surface: Send {
    /// In pixels. It may differ each time it is asked.
    fn size(&self) -> Size<u32>;
    /// Shows the picture. Only `changed` differs from what was shown before, in pixels; the surface may want more.
    fn show(&mut self, picture: Picture<'_>, changed: Area) -> Result<(), Lost>;
}

/// A part of a surface, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Area {
    pub left: u32,
    pub top: u32,
    pub right: u32,
    pub bottom: u32,
}

/// The surface is gone. The phone will say so too, or has brought another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

/// How the phone shows things.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Pixels for each of ours.
    pub density: f32,
    /// How much larger than usual the system's user wants text.
    pub font_scale: f32,
    /// Light text on dark ground.
    pub dark: bool,
    /// What the system's bars and the keyboard cover, in pixels of the surface.
    pub covered: Padding,
}

impl Look {
    /// Pixels for each of the program's, when it wants everything so much larger.
    pub(super) fn scale(&self, wanted: f32) -> f32 {
        // A phone that says nonsense is not believed.
        (self.density * self.font_scale * wanted).clamp(0.2, 20.0)
    }
}

impl Default for Look {
    fn default() -> Self {
        Self {
            density: 1.0,
            font_scale: 1.0,
            dark: false,
            covered: Padding::ZERO,
        }
    }
}

/// What the phone tells.
pub enum Input {
    /// There is a surface now.
    Surface(Box<dyn Surface>),
    /// There is none any more. It is not touched after the turn that took this.
    NoSurface,
    /// How things are shown.
    Look(Look),
    /// Somebody looks, or nobody.
    Watched(bool),
    /// A finger, at a place in pixels of the surface.
    Finger(u64, Phase, f32, f32),
    /// A key of a keyboard with keys, or the keyboard on the screen playing one.
    Press(Press),
    /// What the keyboard on the screen typed.
    Edits(Vec<Edit>),
    /// What is selected is to be given to another program.
    Share,
    /// The way back.
    Back,
    /// Something for the program itself: a notice was pressed, a link came in.
    Message(Message),
}
