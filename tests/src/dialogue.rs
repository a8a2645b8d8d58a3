//! Requests and answers as JSON lines, with events between: how we drive `grend headless` and the foreign clients.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::Process;

/// How long an answer may take unless a test says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A program that answers `{"id", "do", ...}` with `{"id", "ok"}` or `{"id", "error"}` and tells `{"event", ...}`.
pub struct Dialogue {
    process: Process,
    next_id: u64,
    events: Vec<Value>,
    /// Answers that came while another one was waited for.
    early: HashMap<u64, Value>,
    /// How many of the events `expect_event` has gone past.
    seen: usize,
}

impl Dialogue {
    /// Takes over a started program.
    pub fn new(process: Process) -> Self {
        Self {
            process,
            next_id: 1,
            events: Vec::new(),
            early: HashMap::new(),
            seen: 0,
        }
    }

    /// The program.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Sends a request without waiting; its number is what `answer` wants.
    pub fn ask(&mut self, mut request: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        request["id"] = id.into();
        let heard = self.process.say(&request.to_string());
        assert!(
            heard,
            "a program left before {request}. It said:
{}",
            self.process.said()
        );
        id
    }

    /// The answer to a request: what is under `ok`, or what is under `error`.
    ///
    /// # Panics
    /// When there is none in time.
    pub fn answer(&mut self, id: u64, patience: Duration) -> Result<Value, Value> {
        let deadline = Instant::now() + patience;
        loop {
            let early = self.early.remove(&id);
            let Some(mut value) = early.or_else(|| self.next(deadline)) else {
                panic!(
                    "no answer to request {id} within {patience:?}. The program said:\n{}",
                    self.process.said()
                );
            };
            if value["id"] != id {
                self.early.extend(value["id"].as_u64().map(|id| (id, value)));
                continue;
            }
            return match value.get("error") {
                Some(_) => Err(value["error"].take()),
                None => Ok(value["ok"].take()),
            };
        }
    }

    /// A request and its answer.
    pub fn request(&mut self, request: Value) -> Result<Value, Value> {
        let id = self.ask(request);
        self.answer(id, PATIENCE)
    }

    /// A request that must succeed.
    ///
    /// # Panics
    /// When it is refused.
    pub fn must(&mut self, request: Value) -> Value {
        let shown = request.to_string();
        self.request(request).unwrap_or_else(|error| {
            panic!(
                "{shown} was refused: {error}. The program said:\n{}",
                self.process.said()
            );
        })
    }

    /// The first event after the one found last for which `wanted` holds. Events that came during requests count; what
    /// it goes past stays in `events`.
    ///
    /// # Panics
    /// When none comes in time.
    pub fn expect_event(&mut self, patience: Duration, mut wanted: impl FnMut(&Value) -> bool) -> Value {
        let deadline = Instant::now() + patience;
        loop {
            while self.seen < self.events.len() {
                let event = &self.events[self.seen];
                self.seen += 1;
                if wanted(event) {
                    return event.clone();
                }
            }
            let came = self.next(deadline).is_some();
            assert!(
                came,
                "the event did not come within {patience:?}. The program said:\n{}",
                self.process.said()
            );
        }
    }

    /// The first event of a kind.
    pub fn expect(&mut self, kind: &str) -> Value {
        self.expect_event(PATIENCE, |event| event["event"] == kind)
    }

    /// All events so far.
    pub fn events(&self) -> &[Value] {
        &self.events
    }

    /// Reads one line; keeps it if it is an event.
    fn next(&mut self, deadline: Instant) -> Option<Value> {
        let line = self.process.line(deadline)?;
        let value: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("not a line of JSON ({error}): {line}"));
        if value.get("event").is_some() {
            self.events.push(value.clone());
        }
        Some(value)
    }
}
