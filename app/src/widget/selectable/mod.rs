//! Text of a message: it can be selected with the mouse, all of it with Ctrl+A once a part is, copied with Ctrl+C, and its links opened.
//!
//! iced's text widgets have no selection (0.14). This one keeps a cosmic-text paragraph and asks it where a point
//! falls and which part of a line lies between two places. A selection stays within one message.

mod place;
#[cfg(test)]
mod tests;

use iced_core::text::{LineHeight, Paragraph as _, Shaping, Span, Wrapping};
use iced_core::widget::{Operation, Tree, tree};
use iced_core::{Clipboard, Color, Event, Font, Layout, Length, Pixels, Rectangle, Shell, Size, Vector, Widget};
use iced_core::{keyboard, layout, mouse, renderer, text};
use iced_graphics::text::Paragraph;

use crate::font;
use crate::text::{Kind, pieces};
use crate::theme::Theme;
use crate::widget::{Element, Renderer};
use place::{Place, Selected};

/// The widget.
pub struct Selectable<'a, Message> {
    text: &'a str,
    size: f32,
    on_link: Option<Box<dyn Fn(String) -> Message + 'a>>,
}

impl<'a, Message> Selectable<'a, Message> {
    /// A text that can be selected.
    pub fn new(text: &'a str, size: f32) -> Self {
        Self {
            text,
            size,
            on_link: None,
        }
    }

    /// What pressing a link does.
    #[must_use]
    pub fn on_link(mut self, message: impl Fn(String) -> Message + 'a) -> Self {
        self.on_link = Some(Box::new(message));
        self
    }

    fn shape(&self, bounds: Size, spans: &[Span<'_, ()>]) -> Paragraph {
        Paragraph::with_spans(self.described(bounds, spans))
    }

    fn described<T>(&self, bounds: Size, content: T) -> text::Text<T, Font> {
        text::Text {
            content,
            bounds,
            size: Pixels(self.size),
            line_height: LineHeight::Absolute(Pixels((self.size * 1.4).round())),
            font: font::TEXT,
            align_x: text::Alignment::Default,
            align_y: iced_core::alignment::Vertical::Top,
            shaping: Shaping::Advanced,
            wrapping: Wrapping::WordOrGlyph,
        }
    }
}

#[derive(Default)]
struct State {
    text: String,
    links: Vec<(usize, String)>,
    paragraph: Paragraph,
    selected: Option<Selected>,
    dragging: bool,
    pressed_link: Option<usize>,
    click: Option<mouse::Click>,
}

impl State {
    /// Shapes the text anew. Which piece is a link is told by the number of its span.
    fn reshape<M>(&mut self, widget: &Selectable<'_, M>, bounds: Size) {
        let mut spans = Vec::new();
        self.links.clear();
        for (range, kind) in pieces(widget.text, widget.on_link.is_some()) {
            let Some(piece) = widget.text.get(range) else {
                continue;
            };
            if kind == Kind::Link {
                self.links.push((spans.len(), piece.to_owned()));
            }
            spans.push(Span::new(piece).font(if kind == Kind::Emoji { font::EMOJI } else { font::TEXT }));
        }
        self.paragraph = widget.shape(bounds, &spans);
        if self.text != widget.text {
            widget.text.clone_into(&mut self.text);
            self.selected = None;
        }
    }

    fn link_at(&self, at: iced_core::Point) -> Option<usize> {
        let span = self.paragraph.hit_span(at)?;
        self.links.iter().position(|(link, _)| *link == span)
    }

    fn link_under(&self, layout: Layout<'_>, cursor: mouse::Cursor) -> Option<usize> {
        self.link_at(cursor.position_in(layout.bounds())?)
    }
}

impl<Message> Widget<Message, Theme, Renderer> for Selectable<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn size(&self) -> Size<Length> {
        Size::new(Length::Shrink, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, _renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let state = tree.state.downcast_mut::<State>();
        layout::sized(limits, Length::Shrink, Length::Shrink, |limits| {
            let bounds = limits.max();
            let changed = if state.text == self.text {
                state.paragraph.compare(self.described(bounds, ()))
            } else {
                text::Difference::Shape
            };
            match changed {
                text::Difference::None => {}
                text::Difference::Bounds => state.paragraph.resize(bounds),
                text::Difference::Shape => state.reshape(self, bounds),
            }
            state.paragraph.min_bounds()
        })
    }

