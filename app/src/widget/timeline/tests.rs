//! The promises of the list: nothing moves that the reader looks at, and nothing costs more with more rows.

#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::indexing_slicing)]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Instant;

use iced_core::keyboard::{self, key};
use iced_core::widget::{Id, Operation};
use iced_core::{Event, Pixels, Point, clipboard, mouse, touch, window};
use iced_graphics::damage;
use iced_runtime::user_interface::{Cache, UserInterface};
use iced_tiny_skia::Layer;

use super::*;

const VIEW: Size = Size::new(400.0, 600.0);
/// What fits into the viewport and its margins, at the height of the smallest row.
const MOST: usize = 30;

fn height(key: Key) -> f32 {
    30.0 + (key.rem_euclid(7) * 13) as f32
}

/// A list as a program holds it, from frame to frame.
struct World {
    keys: Vec<Key>,
    rest: Rest,
    jump: Option<Jump>,
    cache: Option<Cache>,
    renderer: Renderer,
    notices: Vec<Notice>,
    /// How often `view` was asked for a row in the last frame.
    built: usize,
}

/// Rows write their key, so that they can be told apart.
#[derive(Default)]
struct Places(BTreeMap<Key, f32>);

impl Operation for Places {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation)) {
        operate(self);
    }

    fn text(&mut self, _id: Option<&Id>, bounds: Rectangle, text: &str) {
        self.0.insert(text.parse().unwrap(), bounds.y);
    }
}

impl World {
    fn new(keys: std::ops::Range<Key>, rest: Rest) -> Self {
        let renderer = <Renderer as iced_core::renderer::Headless>::new(crate::font::TEXT, Pixels(16.0), None);
        let renderer: Option<Renderer> = futures::executor::block_on(renderer);
        let (keys, cache) = (keys.collect(), Some(Cache::default()));
        Self {
            keys,
            rest,
            jump: None,
            cache,
            renderer: renderer.unwrap(),
            notices: Vec::new(),
            built: 0,
        }
    }

    /// The program's `view`, some events, a drawing; then where each row that exists stands.
    fn frame(&mut self, events: &[Event]) -> BTreeMap<Key, f32> {
        let (keys, built) = (&self.keys, Cell::new(0));
        let timeline = Timeline::new(
            keys.len(),
            |index| keys[index],
            |key| keys.binary_search(&key).ok(),
            |index| {
                built.set(built.get() + 1);
                let key = keys[index];
                iced_widget::container(iced_widget::text(key.to_string()))
                    .height(height(key))
                    .into()
            },
        );
        let timeline = timeline
            .rest(self.rest)
            .keyboard()
            .jump(self.jump)
            .on_notice(|notice| notice);
        let element: Element<'_, Notice> = timeline.into();
        let mut ui = UserInterface::build(element, VIEW, self.cache.take().unwrap(), &mut self.renderer);
        let drawn = Event::Window(window::Event::RedrawRequested(Instant::now()));
        for event in events.iter().chain([&drawn]) {
            let cursor = match event {
                Event::Mouse(mouse::Event::CursorMoved { position }) => *position,
                Event::Mouse(mouse::Event::ButtonPressed(_)) => Point::new(396.0, 1.0),
                _ => Point::new(200.0, 300.0),
            };
            let cursor = mouse::Cursor::Available(cursor);
            let event = std::slice::from_ref(event);
            let _ = ui.update(
                event,
                cursor,
                &mut self.renderer,
                &mut clipboard::Null,
                &mut self.notices,
            );
        }
        let mut places = Places::default();
        ui.operate(&self.renderer, &mut places);
        let style = renderer::Style {
            text_color: Color::BLACK,
        };
        ui.draw(&mut self.renderer, &Theme::Light, &style, mouse::Cursor::Unavailable);
        self.cache = Some(ui.into_cache());
        self.built = built.get();
        places.0
    }

    fn visible(&mut self, events: &[Event]) -> BTreeMap<Key, f32> {
        let mut places = self.frame(events);
        places.retain(|key, top| *top + height(*key) > 0.0 && *top < VIEW.height);
        places
    }

    /// The bottom of the last row, if it exists.
    fn end(&mut self) -> Option<f32> {
        let last = *self.keys.last().unwrap();
        self.frame(&[]).get(&last).map(|top| top + height(last))
    }

    fn go(&mut self, to: Anchor) {
        let serial = self.jump.map_or(0, |jump| jump.serial) + 1;
        self.jump = Some(Jump { serial, to });
    }
}

fn wheel(pixels: f32) -> Event {
    Event::Mouse(mouse::Event::WheelScrolled {
        delta: mouse::ScrollDelta::Pixels { x: 0.0, y: pixels },
    })
}

fn press(key: key::Named) -> Event {
    Event::Keyboard(keyboard::Event::KeyPressed {
        key: keyboard::Key::Named(key),
        modified_key: keyboard::Key::Named(key),
        physical_key: key::Physical::Unidentified(key::NativeCode::Unidentified),
        location: keyboard::Location::Standard,
        modifiers: keyboard::Modifiers::default(),
        text: None,
        repeat: false,
    })
}

#[test]
fn a_conversation_begins_at_its_end_and_a_list_at_its_start() {
    assert_eq!(World::new(0..1000, Rest::End).end(), Some(VIEW.height));
    assert_eq!(World::new(0..1000, Rest::Start).frame(&[])[&0], 0.0);
}

#[test]
fn short_content_stands_where_the_list_rests() {
    assert_eq!(World::new(0..3, Rest::End).end(), Some(VIEW.height));
    assert_eq!(World::new(0..3, Rest::Start).frame(&[])[&0], 0.0);
}

