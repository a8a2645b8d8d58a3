//! A private XMPP server as a plain process: Debian's Prosody or ejabberd, set up as families do, on free loopback
//! ports, with its data in a temporary folder. The two differ only in `prosody.rs` and `ejabberd.rs`.
//!
//! We talk to a server's inside through its console on standard input (`tests/servers/`), never through a port.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::pki::{Pki, Proof};
use crate::process::Process;
use crate::{ejabberd, ports, prosody};

/// How long a server may take to come up, or to answer its console, before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Prosody, in Lua.
    Prosody,
    /// ejabberd, in Erlang.
    Ejabberd,
}

impl Kind {
    /// Both, for tests that are the same for each.
    pub const ALL: [Self; 2] = [Self::Prosody, Self::Ejabberd];
}

/// Which SASL mechanisms a server offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mechanisms {
    /// What the server offers by itself when passwords are stored for SCRAM.
    #[default]
    Scram,
    /// Only PLAIN.
    PlainOnly,
}

/// How a server is to be set up. The default is a family's server without limits on speed.
#[derive(Debug, Clone)]
pub struct Options {
    /// The part after the `@`.
    pub domain: String,
    /// What the server proves itself with.
    pub proof: Proof,
    /// Which mechanisms it offers.
    pub mechanisms: Mechanisms,
    /// The hash function that Prosody keeps passwords with, and so the one it can do SCRAM with.
    pub hash: &'static str,
    /// What Prosody binds a sign-in to its connection with: `tls-exporter`, `tls-server-end-point`.
    pub bindings: Vec<&'static str>,
    /// Whether Prosody does SASL2, Bind 2 and FAST, with its community modules.
    pub modern: bool,
    /// Whether it tells push services (XEP-0357), and lets one in as its component `push.` and the domain.
    pub push: bool,
    /// The limits on speed that the packages ship with.
    pub rate_limits: bool,
    /// The most messages Prosody gives in one page of the archive (it ships with 50; ejabberd has no such limit).
    pub archive_page: u32,
    /// Whether the log tells everything.
    pub debug_log: bool,
    /// Pieces of the template of the setup, and what stands in their place: how a test switches something off or on.
    pub changes: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            domain: "family.test".to_owned(),
            proof: Proof::Good,
            mechanisms: Mechanisms::Scram,
            hash: "SHA-1",
            bindings: Vec::new(),
            modern: false,
            push: false,
            rate_limits: false,
            archive_page: 250,
            debug_log: false,
            changes: Vec::new(),
        }
    }
}

/// Somebody with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The part before the `@`.
    pub name: String,
    /// The whole address.
    pub address: String,
    /// The password.
    pub password: String,
}

/// A message to be put straight into the archives, as if it had been sent some time ago.
#[derive(Debug, Clone)]
pub struct Archived {
    /// Who wrote it: the part before the `@`.
    pub from: String,
    /// Whom to, or the room: the part before the `@`.
    pub to: String,
    /// Whether `to` is a room.
    pub room: bool,
    /// The text.
    pub body: String,
    /// When, ms UTC.
    pub at: i64,
    /// The id the sending client gave it.
    pub id: String,
}

impl Archived {
    /// The stanza as an archive keeps it. XEP-0359 for its id; in rooms it comes from the occupant.
    pub(crate) fn stanza(&self, domain: &str) -> String {
        let (from, to, id) = (&self.from, &self.to, escaped(&self.id));
        let body = escaped(&self.body);
        let ends = if self.room {
            format!("from='{to}@rooms.{domain}/{}' type='groupchat'", capitalized(from))
        } else {
            format!("from='{from}@{domain}/phone' to='{to}@{domain}' type='chat'")
        };
        format!(
            "<message xmlns='jabber:client' {ends} id='{id}'><body>{body}</body>\
             <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>"
        )
    }
}

/// The three ports of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub starttls: u16,
    pub direct: u16,
    pub https: u16,
    pub component: u16,
}

/// What the setup of either server is made from.
pub(crate) struct Setup<'a> {
    pub options: &'a Options,
    pub folder: &'a Path,
    pub ports: Ports,
}

impl Setup<'_> {
    /// Writes a setup file from a template with words in double braces.
    pub(crate) fn write(&self, name: &str, template: &str, words: &[(&str, &str)]) {
        let mut text = template.to_owned();
        for (piece, other) in &self.options.changes {
            assert!(text.contains(piece), "{name} has no {piece}");
            text = text.replace(piece, other);
        }
        let own = [
            ("FOLDER", self.folder.display().to_string()),
            ("DOMAIN", self.options.domain.clone()),
            ("PORT", self.ports.starttls.to_string()),
            ("TLS_PORT", self.ports.direct.to_string()),
            ("HTTPS_PORT", self.ports.https.to_string()),
            ("COMPONENT_PORT", self.ports.component.to_string()),
            ("ARCHIVE_PAGE", self.options.archive_page.to_string()),
        ];
        let own = own.iter().map(|(word, value)| (*word, value.as_str()));
        for (word, value) in own.chain(words.iter().copied()) {
            text = text.replace(&format!("{{{{{word}}}}}"), value);
        }
        assert!(
            !text.contains("{{"),
            "{name}: a word in double braces was not filled in:\n{text}"
        );
        let path = self.folder.join(name);
        fs::write(&path, text).unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
    }
}

