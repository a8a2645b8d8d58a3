//! A thing to press: with the mouse, a finger, or the keyboard.
//!
//! iced's own button cannot have the keyboard (0.14). This one can, shows a ring when it has, answers Enter and Space,
//! and is never smaller than a fingertip.

use iced_core::keyboard::{self, key::Named};
use iced_core::widget::operation::Focusable;
use iced_core::widget::{Id, Operation, Tree, tree};
use iced_core::{
    Border, Clipboard, Color, Event, Layout, Length, Padding, Point, Rectangle, Shell, Size, Vector, Widget,
};
use iced_core::{layout, mouse, overlay, renderer, touch, window};

use crate::theme::Theme;
use crate::theme::style::Button;
use crate::widget::{Element, Renderer};

/// The smallest side of a target, in pixels at 100 %.
pub const FINGERTIP: f32 = 44.0;

/// The widget.
pub struct Press<'a, Message> {
    content: Element<'a, Message>,
    message: Option<Message>,
    id: Option<Id>,
    look: Button,
    width: Length,
    padding: Padding,
    center: bool,
}

#[derive(Default)]
struct State {
    focused: bool,
    /// Held down by the mouse or a finger, and where that began.
    held: Option<Point>,
    hovered: bool,
}

impl<'a, Message> Press<'a, Message> {
    /// Something to press, that does nothing yet.
    pub fn new(content: impl Into<Element<'a, Message>>, look: Button) -> Self {
        Self {
            content: content.into(),
            message: None,
            id: None,
            look,
            width: Length::Shrink,
            padding: Padding::from([8, 16]),
            center: true,
        }
    }

    /// What pressing does.
    #[must_use]
    pub fn on_press(mut self, message: Message) -> Self {
        self.message = Some(message);
        self
    }

    /// What pressing does, if anything.
    #[must_use]
    pub fn on_press_maybe(mut self, message: Option<Message>) -> Self {
        self.message = message;
        self
    }

    /// A name for operations.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// How wide it is; as wide as its content, if not told.
    #[must_use]
    pub fn width(mut self, width: impl Into<Length>) -> Self {
        self.width = width.into();
        self
    }

    /// The space around the content.
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.padding = padding.into();
        self
    }

    /// The content begins at the left rather than stands in the middle.
    #[must_use]
    pub fn at_start(mut self) -> Self {
        self.center = false;
        self
    }
}

