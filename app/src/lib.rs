//! Grend's screens: an iced program as a library, without a window, a `main` or a word of XMPP.
//!
//! A desktop runs [`app::Grend`] with `iced_winit`; a phone will host the same program in a shell of its own. What the
//! machine must answer is [`host::Host`].

pub mod app;
pub mod doctor;
pub mod font;
pub mod host;
pub mod icon;
pub mod l10n;
pub mod scan;
pub mod screen;
pub mod text;
pub mod theme;
pub mod when;
pub mod widget;
