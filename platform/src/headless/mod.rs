//! `grend headless`: core driven by JSON lines, for scripts, bots and tests. A thin map of core's public face.
//!
//! One object per line in, one answer per request out, events between. End of input is an orderly stop.
//! `docs/headless.md` is its manual.

mod events;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod requests;

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::thread;

use grend_core::{Cause, Core};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Where answers and events go, one line each.
type Lines = mpsc::UnboundedSender<Value>;

/// Serves standard input until it ends.
pub fn run(core: Core) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve(core)),
        Err(_) => return ExitCode::FAILURE,
    }
    // Standard input may still block its reader; it ends with the process.
    ExitCode::SUCCESS
}

async fn serve(core: Core) {
    let (output, written) = write_lines();
    let mut input = read_lines();
    let events = tokio::spawn(events::tell(core.clone(), output.clone()));
    let mut slow = JoinSet::new();
    while let Some(line) = input.recv().await {
        if !requests::take(&core, &line, &output, &mut slow).await {
            slow.abort_all();
            break;
        }
    }
    // End of input is not a change of mind: what was asked is still answered.
    while slow.join_next().await.is_some() {}
    core.stop().await;
    events.abort();
    let _ = events.await;
    drop(output);
    let _ = tokio::task::spawn_blocking(move || written.join()).await;
}

/// The text of an answer that is an error.
fn error(cause: &Cause) -> Value {
    json!({ "kind": cause.kind(), "text": cause.to_string() })
}

fn read_lines() -> mpsc::Receiver<String> {
    // Bounded: whoever writes faster than we serve has to wait.
    let (sender, lines) = mpsc::channel(64);
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Writes lines from a thread of its own: a slow reader must not stop the sessions.
fn write_lines() -> (Lines, thread::JoinHandle<()>) {
    let (sender, mut lines) = mpsc::unbounded_channel::<Value>();
    let thread = thread::spawn(move || {
        let mut out = std::io::stdout().lock();
        while let Some(line) = lines.blocking_recv() {
            let written = writeln!(out, "{line}").and_then(|()| if lines.is_empty() { out.flush() } else { Ok(()) });
            if written.is_err() {
                break;
            }
        }
    });
    (sender, thread)
}
