//! A client written by others that people use in a terminal: Debian's Profanity, with OMEMO, under a tmux of its own. We type, and read the
//! screen.
//!
//! **Invariant**: tmux is ours alone (its socket lies in the given folder), and Profanity goes when its terminal does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::dialogue::PATIENCE;
use crate::peer::Peer;
use crate::process::Process;
use crate::server::{Server, User};

const ADVICE: &str = "install the Debian packages profanity and tmux";

/// Profanity has no list of devices before its node is there, and does not make it: some other client must.
const LIST: &str = "eu.siacs.conversations.axolotl.devicelist";

/// tmux in the foreground, until its input ends. The pane is made from outside.
const TERMINAL: &str = r#"tmux -S "$1" -f /dev/null -D & cat >/dev/null; tmux -S "$1" kill-server"#;

/// A running Profanity and the folder with its data, which outlives it.
pub struct Profanity {
    home: PathBuf,
    terminal: Process,
    pid: Pid,
    /// Where the log of this start begins.
    log_begins: usize,
}

impl Profanity {
    /// Starts it and signs in. The keys of OMEMO are those in `home`, if there are any.
    pub fn start(home: &Path, server: &Server, user: &User) -> Self {
        set_up(home, server, user);
        let mut command = Command::new("sh");
        command.args(["-c", TERMINAL, "sh"]).arg(socket(home));
        let terminal = Process::start("tmux", &mut command, ADVICE);
        await_socket(home);
        let log_begins = fs::metadata(log(home)).map_or(0, |log| log.len() as usize);
        let pid = open_window(home);
        let mut profanity = Self {
            home: home.to_owned(),
            terminal,
            pid,
            log_begins,
        };
        profanity.expect("logged in successfully");
        profanity
    }

    /// Starts it with new keys, which others can find; with the number of its device.
    pub fn with_keys(home: &Path, server: &Server, user: &User) -> (Self, u32) {
        let mut profanity = Self::start(home, server, user);
        profanity.type_line("/omemo gen");
        // The full stop is drawn last. Beside it may stand one of the contacts.
        let told = |line: &str| {
            let (_, number) = line.split_once("Your Device ID is ")?;
            number.split_whitespace().next()?.strip_suffix('.')?.parse().ok()
        };
        let line = profanity.expect_line("its device", |line| told(line).is_some());
        let device = told(&line).expect("it was there");
        announce(server, user, device);
        (profanity, device)
    }

    /// Types a line and Enter.
    pub fn type_line(&mut self, line: &str) {
        tmux(&self.home, &["send-keys", "-l", "--", line]);
        tmux(&self.home, &["send-keys", "Enter"]);
    }

    /// Opens the conversation with somebody and encrypts it.
    pub fn open(&mut self, address: &str) {
        self.type_line(&format!("/msg {address}"));
        self.type_line("/omemo start");
        self.expect("[OMEMO]");
    }

    /// Opens the conversation and begins it anew until the server has told of a device of the other one, since Profanity was started,
    /// and its keys are there. Profanity looks at lists of devices when it is told of them or begins.
    pub fn expect_device(&mut self, address: &str, device: u32, fingerprint: &str) {
        let groups: Vec<_> = (0..8).map(|group| &fingerprint[group * 8..group * 8 + 8]).collect();
        let shown = groups.join("-");
        let deadline = Instant::now() + PATIENCE;
        self.type_line(&format!("/msg {address}"));
        while !self.was_told(address, device) || !self.screen().contains(&shown) {
            assert!(
                Instant::now() < deadline,
                "Profanity does not learn of {device}, {shown}:\n{}",
                self.screen()
            );
            for line in ["/omemo end", "/omemo start"] {
                self.type_line(line);
            }
            self.type_line(&format!("/omemo fingerprint {address}"));
            std::thread::sleep(Duration::from_millis(500)); // between two looks; the look decides
        }
    }

    /// Whether a list of somebody's devices came that has this one.
    fn was_told(&self, address: &str, device: u32) -> bool {
        let log = fs::read_to_string(log(&self.home)).unwrap_or_default();
        let ours = log.get(self.log_begins..).unwrap_or_default();
        let parts = [LIST, &format!("from=\"{address}\""), &format!("id=\"{device}\"")];
        let mut lines = ours.lines().filter(|line| line.contains("RECV"));
        lines.any(|line| parts.iter().all(|part| line.replace('\'', "\"").contains(part)))
    }

    /// What stands on the screen.
    pub fn screen(&self) -> String {
        tmux(&self.home, &["capture-pane", "-p"])
    }

    /// Waits until a line of the screen has this; the line.
    ///
    /// # Panics
    /// When none comes in time.
    pub fn expect(&mut self, text: &str) -> String {
        self.expect_line(text, |line| line.contains(text))
    }

    /// Waits until a message with this text stands on the screen as encrypted.
    pub fn expect_encrypted(&mut self, body: &str) {
        let end = format!(": {body}");
        self.expect_line(body, |line| line.contains(" ~ ") && line.trim_end().ends_with(&end));
    }

