//! What Java calls, and whom it reaches: the one shell of this process, on a thread of its own.
//!
//! `Native.java` declares the same functions. The only unsafe code of the repository is in this folder.

mod call;
mod machine;
mod natives;
mod safe;
mod thread;
mod window;
mod wishes;

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, OnceLock};

use grend_core::Core;

use crate::shell::{Input, Typing};
use wishes::Wishes;

/// The link to the shell's thread. A process has one, and it stays.
static LINK: OnceLock<Link> = OnceLock::new();

struct Link {
    tell: Sender<Told>,
    typing: Arc<Mutex<Typing>>,
    /// Nothing in it: it could not be opened.
    core: Arc<OnceLock<Option<Core>>>,
    wishes: Arc<Wishes>,
}

/// What the shell's thread is told.
enum Told {
    /// Something for the shell.
    Input(Box<Input>),
    /// A task can go on.
    Wake,
    /// Answer when everything told before this was done.
    Done(Sender<()>),
}

impl Link {
    fn tell(&self, input: Input) {
        // The thread ends with the process only.
        let _ = self.tell.send(Told::Input(Box::new(input)));
    }
}
