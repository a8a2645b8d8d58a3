//! A server that lies, for what real servers filter: forged carbons, poison in the archive, counts that cannot be. It
//! knows one account, `anna@family.test`, and answers what a client asks at its start; the rest is in the test's script.
//!
//! It speaks direct TLS only (XEP-0368), SCRAM-SHA-1, and keeps a stream's unacknowledged stanzas for a resumption
//! (XEP-0198), because poison that comes again and again comes from there.

mod connection;
mod modern;
mod scram;
mod words;

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use minidom::Element;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::pki::{Pki, Proof};

/// The only account.
pub const ANNA: &str = "anna@family.test";
const PASSWORD: &str = "secret";
/// How long a test waits for a word of the client.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the server says. To be changed at any time.
#[derive(Debug, Clone)]
pub struct Script {
    /// The mechanisms it offers. Of these it can do SCRAM-SHA-1; the others it refuses.
    pub mechanisms: Vec<&'static str>,
    /// The mechanisms it swears it offers (XEP-0474). `None`: it does not know that.
    pub offered: Option<Vec<&'static str>>,
    /// SASL2, and what it takes along. `None`: as in RFC 6120.
    pub modern: Option<Modern>,
    /// What else it offers at the beginning of a stream, as XML.
    pub more_features: String,
    /// The text of its challenge, in place of an honest one.
    pub challenge: Option<String>,
    /// How often it hashes a password.
    pub iterations: u32,
    /// Whether it proves that it knows the password.
    pub honest: bool,
    /// What it says it can do for the account (XEP-0030).
    pub features: Vec<&'static str>,
    /// The items of the contact list, as XML.
    pub contacts: String,
    /// The archive: ids, and what stands in `<forwarded/>`.
    pub archive: Vec<(String, String)>,
    /// Whether it goes on with a broken stream. If not it says so without a count, as Prosody does after a restart.
    pub resumes: bool,
    /// Whether it reads nothing more from a stream with which it went on, as Prosody 0.12 does now and then.
    pub deaf_once_resumed: bool,
    /// What it says behind what it brings again when it goes on with a stream.
    pub overtaking: Vec<String>,
    /// The stream that it says it goes on with, in place of the right one.
    pub goes_on_with: Option<&'static str>,
    /// So many stanzas more than it got it says it has.
    pub overcounts: u32,
    /// So many stanzas less than it got it says it has when a stream goes on, as ejabberd 23.01 does now and then.
    pub undercounts: u32,
    /// Whether it says what it has when it is asked.
    pub acknowledges: bool,
    /// The longest stanza it takes, in bytes. At a longer one it ends the stream, as real ones do.
    pub longest: usize,
    /// What it answers to requests with a payload of these namespaces.
    pub answers: Vec<(&'static str, String)>,
    /// Requests with a payload of this namespace are left to the test.
    pub leaves_to_test: Option<&'static str>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            mechanisms: vec!["SCRAM-SHA-1"],
            offered: None,
            modern: None,
            more_features: String::new(),
            challenge: None,
            iterations: 4096,
            honest: true,
            features: vec!["urn:xmpp:mam:2", "urn:xmpp:sid:0"],
            contacts: "<item jid='ola@family.test' name='Ola' subscription='both'/>".to_owned(),
            archive: Vec::new(),
            resumes: true,
            deaf_once_resumed: false,
            overtaking: Vec::new(),
            goes_on_with: None,
            overcounts: 0,
            undercounts: 0,
            acknowledges: true,
            longest: usize::MAX,
            answers: Vec::new(),
            leaves_to_test: None,
        }
    }
}

