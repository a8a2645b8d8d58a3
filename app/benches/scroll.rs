//! What a notch of the wheel costs: the program's own conversation, drawn into memory as a window draws it.
//!
//! `cargo bench -p grend-app --bench scroll`; CPU milliseconds of this thread, without a window or its server.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::{Desk, MINUTE, NOW, WIDE, answer, home, letter};
use grend_app::app::{Message, State};
use grend_app::theme::Theme;
use grend_app::widget::Renderer;
use grend_app::{font, screen};
use grend_core::model::{ChatId, Message as Letter, State as Stand};
use iced_core::{Event, Pixels, Point, Rectangle, clipboard, mouse, theme, window};
use iced_graphics::{Viewport, damage};
use iced_runtime::user_interface::{Cache, UserInterface};
use iced_tiny_skia::Layer;

const NOTCHES: usize = 200;

/// What a family writes: short and long, emoji, links, both sides, and what becomes of ours.
fn history() -> Vec<Letter> {
    let bodies = [
        "Hei",
        "Kommer du på lørdag? Vi tenkte å grille hvis været holder, og så kan barna bade etterpå 😀",
        "Ja! 👍",
        "Bildene ligger på https://bilder.familien.example/hagen_(sommer).",
        "Så fine!\nOg rosene har kommet seg.",
        "Ta gjerne med Emil og Ole, og spør om tante Åse også har tid; hun har ikke vært her på lenge. Jeg har bakt \
         boller, og det er mer enn nok til alle. Ring når dere sitter på toget, så henter jeg dere på stasjonen.",
        "👨‍👩‍👧‍👦 🇳🇴 ❤️",
    ];
    (0..600_i64)
        .map(|n| {
            let mine = n % 3 == 1;
            let state = if mine { Stand::Displayed } else { Stand::Received };
            let body = bodies[n as usize % bodies.len()];
            letter(
                n + 1,
                mine,
                &format!("{body} ({n})"),
                NOW - (600 - n) * 7 * MINUTE,
                state,
            )
        })
        .collect()
}

fn cpu() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// A window without a window: what `iced_tiny_skia` does to present a frame.
struct Screen {
    pixels: tiny_skia::Pixmap,
    mask: tiny_skia::Mask,
    viewport: Viewport,
    before: Option<Vec<Layer>>,
    damaged: f32,
    parts: usize,
}

impl Screen {
    fn new() -> Self {
        let (width, height) = (WIDE.width as u32, WIDE.height as u32);
        Self {
            pixels: tiny_skia::Pixmap::new(width, height).unwrap(),
            mask: tiny_skia::Mask::new(width, height).unwrap(),
            viewport: Viewport::with_physical_size(iced_core::Size::new(width, height), 1.0),
            before: None,
            damaged: 0.0,
            parts: 0,
        }
    }

    fn present(&mut self, renderer: &mut Renderer, style: &theme::Style) {
        let all = Rectangle::with_size(WIDE);
        let damage = match &self.before {
            Some(before) => damage::diff(before, renderer.layers(), |layer| vec![layer.bounds], Layer::damage),
            None => vec![all],
        };
        self.before = Some(renderer.layers().to_vec());
        let damage = damage::group(damage, all);
        self.damaged += damage.iter().map(Rectangle::area).sum::<f32>();
        self.parts += damage.len();
        renderer.draw(
            &mut self.pixels.as_mut(),
            &mut self.mask,
            &self.viewport,
            &damage,
            style.background_color,
        );
    }
}

#[derive(Default)]
struct Spent {
    scroll: f64,
    redraw: f64,
    draw: f64,
    present: f64,
}

fn frame(state: &mut State, cache: Cache, renderer: &mut Renderer, screen: &mut Screen, spent: &mut Spent) -> Cache {
    let theme = Theme::Light;
    let style = theme::Base::base(&theme);
    let cursor = mouse::Cursor::Available(Point::new(700.0, 300.0));
    let mut messages: Vec<Message> = Vec::new();
    let mut ui = UserInterface::build(state.view(), WIDE, cache, renderer);
    for _ in 0..NOTCHES {
        let start = cpu();
        let notch = Event::Mouse(mouse::Event::WheelScrolled {
            delta: mouse::ScrollDelta::Lines { x: 0.0, y: 1.0 },
        });
        let _ = ui.update(&[notch], cursor, renderer, &mut clipboard::Null, &mut messages);
        let scrolled = cpu();
        let drawn = Event::Window(window::Event::RedrawRequested(Instant::now()));
        let _ = ui.update(&[drawn], cursor, renderer, &mut clipboard::Null, &mut messages);
        let updated = cpu();
        ui.draw(
            renderer,
            &theme,
            &iced_core::renderer::Style {
                text_color: style.text_color,
            },
            cursor,
        );
        let recorded = cpu();
        screen.present(renderer, &style);
        spent.scroll += scrolled - start;
        spent.redraw += updated - scrolled;
        spent.draw += recorded - updated;
        spent.present += cpu() - recorded;
    }
    ui.into_cache()
}

fn main() {
    font::install();
    let desk = Desk::new("nb");
    let mut state = home(&desk);
    let _ = state.update(Message::Home(screen::home::Message::Open(ChatId(1))));
    answer(&mut state, history(), None);
    let mut renderer = Renderer::new(font::TEXT, Pixels(16.0));
    let mut screen = Screen::new();
    let mut cache = Cache::default();
    for round in 0..3 {
        let mut spent = Spent::default();
        (screen.damaged, screen.parts) = (0.0, 0);
        let _ = state.update(Message::Conversation(screen::conversation::Message::ToNewest));
        cache = frame(&mut state, cache, &mut renderer, &mut screen, &mut spent);
        let each = |sum: f64| sum / NOTCHES as f64;
        let total = spent.scroll + spent.redraw + spent.draw + spent.present;
        println!(
            "round {round}: {:.2} ms a frame: scroll and layout {:.2}, redraw event {:.2}, draw {:.2}, present {:.2}; \
             {:.1} damaged parts, {:.0} % of the window",
            each(total),
            each(spent.scroll),
            each(spent.redraw),
            each(spent.draw),
            each(spent.present),
            screen.parts as f64 / NOTCHES as f64,
            100.0 * f64::from(screen.damaged) / NOTCHES as f64 / f64::from(WIDE.width * WIDE.height),
        );
    }
}
