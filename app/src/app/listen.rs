//! What comes by itself: changes in the store, what is live, keys that no widget took, the window.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use futures::stream::{self, Stream, StreamExt};
use grend_core::{Change, Core};
use iced_core::{keyboard, window};
use iced_futures::Subscription;

use super::{Message, State};
use crate::host::Host;

/// So many changes at most are told at once.
const BATCH: usize = 256;

/// All subscriptions. None of them ticks.
pub(super) fn all(state: &State) -> Subscription<Message> {
    let mut all = vec![
        iced_futures::keyboard::listen().filter_map(key),
        iced_runtime::window::events().filter_map(|(_, event)| match event {
            window::Event::Opened { .. }
            | window::Event::Resized(_)
            | window::Event::Focused
            | window::Event::Unfocused
            | window::Event::CloseRequested => Some(Message::Window(event)),
            _ => None,
        }),
        iced_runtime::system::theme_changes().map(Message::Mode),
        Subscription::run_with(Machine(Arc::clone(&state.host)), |machine| {
            machine.0.wishes().map(Message::Wish)
        }),
    ];
    if let Some(core) = &state.core {
        all.push(Subscription::run_with(Source(core.clone()), |source| {
            changes(&source.0)
        }));
        all.push(Subscription::run_with(Source(core.clone()), |source| live(&source.0)));
    }
    Subscription::batch(all)
}

/// Only keys that mean something to the whole program; the others must not redraw it.
fn key(event: keyboard::Event) -> Option<Message> {
    use keyboard::key::Named;

    let keyboard::Event::KeyPressed { key, modifiers, .. } = &event else {
        return None;
    };
    let ours = match key.as_ref() {
        keyboard::Key::Named(Named::Tab | Named::Escape) => true,
        keyboard::Key::Character("k" | "K" | "q" | "Q" | "+" | "=" | "-" | "0") => modifiers.command(),
        _ => false,
    };
    ours.then_some(Message::Key(event))
}

/// There is one machine, as there is one core.
struct Machine(Arc<dyn Host>);

impl Hash for Machine {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "machine".hash(state);
    }
}

/// There is one core: the subscription stays the same however often it is asked for.
struct Source(Core);

impl Hash for Source {
    fn hash<H: Hasher>(&self, state: &mut H) {
        "core".hash(state);
    }
}

fn changes(core: &Core) -> impl Stream<Item = Message> + use<> {
    let changes = core.changes();
    let changes = stream::unfold(changes, |mut changes| async {
        let change = changes.next().await?;
        Some((change, changes))
    });
    changes.ready_chunks(BATCH).map(|batch| {
        let mut different: Vec<Change> = Vec::new();
        for change in batch {
            if !different.contains(&change) {
                different.push(change);
            }
        }
        Message::Changed(different)
    })
}

fn live(core: &Core) -> impl Stream<Item = Message> + use<> {
    let mut reader = core.live();
    let first = reader.current();
    let later = stream::unfold(reader, |mut reader| async {
        let live = reader.changed().await?;
        Some((live, reader))
    });
    stream::iter([first]).chain(later).map(Message::Live)
}
