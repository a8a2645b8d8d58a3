//! The shell's thread. It sleeps until it is told something or the shell wanted a turn.

use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use grend_app::app::Grend;
use grend_app::host::Host;
use grend_core::{Config, Core};

use super::call::Java;
use super::machine::Machine;
use super::safe::Safe;
use super::wishes::Wishes;
use super::{Link, Told};
use crate::shell::{Phone, Shell, Typing};

/// Begins it.
pub(super) fn start(java: Arc<Java>, folder: PathBuf, locale: String) -> std::io::Result<Link> {
    let (tell, told) = mpsc::channel();
    let typing = Arc::<std::sync::Mutex<Typing>>::default();
    let core = Arc::<OnceLock<Option<Core>>>::default();
    let wishes = Arc::<Wishes>::default();
    let link = Link {
        tell: tell.clone(),
        typing: Arc::clone(&typing),
        core: Arc::clone(&core),
        wishes: Arc::clone(&wishes),
    };
    let run = move || {
        let safe = Arc::new(Safe::new(&folder, Arc::clone(&java)));
        let opened = Core::open(Config {
            folder: folder.clone(),
            vault: safe,
            dns: None,
        });
        let _ = core.set(opened.as_ref().ok().cloned());
        let machine = Arc::new(Machine::new(&folder, locale, Arc::clone(&java), wishes)) as Arc<dyn Host>;
        let wake = move || drop(tell.send(Told::Wake));
        let shell = Shell::new(Grend::new(opened, machine), java as Arc<dyn Phone>, typing, wake);
        serve(shell, &told);
    };
    std::thread::Builder::new().name("grend".to_owned()).spawn(run)?;
    Ok(link)
}

/// Takes what is told, all that waits at once, then lets the shell take its turn.
fn serve(mut shell: Shell, told: &Receiver<Told>) {
    let mut next = Some(Instant::now());
    loop {
        let first = match next {
            Some(at) => told.recv_timeout(at.saturating_duration_since(Instant::now())),
            None => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let mut waiting: Vec<Sender<()>> = Vec::new();
        let all = match first {
            Ok(first) => std::iter::once(first).chain(told.try_iter()),
            Err(RecvTimeoutError::Timeout) => {
                next = shell.turn(Instant::now());
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        for told in all {
            match told {
                Told::Input(input) => shell.tell(*input),
                Told::Wake => {}
                Told::Done(answer) => waiting.push(answer),
            }
        }
        next = shell.turn(Instant::now());
        for answer in waiting {
            // Who asked has given up waiting, perhaps.
            let _ = answer.send(());
        }
    }
}
