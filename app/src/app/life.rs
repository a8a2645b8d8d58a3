//! The window's life, which is shorter than the program's: closed, Grend waits in the tray and messages arrive.

use iced_core::{theme, window};
use iced_runtime::Task;
use iced_runtime::window as windows;

use super::{Message, State};
use crate::host::News;
use crate::icon;
use crate::theme::Theme;

impl State {
    /// Opens the window, or brings the open one before the user's eyes.
    pub(super) fn show_window(&mut self) -> Task<Message> {
        if let Some(id) = self.window {
            // Not every desktop lets a program come to the front by itself; then it shows that it wants to.
            let attention = Some(window::UserAttention::Informational);
            return Task::batch([
                windows::minimize(id, false),
                windows::gain_focus(id),
                windows::request_user_attention(id, attention),
            ]);
        }
        let settings = window::Settings {
            size: self.size,
            min_size: Some(iced_core::Size::new(320.0, 400.0)),
            icon: window::icon::from_rgba(icon::USUAL.to_vec(), icon::SIDE, icon::SIDE).ok(),
            // Closing waits until what was typed is kept.
            exit_on_close_request: false,
            ..window::Settings::default()
        };
        let (id, opened) = windows::open(settings);
        self.window = Some(id);
        Task::batch([opened.discard(), self.look(true)])
    }

    /// The window's cross: without a place where Grend can be found again, that ends it.
    pub(super) fn close_window(&mut self) -> Task<Message> {
        if !self.host.stays() {
            return self.quit();
        }
        let Some(id) = self.window.take() else {
            return Task::none();
        };
        self.host.say_it_stays(News {
            title: self.words.say("stays-title"),
            text: self.words.say("stays-line"),
            chat: None,
        });
        Task::batch([self.look(false), windows::close(id)])
    }

    /// Ends the program, once what was typed is kept and the servers are told.
    pub(super) fn quit(&mut self) -> Task<Message> {
        self.host.leave();
        let kept = self.keep_draft();
        let stop = match self.core {
            Some(_) => self.call(|core| async move { core.stop().await }, |()| Message::Close),
            None => Task::done(Message::Close),
        };
        kept.chain(stop)
    }

    /// Each window is told light or dark when it changes, but a new one is not told how it is.
    pub(super) fn remember_mode(&mut self, mode: theme::Mode) -> Task<Message> {
        if mode != theme::Mode::None {
            self.mode = mode;
        }
        Task::none()
    }

    /// Light or dark; `None`: as the system says.
    pub(super) fn theme(&self) -> Option<Theme> {
        match self.mode {
            theme::Mode::Light => Some(Theme::Light),
            theme::Mode::Dark => Some(Theme::Dark),
            theme::Mode::None => None,
        }
    }
}