#[test]
fn older_rows_come_without_moving_a_pixel() {
    for scrolled in [0.0, 400.0, 1e6] {
        let mut world = World::new(1000..1060, Rest::End);
        world.frame(&[]);
        let before = world.visible(&[wheel(scrolled)]);
        world.keys.splice(0..0, 950..1000);
        assert_eq!(world.visible(&[]), before, "scrolled by {scrolled}");
    }
}

#[test]
fn a_new_row_is_seen_at_the_end_and_moves_nothing_elsewhere() {
    let mut world = World::new(0..100, Rest::End);
    world.frame(&[]);
    world.keys.push(100);
    assert_eq!(world.end(), Some(VIEW.height));

    let before = world.visible(&[wheel(300.0)]);
    world.keys.push(101);
    assert_eq!(world.visible(&[]), before);
}

#[test]
fn only_what_is_visible_is_built_however_long_the_history() {
    for rows in [1_000, 100_000] {
        let mut world = World::new(0..rows, Rest::End);
        let first = world.frame(&[]).len();
        assert!(first <= MOST, "{first} rows of {rows} exist");
        assert!(world.built <= MOST, "{} rows of {rows} were built", world.built);
        // A frame builds what comes into view, not what is there already.
        let resting = world.frame(&[]).len();
        world.frame(&[wheel(60.0)]);
        assert!(
            world.built <= resting + 3,
            "a notch of the wheel built {} rows",
            world.built - resting
        );
        world.go(Anchor::Row {
            key: rows / 2,
            offset: 40.0,
        });
        assert_eq!(world.frame(&[])[&(rows / 2)], 40.0);
        assert!(world.built <= MOST, "a jump built {} rows", world.built);
    }
}

#[test]
fn rows_that_move_are_drawn_anew_as_one_place() {
    let mut world = World::new(0..1000, Rest::End);
    let mut frame = |events: &[Event]| {
        world.frame(events);
        world.renderer.layers().to_vec()
    };
    let different = |before: &[Layer], after: &[Layer]| {
        let places = damage::diff(before, after, |layer| vec![layer.bounds], Layer::damage);
        damage::group(places, Rectangle::with_size(VIEW)).len()
    };
    frame(&[]);
    let before = frame(&[]);
    let still = frame(&[]);
    assert_eq!(different(&before, &still), 0);
    let moved = frame(&[wheel(60.0)]);
    assert_eq!(different(&still, &moved), 1);
}

#[test]
fn keys_lead_to_both_ends_and_stop_there() {
    let mut world = World::new(0..100, Rest::End);
    let end = world.visible(&[]);
    let pages: Vec<Event> = std::iter::repeat_n(press(key::Named::PageUp), 40).collect();
    assert_eq!(world.visible(&pages)[&0], 0.0);
    let pages: Vec<Event> = std::iter::repeat_n(press(key::Named::PageDown), 40).collect();
    assert_eq!(world.visible(&pages), end);
}

#[test]
fn the_thumb_leads_to_both_ends() {
    let mut world = World::new(0..1000, Rest::End);
    world.frame(&[]);
    let hold = Event::Mouse(mouse::Event::ButtonPressed(mouse::Button::Left));
    let drag = |y| {
        Event::Mouse(mouse::Event::CursorMoved {
            position: Point::new(396.0, y),
        })
    };
    let release = Event::Mouse(mouse::Event::ButtonReleased(mouse::Button::Left));
    assert_eq!(world.visible(&[hold.clone(), drag(0.0), release.clone()])[&0], 0.0);
    let middle = world.visible(&[hold.clone(), drag(300.0), release.clone()]);
    assert!(
        middle.keys().all(|key| (400..600).contains(key)),
        "half way down is {middle:?}"
    );
    world.frame(&[hold, drag(599.0), release]);
    assert_eq!(world.end(), Some(VIEW.height));
}

#[test]
fn a_finger_drags_the_rows() {
    let mut world = World::new(0..100, Rest::End);
    let before = world.visible(&[]);
    let id = touch::Finger(1);
    let at = |y| Point::new(200.0, y);
    let after = world.visible(&[
        Event::Touch(touch::Event::FingerPressed {
            id,
            position: at(100.0),
        }),
        Event::Touch(touch::Event::FingerMoved {
            id,
            position: at(220.0),
        }),
    ]);
    let (key, top) = before.iter().next().unwrap();
    assert_eq!(after[key], top + 120.0);
}

#[test]
fn edges_are_told_once() {
    let mut world = World::new(0..200, Rest::End);
    for _ in 0..3 {
        world.frame(&[]);
    }
    assert_eq!(world.notices, [Notice::AtEnd(true)]);
    world.notices.clear();
    world.go(Anchor::Start);
    for _ in 0..3 {
        world.frame(&[]);
    }
    assert_eq!(world.notices, [Notice::AtEnd(false), Notice::NearStart]);
    world.notices.clear();
    world.keys.splice(0..0, -10..0);
    world.frame(&[]);
    assert_eq!(world.notices, [Notice::NearStart], "new rows above are near again");
}

#[test]
fn a_row_that_is_gone_leaves_the_list_at_rest() {
    let mut world = World::new(0..100, Rest::End);
    world.go(Anchor::Row { key: 50, offset: 0.0 });
    world.frame(&[]);
    world.keys.clear();
    assert!(world.frame(&[]).is_empty());
    world.keys.extend(500..600);
    assert_eq!(world.end(), Some(VIEW.height));
}