/// A server that runs until it is dropped. Its folder goes with it.
pub struct Server {
    kind: Kind,
    options: Options,
    ports: Ports,
    pki: Pki,
    process: Mutex<Option<Process>>,
    strangers: AtomicU32,
    folder: TempDir,
}

impl Server {
    /// Starts a server and returns when it accepts connections.
    pub fn start(kind: Kind, options: Options) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("grend-server-")
            .tempdir()
            .expect("a temporary folder can be made");
        let pki = Pki::new(folder.path());
        pki.write_server("server", &names(&options.domain), options.proof);
        let ports = Ports {
            starttls: ports::free(),
            direct: ports::free(),
            https: ports::free(),
            component: ports::free(),
        };
        let setup = Setup {
            options: &options,
            folder: folder.path(),
            ports,
        };
        match kind {
            Kind::Prosody => prosody::set_up(&setup),
            Kind::Ejabberd => ejabberd::set_up(&setup),
        }
        let (process, strangers) = (Mutex::new(None), AtomicU32::new(0));
        let mut server = Self {
            kind,
            options,
            ports,
            pki,
            process,
            strangers,
            folder,
        };
        server.resume();
        match kind {
            Kind::Prosody => {}
            Kind::Ejabberd => ejabberd::create_group(&server),
        }
        server
    }

    /// One of each kind.
    pub fn both(options: &Options) -> [Self; 2] {
        Kind::ALL.map(|kind| Self::start(kind, options.clone()))
    }

    /// Which server it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        &self.options.domain
    }

    /// The part after the `@` of group chats.
    pub fn rooms(&self) -> String {
        format!("rooms.{}", self.domain())
    }

    /// The port on 127.0.0.1 for clients that ask for TLS (STARTTLS).
    pub fn port(&self) -> u16 {
        self.ports.starttls
    }

    /// The port on 127.0.0.1 for clients that begin with TLS.
    pub fn tls_port(&self) -> u16 {
        self.ports.direct
    }

    /// The port on 127.0.0.1 for files.
    pub fn https_port(&self) -> u16 {
        self.ports.https
    }

    /// The port for its component `push.` and the domain, whose secret is `component`.
    pub fn component_port(&self) -> u16 {
        self.ports.component
    }

    /// The certificate (PEM) of the authority that vouches for it.
    pub fn ca(&self) -> &Path {
        self.pki.ca()
    }

    /// A certificate for its domain with another key, and that key (PEM files). The server knows nothing of it.
    pub fn another_certificate(&self) -> (PathBuf, PathBuf) {
        self.pki.write_server("another", &names(self.domain()), Proof::Good)
    }

    /// What happens every two months: it starts again with a new certificate and a new key.
    pub fn renew_certificate(&mut self) {
        self.kill();
        self.pki.write_server("server", &names(self.domain()), Proof::Good);
        self.resume();
    }

    /// Changes what a sign-in can be bound to its connection with. Prosody only.
    pub fn set_bindings(&self, kinds: &[&str]) {
        prosody::set_bindings(self, kinds);
    }

    /// The tokens that were given in place of passwords, as they lie in a file. Prosody only.
    pub fn tokens(&self) -> String {
        prosody::tokens(self)
    }

    /// Forgets all tokens that were given in place of passwords. Prosody only.
    pub fn forget_tokens(&self) {
        prosody::forget_tokens(self);
    }

    /// The folder with everything of this server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.process().as_ref().map(Process::pid)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        let path = self.log_file();
        let mut log = fs::read_to_string(path).unwrap_or_default();
        if let Some(process) = &*self.process() {
            log.push_str(&process.said());
        }
        log
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join(match self.kind {
            Kind::Prosody => "prosody.log",
            Kind::Ejabberd => "ejabberd.log",
        })
    }

    /// Ends it like a power cut: connections break without a goodbye.
    pub fn kill(&mut self) {
        *self.process() = None;
    }

    /// Asks it to stop, so that clients get a goodbye, and waits for that.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process().take() else {
            return;
        };
        process.say(match self.kind {
            Kind::Prosody => prosody::STOP,
            Kind::Ejabberd => ejabberd::STOP,
        });
        process.wait(PATIENCE);
    }

    /// Starts it again after `kill` or `stop`, on the same ports and with the same data.
    pub fn resume(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let mut process = match self.kind {
            Kind::Prosody => prosody::start(self.folder.path()),
            Kind::Ejabberd => ejabberd::start(self.folder.path()),
        };
        reply(&mut process, deadline).expect("a server that starts says that it is ready");
        let component = self.options.push.then_some(self.ports.component);
        let ports = [self.ports.starttls, self.ports.direct, self.ports.https];
        for port in ports.into_iter().chain(component) {
            await_port(port, deadline, &mut process);
        }
        *self.process() = Some(process);
    }

    /// `kill` and `resume`.
    pub fn restart(&mut self) {
        self.kill();
        self.resume();
    }

    /// A test that failed while it talked to the server must still be able to end it.
    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Evaluates one line of Lua or Erlang inside the server.
    pub(crate) fn console(&self, code: &str) -> Result<String, String> {
        assert!(!code.contains('\n'), "the console takes one line");
        let mut process = self.process();
        let process = process.as_mut().expect("the server runs");
        process.say(code);
        reply(process, Instant::now() + PATIENCE)
    }

    /// Makes an account and shares it in the family's contact list.
    pub fn add_user(&self, name: &str, password: &str) -> User {
        let user = self.create_user(name, password);
        match self.kind {
            Kind::Prosody => prosody::share(self, name),
            Kind::Ejabberd => ejabberd::share(self, name),
        }
        user
    }

    /// Makes an account of its own for one test of many that use this server: the name gets a number, and it is not in
    /// anybody's contact list.
    pub fn add_stranger(&self, name: &str) -> User {
        let number = self.strangers.fetch_add(1, Ordering::Relaxed) + 1;
        self.create_user(&format!("{name}{number}"), &format!("pass-{name}-{number}"))
    }

    fn create_user(&self, name: &str, password: &str) -> User {
        match self.kind {
            Kind::Prosody => prosody::create_user(self, name, password),
            Kind::Ejabberd => ejabberd::create_user(self, name, password),
        }
        let address = format!("{name}@{}", self.domain());
        User {
            name: name.to_owned(),
            address,
            password: password.to_owned(),
        }
    }

    /// Sets a password, as somebody's uncle would.
    pub fn change_password(&self, name: &str, password: &str) {
        match self.kind {
            Kind::Prosody => prosody::change_password(self, name, password),
            Kind::Ejabberd => ejabberd::change_password(self, name, password),
        }
    }

    /// Makes a private group chat with an archive, like people make them: persistent, for members, everybody sees who is
    /// who. The first of `members` owns it.
    pub fn add_room(&self, name: &str, title: &str, members: &[&str]) {
        match self.kind {
            Kind::Prosody => prosody::add_room(self, name, title, members),
            Kind::Ejabberd => ejabberd::add_room(self, name, title, members),
        }
    }

    /// Puts messages into the archives of all it concerns. Much faster than sending them, and they may be old.
    pub fn import(&self, messages: &[Archived]) {
        match self.kind {
            Kind::Prosody => prosody::import(self, messages),
            Kind::Ejabberd => ejabberd::import(self, messages),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(40).collect();
            println!("The last lines of {:?}'s log:", self.kind);
            tail.iter().rev().for_each(|line| println!("  {line}"));
        }
    }
}

