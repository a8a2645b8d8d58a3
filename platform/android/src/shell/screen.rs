//! What is seen and touched: the view of the program, as long as somebody gave it a surface.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use grend_app::app::{Grend, Message, State};
use grend_app::theme::Theme;
use iced_core::event::Status;
use iced_core::keyboard::key::Named;
use iced_core::widget::Id;
use iced_core::window::{self, RedrawRequest};
use iced_core::{Event, Point, Settings, Size, mouse, theme, touch};
use iced_futures::subscription;
use iced_graphics::text::font_system;
use iced_program::Program as _;
use iced_runtime::{Action, UserInterface, user_interface};
use iced_tiny_skia::Renderer;
use iced_widget::container;

use super::canvas::Canvas;
use super::keys::Press;
use super::phone::{Field, Input, Look, Phone, Surface};
use super::touch::{Meaning, Phase, Touch};
use super::typing::{Edit, Typing};
use super::work::Tasks;

pub(super) type View<'v> = UserInterface<'v, Message, Theme, Renderer>;

/// The screen.
pub(super) struct Screen {
    pub(super) phone: Arc<dyn Phone>,
    typing: Arc<Mutex<Typing>>,
    pub(super) window: window::Id,
    pub(super) look: Look,
    pub(super) surface: Option<Box<dyn Surface>>,
    /// The surface shows something else than the canvas.
    pub(super) stale: bool,
    pub(super) canvas: Option<Canvas>,
    pub(super) renderer: Option<Renderer>,
    settings: Option<Settings>,
    /// What widgets remember while there is no view.
    cache: user_interface::Cache,
    touch: Touch,
    /// The finger was taken by a widget when it touched.
    taken: bool,
    pub(super) cursor: mouse::Cursor,
    pub(super) field: Option<Field>,
    /// The field that had the cursor when the screen was turned: it has it back, for a turned screen may be built
    /// otherwise, and the word being composed belongs there.
    pub(super) held: Option<Id>,
    /// The name of the field with the cursor.
    pub(super) focused: Option<Id>,
    /// A tap brings the keyboard back that the user sent away.
    pub(super) tapped: bool,
    pub(super) redraw: RedrawRequest,
    pub(super) drawn_at: Option<Instant>,
    pub(super) tries: u8,
    /// The size that the program knows.
    told: Option<Size>,
}

/// What a step may use beside the screen.
pub(super) struct Frame<'v, 'f> {
    pub program: &'v Grend,
    pub state: &'v State,
    pub runtime: &'f mut Tasks,
    pub messages: &'f mut Vec<Message>,
    pub now: Instant,
}

impl Screen {
    pub fn new(phone: Arc<dyn Phone>, typing: Arc<Mutex<Typing>>) -> Self {
        Self {
            phone,
            typing,
            window: window::Id::unique(),
            look: Look::default(),
            surface: None,
            stale: true,
            canvas: None,
            renderer: None,
            settings: None,
            cache: user_interface::Cache::default(),
            touch: Touch::default(),
            taken: false,
            cursor: mouse::Cursor::Unavailable,
            field: None,
            held: None,
            focused: None,
            tapped: false,
            redraw: RedrawRequest::NextFrame,
            drawn_at: None,
            tries: 0,
            told: None,
        }
    }