    fn operate(&mut self, _tree: &mut Tree, layout: Layout<'_>, _renderer: &Renderer, operation: &mut dyn Operation) {
        operation.text(None, layout.bounds(), self.text);
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        _cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        use renderer::Renderer as _;

        let state = tree.state.downcast_ref::<State>();
        let bounds = layout.bounds();
        let origin = bounds.position();
        let mut fill = |part: Rectangle, color: Color| {
            let bounds = part + Vector::new(origin.x, origin.y);
            renderer.fill_quad(
                renderer::Quad {
                    bounds,
                    ..renderer::Quad::default()
                },
                color,
            );
        };
        if let Some(selected) = state.selected {
            for part in selected.parts(&state.paragraph) {
                fill(part, theme.palette().selection);
            }
        }
        for (span, _) in &state.links {
            for part in state.paragraph.span_bounds(*span) {
                let y = part.y + (part.height * 0.82).round();
                fill(Rectangle { y, height: 1.0, ..part }, style.text_color);
            }
        }
        text::Renderer::fill_paragraph(renderer, &state.paragraph, origin, style.text_color, *viewport);
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &Renderer,
        clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        _viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        let bounds = layout.bounds();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                if state.selected.take().is_some() {
                    shell.request_redraw();
                }
                let Some(at) = cursor.position_in(bounds) else {
                    return;
                };
                state.press(at);
                shell.capture_event();
                shell.request_redraw();
            }
            Event::Mouse(mouse::Event::CursorMoved { .. }) => {
                // Beyond the edges of the list the pointer levitates; the selection follows it all the same.
                if let Some(at) = cursor
                    .land()
                    .position_from(bounds.position())
                    .filter(|_| state.dragging)
                {
                    state.drag(at);
                    shell.request_redraw();
                    shell.capture_event();
                }
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) if state.dragging => {
                state.dragging = false;
                let pressed = state.pressed_link.take();
                if let Some(link) = pressed.filter(|_| state.selected.is_none_or(Selected::is_empty))
                    && state.link_under(layout, cursor) == Some(link)
                    && let (Some((_, link)), Some(on_link)) = (state.links.get(link), &self.on_link)
                {
                    shell.publish(on_link(link.clone()));
                }
                shell.capture_event();
            }
            Event::Keyboard(keyboard::Event::KeyPressed { key, modifiers, .. }) => {
                let copies = modifiers.command() && key.as_ref() == keyboard::Key::Character("c");
                if let Some(selected) = state.selected.filter(|_| copies)
                    && let Some(text) = selected.text(&state.paragraph)
                {
                    clipboard.write(iced_core::clipboard::Kind::Standard, text);
                    shell.capture_event();
                }
                let all = modifiers.command() && key.as_ref() == keyboard::Key::Character("a");
                if all && state.selected.is_some_and(|selected| !selected.is_empty()) {
                    state.selected = Some(Selected::all(&state.paragraph));
                    shell.capture_event();
                    shell.request_redraw();
                }
            }
            _ => {}
        }
    }

    fn mouse_interaction(
        &self,
        tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        if !cursor.is_over(layout.bounds()) {
            return mouse::Interaction::None;
        }
        match tree.state.downcast_ref::<State>().link_under(layout, cursor) {
            Some(_) => mouse::Interaction::Pointer,
            None => mouse::Interaction::Text,
        }
    }
}

impl State {
    fn press(&mut self, at: iced_core::Point) {
        let click = mouse::Click::new(at, mouse::Button::Left, self.click);
        self.click = Some(click);
        self.dragging = true;
        self.pressed_link = self.link_at(at);
        self.selected = Place::at(&self.paragraph, at).map(|place| match click.kind() {
            mouse::click::Kind::Single => Selected::from(place),
            mouse::click::Kind::Double => Selected::word(&self.paragraph, place),
            mouse::click::Kind::Triple => Selected::all(&self.paragraph),
        });
    }

    fn drag(&mut self, at: iced_core::Point) {
        if let (Some(selected), Some(place)) = (&mut self.selected, Place::at(&self.paragraph, at)) {
            selected.reach(place);
        }
    }
}

impl<'a, Message: 'a> From<Selectable<'a, Message>> for Element<'a, Message> {
    fn from(selectable: Selectable<'a, Message>) -> Self {
        Self::new(selectable)
    }
}
