//! The widgets that iced lacks: a list whose cost follows what is visible, text that can be selected, and things to
//! press that the keyboard reaches.

pub mod avatar;
pub mod press;
pub mod qr;
pub mod selectable;
pub mod timeline;

use crate::theme::Theme;

/// The renderer: tiny-skia, without a graphics card.
pub type Renderer = iced_renderer::Renderer;
/// What a view is made of.
pub type Element<'a, Message> = iced_core::Element<'a, Message, Theme, Renderer>;