/// What a server takes along with signing in. XEP-0388.
#[derive(Debug, Clone)]
pub struct Modern {
    /// A resource (XEP-0386), carbons and client state with it.
    pub bind: bool,
    /// Stream management (XEP-0198): an old stream, and a new one with the resource.
    pub manage: bool,
    /// The mechanisms for tokens (XEP-0484): `HT-SHA-256-EXPR`, `HT-SHA-256-NONE`.
    pub fast: Vec<&'static str>,
    /// The token that it accepts, and gives to who asks for one.
    pub token: &'static str,
    /// The token that it gives unasked to who comes with the old one; that one is then good for nothing.
    pub next_token: Option<&'static str>,
    /// It says nothing to who shows a token, as Prosody 0.12 does with a newer module.
    pub chokes_on_tokens: bool,
}

impl Default for Modern {
    fn default() -> Self {
        Self {
            bind: true,
            manage: true,
            fast: vec!["HT-SHA-256-EXPR", "HT-SHA-256-NONE"],
            token: "token one",
            next_token: None,
            chokes_on_tokens: false,
        }
    }
}

/// What a connection is told to do.
enum Order {
    Say(String),
    /// What need not even be text.
    Bytes(Vec<u8>),
    /// Says all of it in one breath and breaks the connection.
    Last(Vec<String>),
    Cut,
}

#[derive(Default)]
struct State {
    script: Script,
    heard: Vec<Element>,
    /// How many of `heard` `expect` has gone past.
    seen: usize,
    /// TCP connections, those that could not do TLS among them.
    connections: usize,
    /// How many of them signed in.
    signed_in: usize,
    /// How often a client waited for us until stanzas flowed, on the newest connection.
    round_trips: usize,
    orders: Option<mpsc::UnboundedSender<Order>>,
    managed: Option<Managed>,
}

/// A stream that can be resumed. XEP-0198.
#[derive(Default)]
struct Managed {
    id: String,
    /// Stanzas of the client.
    received: u32,
    /// Stanzas for the client that it did not acknowledge, and how many it did before those.
    unacked: Vec<String>,
    acked: u32,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics with the lock")
    }

    /// Changes something and tells whoever waits for it.
    fn change<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        let value = f(&mut self.lock());
        self.changed.notify_all();
        value
    }
}