    fn expect_line(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if let Some(line) = screen.lines().find(|line| wanted(line)) {
                return line.to_owned();
            }
            assert!(
                Instant::now() < deadline,
                "{what:?} does not come on Profanity's screen:\n{screen}"
            );
            std::thread::sleep(Duration::from_millis(20)); // between two looks; the look decides
        }
    }

    /// Ends it like a power cut.
    pub fn kill_9(&mut self) {
        let _ = kill_process(self.pid, Signal::KILL); // it may have left by itself
        self.await_end();
        self.terminal.kill();
    }

    /// Forgets its keys, as after a reinstallation; it must not run.
    pub fn forget_keys(home: &Path) {
        fs::remove_dir_all(home.join("data/profanity/omemo")).expect("Profanity keeps its keys here");
    }

    fn await_end(&self) {
        let deadline = Instant::now() + PATIENCE;
        while is_running(self.pid) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5)); // between two looks; the look decides
        }
    }
}

/// Whether it is more than an entry that nobody has read yet.
fn is_running(pid: Pid) -> bool {
    let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
    state.is_ok_and(|state| !state.contains(") Z "))
}

impl Drop for Profanity {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("Profanity's screen:\n{}", self.screen());
        }
        self.kill_9();
    }
}

fn set_up(home: &Path, server: &Server, user: &User) {
    let (config, data) = (home.join("config/profanity"), home.join("data/profanity"));
    for folder in [&config, &data] {
        fs::create_dir_all(folder).expect("a folder can be made");
    }
    let address = &user.address;
    let rules = format!(
        "[ui]\nsplash=false\n[omemo]\ntrustmode=blind\npolicy=always\n[connection]\naccount={address}\n\
         [presence]\nconsole.muc=none\n"
    );
    fs::write(config.join("profrc"), rules).expect("a file can be written");
    let (port, password) = (server.port(), &user.password);
    let account = format!(
        "[{address}]\nenabled=true\njid={address}\nserver=127.0.0.1\nport={port}\npassword={password}\n\
         resource=profanity\ntls.policy=trust\n"
    );
    fs::write(data.join("accounts"), account).expect("a file can be written");
}

fn log(home: &Path) -> PathBuf {
    home.join("data/profanity/logs/profanity.log")
}

fn socket(home: &Path) -> PathBuf {
    home.join("tmux")
}

fn await_socket(home: &Path) {
    let deadline = Instant::now() + PATIENCE;
    while !socket(home).exists() {
        assert!(Instant::now() < deadline, "tmux does not start");
        std::thread::sleep(Duration::from_millis(2)); // between two looks; the look decides
    }
}

/// Starts Profanity in the terminal; its process id.
fn open_window(home: &Path) -> Pid {
    let place = home.display();
    let program = format!(
        "exec env -i PATH=\"$PATH\" TERM=screen-256color LC_ALL=C.UTF-8 HOME='{place}' XDG_CONFIG_HOME='{place}/config' \
         XDG_DATA_HOME='{place}/data' profanity -l DEBUG"
    );
    let size = ["-x", "180", "-y", "400"]; // nothing that a test looks for scrolls away
    let mut line = vec!["new-session", "-d", "-P", "-F", "#{pane_pid}"];
    line.extend(size);
    line.push(&program);
    let pid = tmux(home, &line);
    let pid = pid.trim().parse().ok().and_then(Pid::from_raw);
    pid.unwrap_or_else(|| panic!("tmux does not tell the process: {ADVICE}"))
}

fn tmux(home: &Path, words: &[&str]) -> String {
    let output = Command::new("tmux").arg("-S").arg(socket(home)).args(words).output();
    let output = output.unwrap_or_else(|error| panic!("tmux does not start ({error}): {ADVICE}"));
    assert!(
        output.status.success(),
        "tmux {words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Makes the list of devices if there is none, and waits until this device is on it.
fn announce(server: &Server, user: &User, device: u32) {
    let mut peer = Peer::online(server, user, "announcer");
    let pubsub = |inner: &str| format!("<pubsub xmlns='http://jabber.org/protocol/pubsub'>{inner}</pubsub>");
    let items = json!({"do": "iq", "to": user.address, "payload": pubsub(&format!("<items node='{LIST}'/>"))});
    if peer.request(items.clone()).is_err() {
        let options = "<publish-options><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE' type='hidden'>\
             <value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
             <field var='pubsub#access_model'><value>open</value></field></x></publish-options>";
        let list = "<item id='current'><list xmlns='eu.siacs.conversations.axolotl'/></item>";
        let publish = pubsub(&format!("<publish node='{LIST}'>{list}</publish>{options}"));
        peer.must(json!({"do": "iq", "type": "set", "payload": publish}));
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = peer.must(items.clone())["xml"].to_string();
        if found.contains(&format!("id=\\\"{device}\\\"")) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "Profanity does not publish device {device}: {found}"
        );
        std::thread::sleep(Duration::from_millis(20)); // between two looks; the look decides
    }
}
