//! Selecting with the mouse, copying, and links, without a window.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use iced_core::clipboard::{self, Kind as Which};
use iced_core::{Pixels, Point, window};
use iced_runtime::user_interface::{Cache, UserInterface};

use super::*;

const WIDE: Size = Size::new(400.0, 200.0);

#[derive(Default)]
struct Pocket(Option<String>);

impl clipboard::Clipboard for Pocket {
    fn read(&self, _kind: Which) -> Option<String> {
        self.0.clone()
    }

    fn write(&mut self, _kind: Which, contents: String) {
        self.0 = Some(contents);
    }
}

/// Moves the mouse through places, with the button held between the first and the last; then copies.
fn drag(text: &str, places: &[Point], clicks: usize) -> (Option<String>, Vec<String>) {
    static FONTS: std::sync::Once = std::sync::Once::new();
    FONTS.call_once(crate::font::install);
    let renderer = <Renderer as iced_core::renderer::Headless>::new(crate::font::TEXT, Pixels(16.0), None);
    let renderer: Option<Renderer> = futures::executor::block_on(renderer);
    let mut renderer = renderer.unwrap();
    let element: Element<'_, String> = Selectable::new(text, 16.0).on_link(|link| link).into();
    let mut ui = UserInterface::build(element, WIDE, Cache::default(), &mut renderer);
    let (mut pocket, mut links) = (Pocket::default(), Vec::new());
    let (first, last) = (places[0], places[places.len() - 1]);
    let left = mouse::Button::Left;
    let mut events = Vec::new();
    for _ in 0..clicks {
        events.push((first, Event::Mouse(mouse::Event::ButtonPressed(left))));
        for place in &places[1..] {
            events.push((*place, Event::Mouse(mouse::Event::CursorMoved { position: *place })));
        }
        events.push((last, Event::Mouse(mouse::Event::ButtonReleased(left))));
    }
    events.push((
        last,
        Event::Window(window::Event::RedrawRequested(std::time::Instant::now())),
    ));
    let copy = keyboard::Key::Character("c".into());
    events.push((
        last,
        Event::Keyboard(keyboard::Event::KeyPressed {
            key: copy.clone(),
            modified_key: copy,
            physical_key: keyboard::key::Physical::Unidentified(keyboard::key::NativeCode::Unidentified),
            location: keyboard::Location::Standard,
            modifiers: keyboard::Modifiers::COMMAND,
            text: None,
            repeat: false,
        }),
    ));
    for (at, event) in events {
        let _ = ui.update(
            &[event],
            mouse::Cursor::Available(at),
            &mut renderer,
            &mut pocket,
            &mut links,
        );
    }
    (pocket.0, links)
}

#[test]
fn what_is_dragged_over_is_copied() {
    let (all, _) = drag(
        "Kom 👨‍👩‍👧‍👦 innom\nnår dere vil",
        &[Point::new(1.0, 5.0), Point::new(390.0, 190.0)],
        1,
    );
    assert_eq!(all.as_deref(), Some("Kom 👨‍👩‍👧‍👦 innom\nnår dere vil"));
    let (backwards, _) = drag(
        "den første linjen\nandre",
        &[Point::new(100.0, 30.0), Point::new(1.0, 30.0)],
        1,
    );
    assert_eq!(backwards.as_deref(), Some("andre"));
}

#[test]
fn a_double_click_selects_a_word() {
    let (word, _) = drag("God morgen, bestemor", &[Point::new(60.0, 10.0)], 2);
    assert_eq!(word.as_deref(), Some("morgen"));
}

#[test]
fn a_click_selects_nothing_and_opens_a_link() {
    let (nothing, links) = drag("https://a.example/hagen se her", &[Point::new(20.0, 10.0)], 1);
    assert_eq!(
        (nothing, links.as_slice()),
        (None, ["https://a.example/hagen".to_owned()].as_slice())
    );
    let (_, links) = drag(
        "https://a.example/hagen se her",
        &[Point::new(20.0, 10.0), Point::new(150.0, 10.0)],
        1,
    );
    assert!(links.is_empty(), "dragging over a link selects it");
}
