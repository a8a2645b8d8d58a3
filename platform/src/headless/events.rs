//! Events: what core says has changed, told in full.

use std::collections::BTreeMap;

use futures::FutureExt as _;
use grend_core::model::{Connection, Live, MessageId, Show, State};
use grend_core::{Cause, Change, Changes, Core};
use serde_json::{Value, json};

use super::{Lines, requests};

/// States are followed for so many messages at the most; older ones rarely change, and each is asked for after every
/// page of an archive. What waits to be sent is followed however much it is.
const MOST_FOLLOWED: usize = 500;

/// What was told already.
struct Told {
    /// Messages are told in the order in which they were stored.
    last: MessageId,
    /// Our messages that may still get further.
    states: BTreeMap<MessageId, State>,
}

/// Tells events until core stops.
pub(super) async fn tell(core: Core, lines: Lines) {
    let (mut changes, mut reader) = (core.changes(), core.live());
    let Ok(mut told) = Told::from_now(&core).await else {
        return;
    };
    let mut live = Live::default();
    let mut next = Some(reader.current());
    loop {
        if let Some(now) = next.take() {
            for event in differences(&live, &now) {
                let _ = lines.send(event);
            }
            live = now;
        }
        tokio::select! {
            change = changes.next() => {
                let Some(change) = change else { return };
                let stored = told.tell(&core, &lines, &drain(&mut changes, change)).await;
                if let Err(cause) = stored {
                    let _ = lines.send(json!({ "event": "trouble", "error": super::error(&cause) }));
                }
            }
            now = reader.changed() => match now {
                Some(now) => next = Some(now),
                None => return,
            },
        }
    }
}

/// Whatever else has changed by now, so that a flood is told in few questions.
fn drain(changes: &mut Changes, first: Change) -> Vec<Change> {
    let mut all = vec![first];
    while let Some(Some(change)) = changes.next().now_or_never() {
        if !all.contains(&change) {
            all.push(change);
        }
    }
    all
}

impl Told {
    async fn from_now(core: &Core) -> Result<Self, Cause> {
        Ok(Self {
            last: core.last_stored().await?,
            states: core.unfinished().await?.into_iter().collect(),
        })
    }

    async fn tell(&mut self, core: &Core, lines: &Lines, changes: &[Change]) -> Result<(), Cause> {
        let has = |kind| changes.contains(&kind) || changes.contains(&Change::Everything);
        if has(Change::Contacts) {
            let _ = lines.send(json!({ "event": "contacts" }));
        }
        if has(Change::Accounts) {
            let _ = lines.send(json!({ "event": "accounts" }));
        }
        if has(Change::Devices) {
            let _ = lines.send(json!({ "event": "devices" }));
        }
        if !has(Change::Chats) && !changes.iter().any(|change| matches!(change, Change::Chat(_))) {
            return Ok(());
        }
        loop {
            let messages = core.stored_after(self.last).await?;
            let Some(newest) = messages.last() else { break };
            self.last = newest.id;
            for message in &messages {
                if message.mine {
                    // Each step is told, also the ones it took before it was told of itself.
                    self.states.insert(message.id, State::Queued);
                }
                let event = json!({ "event": "message", "chat": message.chat, "message": requests::message(message) });
                let _ = lines.send(event);
            }
        }
        self.tell_states(core, lines).await
    }

    async fn tell_states(&mut self, core: &Core, lines: &Lines) -> Result<(), Cause> {
        let now: BTreeMap<_, _> = core
            .states(self.states.keys().copied().collect())
            .await?
            .into_iter()
            .collect();
        for (message, state) in &now {
            if self.states.get(message) != Some(state) {
                let _ = lines.send(json!({ "event": "state", "message": message, "state": state }));
            }
        }
        self.states = now;
        // Nothing comes after "displayed". A failed message may be tried again, so it is followed on.
        self.states.retain(|_, state| *state != State::Displayed);
        let mut surplus = self.states.len().saturating_sub(MOST_FOLLOWED);
        self.states.retain(|_, state| {
            let kept = surplus == 0 || *state == State::Queued;
            surplus -= usize::from(!kept);
            kept
        });
        Ok(())
    }
}

fn differences(before: &Live, now: &Live) -> Vec<Value> {
    let mut events = Vec::new();
    for (account, connection) in &now.connections {
        if before.connections.get(account) != Some(connection) {
            let mut event = json!({ "event": "live", "account": account, "connection": word(connection) });
            let more = match connection {
                Connection::Waiting { cause, .. } | Connection::Stopped(cause) => Some(("error", super::error(cause))),
                Connection::Online => Some(("resumed", now.resumed.contains(account).into())),
                Connection::Offline | Connection::Connecting => None,
            };
            if let (Some((name, value)), Some(event)) = (more, event.as_object_mut()) {
                event.insert(name.to_owned(), value);
            }
            events.push(event);
        }
    }
    for account in now.caught_up.difference(&before.caught_up) {
        events.push(json!({ "event": "caught_up", "account": account }));
    }
    for typist in now.typing.symmetric_difference(&before.typing) {
        events.push(json!({ "event": "typing", "chat": typist.1, "on": now.typing.contains(typist) }));
    }
    let everybody = before.presence.keys().chain(now.presence.keys());
    for who in everybody.filter(|who| before.presence.get(who) != now.presence.get(who)) {
        let show = match now.presence.get(who) {
            Some(Show::Available) => "available",
            Some(Show::Away) => "away",
            Some(Show::Busy) => "busy",
            None => "gone",
        };
        let event = json!({ "event": "presence", "account": who.0, "address": who.1.as_str(), "show": show });
        if !events.contains(&event) {
            events.push(event);
        }
    }
    events
}

fn word(connection: &Connection) -> &'static str {
    match connection {
        Connection::Offline => "offline",
        Connection::Connecting => "connecting",
        Connection::Online => "online",
        Connection::Waiting { .. } => "waiting",
        Connection::Stopped(_) => "stopped",
    }
}