    /// Takes what the phone told.
    pub fn take<'v>(&mut self, input: Input, view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) {
        match input {
            Input::Surface(surface) => {
                self.keep(view.take());
                self.surface = Some(surface);
                self.stale = true;
                self.redraw = RedrawRequest::NextFrame;
            }
            Input::NoSurface => {
                self.keep(view.take());
                self.surface = None;
                self.canvas = None;
                self.renderer = None;
                self.touch.forget();
                self.cursor = mouse::Cursor::Unavailable;
            }
            Input::Look(look) => {
                self.keep(view.take());
                if look.dark != self.look.dark {
                    let mode = mode(look.dark);
                    frame.runtime.broadcast(subscription::Event::SystemThemeChanged(mode));
                }
                self.look = look;
                self.redraw = RedrawRequest::NextFrame;
            }
            Input::Watched(watched) => {
                let event = if watched {
                    window::Event::Focused
                } else {
                    window::Event::Unfocused
                };
                self.tell(&[Event::Window(event)], view, frame);
            }
            Input::Finger(id, phase, x, y) => self.finger(id, phase, Point::new(x, y), view, frame),
            Input::Press(press) => {
                self.hold(view, frame);
                self.forget();
                self.tell(&press.events(), view, frame);
            }
            Input::Edits(edits) => {
                self.hold(view, frame);
                let events: Vec<Event> = edits.into_iter().flat_map(events).collect();
                self.tell(&events, view, frame);
            }
            Input::Share => {
                // Copied, as widgets know it, but not to the clipboard.
                let mut hand = Hand::default();
                self.tell_with(&Press::command('c').events(), &mut hand, view, frame);
                if let Some(text) = hand.0 {
                    self.phone.share(text);
                }
            }
            Input::Back if frame.state.can_go_back() => {
                self.held = None;
                let press = Press::named(Named::Escape).events();
                frame.messages.extend(press.into_iter().filter_map(|event| match event {
                    Event::Keyboard(key @ iced_core::keyboard::Event::KeyPressed { .. }) => Some(Message::Key(key)),
                    _ => None,
                }));
            }
            Input::Back => self.phone.leave(),
            Input::Message(message) => frame.messages.push(message),
        }
    }

    /// Does what a task asked for.
    pub fn act<'v>(&mut self, action: Action<Message>, view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) {
        match action {
            Action::Output(message) => frame.messages.push(message),
            Action::Widget(operation) => self.operate(operation, view, frame),
            Action::Clipboard(iced_runtime::clipboard::Action::Read { channel, .. }) => {
                let _ = channel.send(self.phone.paste());
            }
            Action::Clipboard(iced_runtime::clipboard::Action::Write { contents, .. }) => self.phone.copy(contents),
            Action::Image(iced_runtime::image::Action::Allocate(handle, channel)) => {
                use iced_core::Renderer as _;
                // Without a surface nobody waits for a picture: the task ends.
                if let Some(renderer) = &mut self.renderer {
                    renderer.allocate_image(&handle, |answer| drop(channel.send(answer)));
                }
            }
            Action::System(iced_runtime::system::Action::GetTheme(channel)) => {
                let _ = channel.send(mode(self.look.dark));
            }
            Action::Window(action) => self.window(action),
            Action::Reload => {
                self.keep(view.take());
                self.redraw = RedrawRequest::NextFrame;
            }
            Action::Exit => self.phone.leave(),
            // The fonts are ours, and nobody asks for the rest.
            Action::LoadFont { .. } | Action::System(_) => {}
        }
    }

    fn window(&mut self, action: iced_runtime::window::Action) {
        use iced_runtime::window::Action;

        match action {
            Action::Open(_, _, channel) => drop(channel.send(self.window)),
            Action::GetOldest(channel) | Action::GetLatest(channel) => drop(channel.send(Some(self.window))),
            Action::GetSize(_, channel) => drop(channel.send(self.told.unwrap_or(Size::ZERO))),
            Action::GetScaleFactor(_, channel) => drop(channel.send(self.look.density * self.look.font_scale)),
            Action::GetMode(_, channel) => drop(channel.send(window::Mode::Fullscreen)),
            Action::Close(_) => self.phone.leave(),
            Action::RedrawAll | Action::RelayoutAll => self.redraw = RedrawRequest::NextFrame,
            // A phone's window has one place and one size, and nobody draws its frame.
            _ => {}
        }
    }

    fn operate<'v>(
        &mut self,
        operation: Box<dyn iced_core::widget::Operation>,
        view: &mut Option<View<'v>>,
        frame: &mut Frame<'v, '_>,
    ) {
        // Nobody looks: a cursor need not go anywhere.
        let Some((view, renderer)) = self.view(view, frame) else {
            return;
        };
        let mut next = Some(operation);
        while let Some(mut operation) = next.take() {
            view.operate(renderer, operation.as_mut());
            if let iced_core::widget::operation::Outcome::Chain(chained) = operation.finish() {
                next = Some(chained);
            }
        }
        self.redraw = RedrawRequest::NextFrame;
    }

    /// What is due by itself. True if something was done.
    pub fn pass<'v>(&mut self, view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) -> bool {
        let meanings = self.touch.pass(frame.now);
        if !meanings.is_empty() {
            self.mean(meanings, view, frame);
            return true;
        }
        self.measure(view, frame) || self.draw(view, frame)
    }

    /// When the next turn is wanted.
    pub fn next(&self) -> Option<Instant> {
        let drawing = match self.redraw {
            _ if self.told_size().is_none() => None,
            RedrawRequest::NextFrame => self.earliest(),
            RedrawRequest::At(at) => Some(self.earliest().map_or(at, |earliest| at.max(earliest))),
            RedrawRequest::Wait => None,
        };
        drawing.into_iter().chain(self.touch.next()).min()
    }

    /// The program may want to show something else.
    pub fn refresh(&mut self) {
        self.redraw = RedrawRequest::NextFrame;
    }

    /// Puts the view away. Widgets keep what they remember.
    pub fn keep(&mut self, view: Option<View<'_>>) {
        if let Some(view) = view {
            self.cache = view.into_cache();
        }
    }

    pub(super) fn told_size(&self) -> Option<Size> {
        self.surface.as_ref().and(self.told)
    }

    /// Pixels of the surface for each of the program's.
    pub(super) fn scale(&self, state: &State) -> f32 {
        self.look.scale(state.scale())
    }

    /// The view, built if there is none; nothing without a surface.
    pub(super) fn view<'v, 's>(
        &'s mut self,
        view: &'s mut Option<View<'v>>,
        frame: &Frame<'v, '_>,
    ) -> Option<(&'s mut View<'v>, &'s mut Renderer)> {
        let size = self.surface.as_ref()?.size();
        let (phone, settings) = (&self.phone, &mut self.settings);
        let renderer = self.renderer.get_or_insert_with(|| {
            // Once, and not before somebody looks: the program replaces the fonts of the process.
            let settings = settings.get_or_insert_with(|| {
                if let (Some(folder), Ok(mut fonts)) = (phone.fonts(), font_system().write()) {
                    fonts.raw().db_mut().load_fonts_dir(folder);
                }
                frame.program.settings()
            });
            Renderer::new(settings.default_font, settings.default_text_size)
        });
        if view.is_none() {
            let scale = self.look.scale(frame.state.scale());
            let covered = self.look.covered;
            let padding = iced_core::Padding {
                top: covered.top / scale,
                right: covered.right / scale,
                bottom: covered.bottom / scale,
                left: covered.left / scale,
            };
            let content = container(frame.program.view(frame.state, self.window)).padding(padding);
            let size = Size::new(size.width as f32 / scale, size.height as f32 / scale);
            *view = Some(UserInterface::build(
                content,
                size,
                std::mem::take(&mut self.cache),
                renderer,
            ));
        }
        Some((view.as_mut()?, renderer))
    }

    /// Tells the program how large the part is that it has, when that changed.
    fn measure<'v>(&mut self, view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) -> bool {
        let Some(surface) = &self.surface else {
            return false;
        };
        let (scale, covered) = (self.scale(frame.state), self.look.covered);
        let size = surface.size();
        let size = Size::new(
            (size.width as f32 - covered.left - covered.right).max(0.0) / scale,
            (size.height as f32 - covered.top - covered.bottom).max(0.0) / scale,
        );
        if self.told == Some(size) || size.width < 1.0 || size.height < 1.0 {
            return false;
        }
        let event = match self.told.replace(size) {
            None => window::Event::Opened { position: None, size },
            Some(_) => window::Event::Resized(size),
        };
        self.held.clone_from(&self.focused);
        self.keep(view.take());
        self.tell(&[Event::Window(event)], view, frame);
        self.redraw = RedrawRequest::NextFrame;
        true
    }

    /// Tells widgets, then everybody who listens. True if a widget took one of the events for itself.
    fn tell<'v>(&mut self, events: &[Event], view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) -> bool {
        let mut clipboard = Clip(Arc::clone(&self.phone));
        self.tell_with(events, &mut clipboard, view, frame)
    }

    fn tell_with<'v>(
        &mut self,
        events: &[Event],
        clipboard: &mut dyn iced_core::Clipboard,
        view: &mut Option<View<'v>>,
        frame: &mut Frame<'v, '_>,
    ) -> bool {
        let mut statuses = Vec::new();
        let cursor = self.cursor;
        let told = self.view(view, frame).map(|(view, renderer)| {
            let (told, answers) = view.update(events, cursor, renderer, clipboard, frame.messages);
            statuses = answers;
            told
        });
        match told {
            Some(user_interface::State::Updated { redraw_request, .. }) => {
                self.redraw = self.redraw.min(redraw_request);
            }
            Some(user_interface::State::Outdated) => {
                self.keep(view.take());
                self.redraw = RedrawRequest::NextFrame;
            }
            None => {}
        }
        let statuses = statuses.into_iter().chain(std::iter::repeat(Status::Ignored));
        let mut taken = false;
        for (event, status) in events.iter().zip(statuses) {
            taken |= status == Status::Captured;
            frame.runtime.broadcast(subscription::Event::Interaction {
                window: self.window,
                event: event.clone(),
                status,
            });
        }
        taken
    }

    fn finger<'v>(&mut self, id: u64, phase: Phase, at: Point, view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) {
        let scale = self.scale(frame.state);
        let at = Point::new(at.x / scale, at.y / scale);
        self.held = None;
        let meanings = self.touch.take(id, phase, at, frame.now);
        self.mean(meanings, view, frame);
    }

    /// Tells widgets what a finger means. What no widget takes as a touch is told once more as a click, for iced's
    /// editor and our own text know the mouse only.
    fn mean<'v>(&mut self, meanings: Vec<Meaning>, view: &mut Option<View<'v>>, frame: &mut Frame<'v, '_>) {
        use mouse::Button::Left;
        use mouse::Event::{ButtonPressed, ButtonReleased, CursorMoved};
        use touch::Event::{FingerLifted, FingerLost, FingerMoved, FingerPressed};

        let id = touch::Finger(0);
        for meaning in meanings {
            let (Meaning::Pressed(position)
            | Meaning::Moved(position)
            | Meaning::Tapped(position)
            | Meaning::Lost(position)
            | Meaning::Rested(position)) = meaning;
            self.cursor = mouse::Cursor::Available(position);
            let moved = Event::Mouse(CursorMoved { position });
            let (press, release) = (Event::Mouse(ButtonPressed(Left)), Event::Mouse(ButtonReleased(Left)));
            match meaning {
                Meaning::Pressed(_) => {
                    self.taken = self.tell(&[Event::Touch(FingerPressed { id, position })], view, frame);
                }
                Meaning::Moved(_) => {
                    self.tell(&[Event::Touch(FingerMoved { id, position })], view, frame);
                }
                Meaning::Lost(_) => {
                    self.tell(&[Event::Touch(FingerLost { id, position })], view, frame);
                }
                Meaning::Tapped(_) => {
                    self.forget();
                    self.tapped = true;
                    let taken = self.tell(&[Event::Touch(FingerLifted { id, position })], view, frame);
                    if !taken && !self.taken {
                        self.tell(&[moved, press, release], view, frame);
                    }
                }
                Meaning::Rested(_) => {
                    self.forget();
                    // Two presses select a word, without the release between them that would open a link.
                    if self.tell(&[moved, press.clone(), press, release], view, frame) {
                        self.phone.offer();
                    }
                }
            }
            if matches!(meaning, Meaning::Tapped(_) | Meaning::Lost(_) | Meaning::Rested(_)) {
                self.cursor = mouse::Cursor::Unavailable;
                self.redraw = RedrawRequest::NextFrame;
            }
        }
    }

    /// The cursor moves by something else than the keyboard on the screen.
    fn forget(&self) {
        let many_lines = self.field.is_some_and(|field| field.many_lines);
        self.typing().forget(many_lines);
        if self.field.is_some() {
            self.phone.forget();
        }
    }

    pub(super) fn typing(&self) -> MutexGuard<'_, Typing> {
        self.typing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn mode(dark: bool) -> theme::Mode {
    if dark { theme::Mode::Dark } else { theme::Mode::Light }
}