/// A server that all tests of one program share; use `add_stranger` there. It is not dropped (statics are not): it
/// leaves and deletes its folder when the end of our process closes its standard input.
pub fn shared(kind: Kind) -> &'static Server {
    static SERVERS: [OnceLock<Server>; 2] = [OnceLock::new(), OnceLock::new()];
    SERVERS[kind as usize].get_or_init(|| Server::start(kind, Options::default()))
}

/// The names in its certificate.
fn names(domain: &str) -> Vec<String> {
    let hosts = ["", "rooms.", "upload.", "pubsub."].map(|prefix| format!("{prefix}{domain}"));
    hosts.into_iter().chain(["127.0.0.1".to_owned()]).collect()
}

/// Waits for the console's next answer, passing over what else the server prints.
fn reply(process: &mut Process, deadline: Instant) -> Result<String, String> {
    loop {
        let line = process
            .line(deadline)
            .unwrap_or_else(|| panic!("a server is silent. It said:\n{}", process.said()));
        let Some(answer) = line.strip_prefix("grend ") else {
            continue;
        };
        let (word, text) = answer.split_once(' ').unwrap_or((answer, ""));
        return if word == "error" {
            Err(text.to_owned())
        } else {
            Ok(text.to_owned())
        };
    }
}

/// Waits until somebody listens.
fn await_port(port: u16, deadline: Instant, process: &mut Process) {
    while TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE).is_err() {
        assert!(
            Instant::now() < deadline && process.is_running(),
            "the server does not listen on port {port}. It said:\n{}",
            process.said()
        );
        std::thread::sleep(Duration::from_millis(2)); // between two looks; the look decides
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}

/// What an uncle writes beside an address: the name, beginning with a capital.
pub(crate) fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