impl<Message: Clone> Widget<Message, Theme, Renderer> for Press<'_, Message> {
    fn tag(&self) -> tree::Tag {
        tree::Tag::of::<State>()
    }

    fn state(&self) -> tree::State {
        tree::State::new(State::default())
    }

    fn children(&self) -> Vec<Tree> {
        vec![Tree::new(&self.content)]
    }

    fn diff(&self, tree: &mut Tree) {
        tree.diff_children(std::slice::from_ref(&self.content));
    }

    fn size(&self) -> Size<Length> {
        Size::new(self.width, Length::Shrink)
    }

    fn layout(&mut self, tree: &mut Tree, renderer: &Renderer, limits: &layout::Limits) -> layout::Node {
        let Some(tree) = tree.children.first_mut() else {
            return layout::Node::new(Size::ZERO);
        };
        let limits = limits.width(self.width).min_width(FINGERTIP).min_height(FINGERTIP);
        let inner = limits.shrink(self.padding).loose();
        let content = self.content.as_widget_mut().layout(tree, renderer, &inner);
        let padded = content.size().expand(self.padding);
        let size = limits.resolve(self.width, Length::Shrink, padded);
        let x = if self.center {
            (size.width - content.size().width) / 2.0
        } else {
            self.padding.left
        };
        let y = (size.height - content.size().height) / 2.0;
        layout::Node::with_children(size, vec![content.move_to((x.round(), y.round()))])
    }

    fn operate(&mut self, tree: &mut Tree, layout: Layout<'_>, renderer: &Renderer, operation: &mut dyn Operation) {
        if self.message.is_some() {
            operation.focusable(self.id.as_ref(), layout.bounds(), tree.state.downcast_mut::<State>());
        }
        operation.container(self.id.as_ref(), layout.bounds());
        operation.traverse(&mut |operation| {
            if let (Some(tree), Some(layout)) = (tree.children.first_mut(), layout.children().next()) {
                self.content.as_widget_mut().operate(tree, layout, renderer, operation);
            }
        });
    }

    fn update(
        &mut self,
        tree: &mut Tree,
        event: &Event,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _renderer: &Renderer,
        _clipboard: &mut dyn Clipboard,
        shell: &mut Shell<'_, Message>,
        viewport: &Rectangle,
    ) {
        let state = tree.state.downcast_mut::<State>();
        let Some(message) = &self.message else {
            *state = State::default();
            return;
        };
        let bounds = layout.bounds();
        let visible = bounds.intersection(viewport).unwrap_or_default();
        match event {
            Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left)) => {
                state.focused = false;
                if let Some(at) = cursor.position_over(visible) {
                    state.held = Some(at);
                    shell.capture_event();
                }
                shell.request_redraw();
            }
            Event::Touch(touch::Event::FingerPressed { position, .. }) => {
                state.focused = false;
                state.held = visible.contains(*position).then_some(*position);
                shell.request_redraw();
            }
            // A finger that moves means the list, not the thing in it.
            Event::Touch(touch::Event::FingerMoved { position, .. }) => {
                state.held = state.held.filter(|began| began.distance(*position) < 10.0);
            }
            Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left)) if state.held.is_some() => {
                state.held = None;
                if cursor.is_over(bounds) {
                    shell.publish(message.clone());
                }
                shell.capture_event();
                shell.request_redraw();
            }
            Event::Touch(touch::Event::FingerLifted { position, .. }) if state.held.is_some() => {
                state.held = None;
                if bounds.contains(*position) {
                    shell.publish(message.clone());
                    shell.capture_event();
                }
            }
            Event::Touch(touch::Event::FingerLost { .. }) => state.held = None,
            Event::Keyboard(keyboard::Event::KeyPressed {
                key: keyboard::Key::Named(key),
                ..
            }) if state.focused && matches!(key, Named::Enter | Named::Space) => {
                shell.publish(message.clone());
                shell.capture_event();
            }
            Event::Window(window::Event::RedrawRequested(_)) => state.hovered = cursor.is_over(visible),
            _ if state.hovered != cursor.is_over(visible) => shell.request_redraw(),
            _ => {}
        }
    }

    fn draw(
        &self,
        tree: &Tree,
        renderer: &mut Renderer,
        theme: &Theme,
        style: &renderer::Style,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        viewport: &Rectangle,
    ) {
        use renderer::Renderer as _;

        let state = tree.state.downcast_ref::<State>();
        let bounds = layout.bounds();
        let lit = state.hovered || state.held.is_some();
        let look = self.look.look(*theme, lit, self.message.is_some());
        let quad = renderer::Quad {
            bounds,
            border: look.border,
            ..renderer::Quad::default()
        };
        renderer.fill_quad(quad, look.background);
        if let (Some(tree), Some(content)) = (tree.children.first(), layout.children().next()) {
            let style = renderer::Style {
                text_color: if matches!(self.look, Button::Row(_)) {
                    style.text_color
                } else {
                    look.text
                },
            };
            self.content
                .as_widget()
                .draw(tree, renderer, theme, &style, content, cursor, viewport);
        }
        if state.focused {
            // Two rings, so that it is seen on the button's own colour too.
            let ring = |inset: f32, color| {
                let border = Border {
                    color,
                    width: 2.0,
                    radius: look.border.radius,
                };
                let quad = renderer::Quad {
                    bounds: bounds.shrink(inset),
                    border,
                    ..renderer::Quad::default()
                };
                (quad, Color::TRANSPARENT)
            };
            for (quad, fill) in [ring(0.0, theme.palette().focus), ring(2.0, theme.palette().ground)] {
                renderer.fill_quad(quad, fill);
            }
        }
    }

    fn mouse_interaction(
        &self,
        _tree: &Tree,
        layout: Layout<'_>,
        cursor: mouse::Cursor,
        _viewport: &Rectangle,
        _renderer: &Renderer,
    ) -> mouse::Interaction {
        if self.message.is_some() && cursor.is_over(layout.bounds()) {
            mouse::Interaction::Pointer
        } else {
            mouse::Interaction::None
        }
    }

    fn overlay<'b>(
        &'b mut self,
        tree: &'b mut Tree,
        layout: Layout<'b>,
        renderer: &Renderer,
        viewport: &Rectangle,
        translation: Vector,
    ) -> Option<overlay::Element<'b, Message, Theme, Renderer>> {
        self.content.as_widget_mut().overlay(
            tree.children.first_mut()?,
            layout.children().next()?,
            renderer,
            viewport,
            translation,
        )
    }
}

impl Focusable for State {
    fn is_focused(&self) -> bool {
        self.focused
    }

    fn focus(&mut self) {
        self.focused = true;
    }

    fn unfocus(&mut self) {
        self.focused = false;
    }
}

impl<'a, Message: Clone + 'a> From<Press<'a, Message>> for Element<'a, Message> {
    fn from(press: Press<'a, Message>) -> Self {
        Self::new(press)
    }
}