/// What an edit is to a field.
fn events(edit: Edit) -> Vec<Event> {
    let presses = |key, times| std::iter::repeat_n(Press::named(key), times).flat_map(|press| press.events());
    match edit {
        Edit::Back(times) => presses(Named::Backspace, times).collect(),
        Edit::Left(times) => presses(Named::ArrowLeft, times).collect(),
        Edit::Right(times) => presses(Named::ArrowRight, times).collect(),
        Edit::Enter => presses(Named::Enter, 1).collect(),
        Edit::Insert(text) => vec![Event::InputMethod(iced_core::input_method::Event::Commit(text))],
    }
}

/// The phone's clipboard, as iced wants it.
pub(super) struct Clip(pub Arc<dyn Phone>);

impl iced_core::Clipboard for Clip {
    fn read(&self, kind: iced_core::clipboard::Kind) -> Option<String> {
        (kind == iced_core::clipboard::Kind::Standard)
            .then(|| self.0.paste())
            .flatten()
    }

    fn write(&mut self, kind: iced_core::clipboard::Kind, contents: String) {
        if kind == iced_core::clipboard::Kind::Standard {
            self.0.copy(contents);
        }
    }
}

/// Takes what is copied, for another program.
#[derive(Default)]
struct Hand(Option<String>);

impl iced_core::Clipboard for Hand {
    fn read(&self, _kind: iced_core::clipboard::Kind) -> Option<String> {
        None
    }

    fn write(&mut self, _kind: iced_core::clipboard::Kind, contents: String) {
        self.0 = Some(contents);
    }
}
