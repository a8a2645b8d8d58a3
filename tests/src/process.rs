//! A program that talks in lines and that we end by its handle: servers, `grend headless`, foreign clients.
//!
//! **Invariant**: when a `Process` is dropped, it and everything it started are gone: its process group is killed and
//! its pipes are read to their end, which comes when the last one that inherited them has left. Should *we* die first,
//! the end of its standard input tells the program so; each of ours leaves then.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// A running program.
pub struct Process {
    name: String,
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    said: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Process {
    /// Starts `command` in a process group of its own. `advice` says what to install should it not be there.
    pub fn start(name: &str, command: &mut Command, advice: &str) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start ({error}): {advice}"));
        let said = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = channel();
        let stdout = child.stdout.take().expect("stdout is piped");
        let stderr = child.stderr.take().expect("stderr is piped");
        let readers = vec![
            read_lines(stdout, Some(sender), Arc::clone(&said)),
            read_lines(stderr, None, Arc::clone(&said)),
        ];
        Self {
            name: name.to_owned(),
            stdin: child.stdin.take(),
            child,
            lines,
            said,
            readers,
        }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything the program printed so far, on both channels.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Writes one line. False when the program has left.
    pub fn say(&mut self, line: &str) -> bool {
        let Some(stdin) = &mut self.stdin else { return false };
        stdin
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| stdin.flush())
            .is_ok()
    }

    /// The next line of standard output; `None` when there is none by `deadline`.
    ///
    /// # Panics
    /// When the program has left, with what it said.
    pub fn line(&mut self, deadline: Instant) -> Option<String> {
        match self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.status();
                panic!("{} left ({status}). It said:\n{}", self.name, self.said())
            }
        }
    }

    /// The next line, also when the program has left: then `None`, like at the deadline.
    pub fn last_lines(&mut self, deadline: Instant) -> Option<String> {
        self.lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .ok()
    }

    /// Whether it is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn status(&mut self) -> String {
        self.child
            .wait()
            .map_or_else(|error| error.to_string(), |status| status.to_string())
    }

    /// Closes its standard input, which asks our programs to leave in order.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Waits until it leaves by itself.
    ///
    /// # Panics
    /// When it is still there after `patience`.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let deadline = Instant::now() + patience;
        // Its lines end when it leaves: waiting for that needs no polling.
        while self.last_lines(deadline).is_some() {}
        if let Ok(Some(status)) = self.child.try_wait() {
            return status;
        }
        assert!(
            Instant::now() < deadline,
            "{} did not leave within {patience:?}. It said:\n{}",
            self.name,
            self.said()
        );
        self.child.wait().expect("a child can be waited for")
    }

    /// Ends it and its process group like a power cut, and waits until all of them are gone.
    pub fn kill(&mut self) {
        if self.is_running() {
            let group = Pid::from_child(&self.child);
            // It may have left in this very moment; then there is nothing to kill.
            let _ = kill_process_group(group, Signal::KILL);
            let _ = self.child.wait();
        }
        // Not before: the end of its input would ask it to leave in order.
        self.stdin = None;
        for reader in self.readers.drain(..) {
            // A reader ends at the end of the pipe; it cannot fail.
            let _ = reader.join();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read_lines(
    from: impl Read + Send + 'static,
    to: Option<Sender<String>>,
    said: Arc<Mutex<String>>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut bytes = Vec::new();
        while from.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
            drop(said);
            if let Some(to) = &to {
                // Nobody listens any more: keep the pipe empty all the same.
                let _ = to.send(line);
            }
        }
    })
}