/// The server. It ends when it is dropped.
pub struct Fake {
    port: u16,
    shared: Arc<Shared>,
    pki: Pki,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl Fake {
    /// Starts it.
    pub fn start(script: Script) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let pki = Pki::new(folder.path());
        let files = pki.write_server("fake", &["family.test".to_owned()], Proof::Good);
        let acceptor = acceptor(&files.0, &files.1);
        let shared = Arc::new(Shared::default());
        shared.change(|state| state.script = script);
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, port) = std::sync::mpsc::channel();
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime can be made").block_on(async move {
                    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                    let _ = told.send(listener.local_addr().expect("a bound socket has an address").port());
                    tokio::select! {
                        () = accept(listener, acceptor, shared) => {}
                        _ = stopped => {}
                    }
                });
            }
        });
        Self {
            port: port.recv().expect("the server listens"),
            shared,
            pki,
            stop: Some(stop),
            thread: Some(thread),
            _folder: folder,
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The authority that vouches for it.
    pub fn pki(&self) -> &Pki {
        &self.pki
    }

    /// The password of the only account.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The request with which Grend signs in here.
    pub fn sign_in(&self) -> Value {
        json!({
            "do": "sign_in", "address": ANNA, "password": PASSWORD,
            "host": "127.0.0.1", "port": self.port, "tls": "direct", "ca": self.pki.ca(),
        })
    }

    /// Changes the script.
    pub fn script<T>(&self, change: impl FnOnce(&mut Script) -> T) -> T {
        change(&mut self.shared.lock().script)
    }

    /// Sends anything at all on the newest connection. What is a stanza is counted (XEP-0198).
    ///
    /// # Panics
    /// When nobody is connected.
    pub fn say(&self, xml: impl Into<String>) {
        self.order(Order::Say(xml.into()));
    }

    /// Sends bytes that need not be text.
    pub fn say_bytes(&self, bytes: &[u8]) {
        self.order(Order::Bytes(bytes.to_vec()));
    }

    /// Answers a question that was left to the test, as the script says by now, all in one breath.
    pub fn answer(&self, question: &Element) {
        self.order(Order::Say(connection::honest_answer(&self.shared, question).concat()));
    }

    /// Sends stanzas and breaks the connection: its end comes together with them.
    pub fn say_last(&self, stanzas: Vec<String>) {
        self.order(Order::Last(stanzas));
    }

    /// Breaks the newest connection without a goodbye.
    pub fn cut(&self) {
        self.order(Order::Cut);
    }

    fn order(&self, order: Order) {
        let state = self.shared.lock();
        let orders = state.orders.as_ref().expect("a client was here");
        // A client that has just left does not hear it, as in life.
        let _ = orders.send(order);
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }

    /// How often the client had to wait for an answer on the newest connection until stanzas flowed.
    pub fn round_trips(&self) -> usize {
        self.shared.lock().round_trips
    }

    /// Waits until somebody has signed in so many times.
    ///
    /// # Panics
    /// When that does not happen in time.
    pub fn await_signed_in(&self, count: usize) {
        self.await_state(&format!("{count} sign-ins"), |state| state.signed_in >= count);
    }

    /// Waits until the client has acknowledged every stanza: then it has stored them all.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn await_acknowledged(&self) {
        self.say("<r xmlns='urn:xmpp:sm:3'/>");
        self.await_state("acknowledgement", |state| {
            state.managed.as_ref().is_some_and(|managed| managed.unacked.is_empty())
        });
    }

    fn await_state(&self, what: &str, mut done: impl FnMut(&State) -> bool) {
        let state = self.shared.lock();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !done(state));
        let (state, late) = waited.expect("no thread panics with the lock");
        assert!(!late.timed_out(), "no {what}. It heard: {}", told(&state.heard));
    }

    /// The first word of the client after the one found last for which `wanted` holds.
    ///
    /// # Panics
    /// When none comes in time.
    pub fn expect(&self, mut wanted: impl FnMut(&Element) -> bool) -> Element {
        let mut found = None;
        let state = self.shared.lock();
        let waited = self.shared.changed.wait_timeout_while(state, PATIENCE, |state| {
            while found.is_none() && state.seen < state.heard.len() {
                let next = &state.heard[state.seen];
                state.seen += 1;
                found = wanted(next).then(|| next.clone());
            }
            found.is_none()
        });
        let (state, _) = waited.expect("no thread panics with the lock");
        found.unwrap_or_else(|| panic!("not heard. It heard: {}", told(&state.heard)))
    }

    /// The next message with this text.
    pub fn expect_message(&self, body: &str) -> Element {
        self.expect(|it| it.name() == "message" && it.children().any(|it| it.name() == "body" && it.text() == body))
    }

    /// Everything that the clients said.
    pub fn heard(&self) -> Vec<Element> {
        self.shared.lock().heard.clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn told(heard: &[Element]) -> String {
    let lines: Vec<String> = heard.iter().map(String::from).collect();
    format!("\n  {}", lines.join("\n  "))
}

pub(crate) fn acceptor(chain: &Path, key: &Path) -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(chain).expect("the certificate is there");
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("the certificate is PEM");
    let key = PrivateKeyDer::from_pem_file(key).expect("the key is there");
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("key and certificate belong together");
    config.alpn_protocols = vec![b"xmpp-client".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    while let Ok((tcp, _)) = listener.accept().await {
        shared.change(|state| {
            state.connections += 1;
            state.round_trips = 0;
        });
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        // Ends with its connection, or with the runtime.
        tokio::spawn(async move {
            if let Ok(tls) = acceptor.accept(tcp).await {
                let exporter = tls
                    .get_ref()
                    .1
                    .export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", Some(&[]))
                    .unwrap_or_default();
                connection::serve(tls, exporter, &shared).await;
            }
        });
    }
}
