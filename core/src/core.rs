//! The public face: open and stop; queries, intents, requests and hints.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jid::BareJid;
use tokio::runtime::{self, Handle};
use tokio::sync::{oneshot, watch};

use crate::change::Changes;
use crate::clock;
use crate::doctor::{self, Patient, Report};
use crate::error::{Cause, Invalid, Storage};
use crate::link::DeviceLink;
use crate::live::LiveReader;
use crate::model::{Account, AccountId, ChatId, Compared, Connection, Credentials, DeviceId, MessageId, Pins, Trust};
use crate::protocol::{markers, messages, push, roster};
use crate::random;
use crate::session::{self, Ask, Fill, Secrets, Session, SignIn};
use crate::store::{Result as Stored, Store, Tx, accounts, archives, chats, omemo, pins};
use crate::vault::{Secret, Vault};

/// So many characters of what the user calls a device.
const LONGEST_NAME: usize = 60;

/// What core needs to start.
pub struct Config {
    /// The folder of the database. Made if it is not there; one process at a time.
    pub folder: PathBuf,
    /// Where passwords live.
    pub vault: Arc<dyn Vault>,
    /// A DNS server in place of the system's, for tests and odd networks.
    pub dns: Option<SocketAddr>,
}

/// Grend without a face. A cheap handle; all futures run on any executor.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

struct Inner {
    store: Store,
    vault: Arc<dyn Vault>,
    dns: Option<SocketAddr>,
    runtime: Handle,
    sessions: Mutex<HashMap<AccountId, Session>>,
    /// All accounts that were here at the start have their session.
    begun: watch::Sender<bool>,
    /// Somebody looks. Sessions that begin later are told too.
    active: AtomicBool,
    /// Dropped with the last handle: then the runtime ends.
    _running: oneshot::Sender<()>,
}

impl Core {
    /// Opens the folder and begins to connect all accounts. Blocks while the database is migrated.
    pub fn open(config: Config) -> Result<Self, Cause> {
        let store = Store::open(&config.folder)?;
        let (running, ended) = oneshot::channel::<()>();
        let runtime = start_runtime(ended)?;
        let core = Self(Arc::new(Inner {
            store,
            vault: config.vault,
            dns: config.dns,
            runtime,
            sessions: Mutex::default(),
            begun: watch::Sender::new(false),
            active: AtomicBool::new(true),
            _running: running,
        }));
        let starter = core.clone();
        core.0.runtime.spawn(async move {
            starter.connect_all().await;
            starter.0.begun.send_replace(true);
        });
        Ok(core)
    }

    /// Says goodbye to the servers. What is written down stays written down, with or without this.
    pub async fn stop(&self) {
        let sessions: Vec<Session> = self.sessions(|sessions| sessions.drain().map(|(_, session)| session).collect());
        for session in sessions {
            session.stop().await;
        }
        // On a full disk it stays in two files, which lose nothing either.
        let _ = self.0.store.gather().await;
    }

    /// Tells which queries would answer differently.
    pub fn changes(&self) -> Changes {
        Changes::new(self.0.store.changes())
    }

    /// Tells what is true now and not stored.
    pub fn live(&self) -> LiveReader {
        LiveReader::new(self.0.store.live())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn sessions<T>(&self, f: impl FnOnce(&mut HashMap<AccountId, Session>) -> T) -> T {
        f(&mut self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on everything that is asked of all sessions is asked of this one too.
    fn keep(&self, id: AccountId, session: Session) {
        self.sessions(|sessions| {
            session.ask(Ask::Active(self.0.active.load(Ordering::Relaxed)));
            sessions.insert(id, session);
        });
    }

    pub(crate) fn ask_all(&self, ask: impl Fn() -> Ask) {
        self.sessions(|sessions| sessions.values().for_each(|session| session.ask(ask())));
    }

    async fn connect_all(&self) {
        let Ok(accounts) = self.accounts().await else {
            return;
        };
        for account in accounts {
            let id = account.id;
            let secrets = Secrets::find(self.0.vault.clone(), account.address.clone()).await;
            let (Ok(Some(secrets)), Ok(pins)) = (secrets, self.pins(id).await) else {
                let stopped = Connection::Stopped(Cause::Authentication);
                self.0.store.edit_live(move |live| {
                    live.connections.insert(id, stopped);
                });
                continue;
            };
            let sign_in = SignIn {
                target: session::target(&account.address, (&account.host, &account.ca), self.0.dns),
                address: account.address,
                secrets,
                pins,
                unanswered: false,
            };
            let session = Session::start(self.0.store.clone(), id, sign_in, None).await;
            if let Ok(session) = session {
                self.keep(id, session);
            }
        }
    }

    /// Waits until the accounts that were here at the start have their sessions.
    pub(crate) async fn begun(&self) {
        // The sender lives as long as we do.
        let _ = self.0.begun.subscribe().wait_for(|begun| *begun).await;
    }

    /// Runs on core's runtime, where the network lives, whatever executor asks.
    pub(crate) async fn on_runtime<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T, Cause>> + Send + 'static,
    ) -> Result<T, Cause> {
        self.0.runtime.spawn(future).await.unwrap_or_else(|_| Err(stopped()))
    }

    /// An intent: written down, then told to the sessions.
    async fn intend<T, F>(&self, f: F) -> Result<T, Cause>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Stored<T> + Send + 'static,
    {
        let value = self.0.store.write(f).await?;
        self.ask_all(|| Ask::Outbox);
        Ok(value)
    }
}

/// Intents: they return when written down, not when done; they work offline and survive a crash.
impl Core {
    /// The conversation with an address, made if there is none.
    pub async fn open_chat(&self, account: AccountId, address: BareJid) -> Result<ChatId, Cause> {
        let peer = address.clone();
        let chat = self.intend(move |tx| chats::with(tx, account, &address)).await?;
        self.look_at_devices(account, peer);
        Ok(chat)
    }

    /// Sends a text. What was typed is no draft any more.
    pub async fn send(&self, chat: ChatId, body: String) -> Result<MessageId, Cause> {
        if body.trim().is_empty() {
            return Err(Invalid::Nothing.into());
        }
        let body = without_forbidden(body);
        self.intend(move |tx| messages::send(tx, chat, &body)).await
    }

    /// The user has seen everything up to this message.
    pub async fn displayed(&self, chat: ChatId, message: MessageId) -> Result<(), Cause> {
        self.intend(move |tx| markers::displayed(tx, chat, message)).await
    }

    /// Keeps what was typed and not sent.
    pub async fn set_draft(&self, chat: ChatId, text: String) -> Result<(), Cause> {
        self.intend(move |tx| chats::set_draft(tx, chat, &text)).await
    }

    /// Sends a failed message again.
    pub async fn retry(&self, message: MessageId) -> Result<(), Cause> {
        self.intend(move |tx| messages::retry(tx, message)).await
    }

    /// Asks who wrote a message that cannot be read to send it again, in these words.
    pub async fn ask_again(&self, message: MessageId, words: String) -> Result<MessageId, Cause> {
        let words = without_forbidden(words);
        if words.trim().is_empty() {
            return Err(Invalid::Nothing.into());
        }
        self.intend(move |tx| crate::protocol::omemo::ask_again(tx, message, &words))
            .await
    }

    /// Whether what is written in a chat from now on is encrypted. Until somebody decides, it is as soon as the other one can
    /// read it.
    pub async fn set_encryption(&self, chat: ChatId, on: bool) -> Result<(), Cause> {
        self.intend(move |tx| chats::set_encrypts(tx, chat, on)).await
    }

    /// What the key of a device is worth.
    pub async fn trust(&self, device: DeviceId, trust: Trust) -> Result<(), Cause> {
        let known = self.intend(move |tx| omemo::set_trust(tx, device, trust)).await?;
        if known { Ok(()) } else { Err(Invalid::Device.into()) }
    }

    /// What the user calls a device; nothing, if it has no name any more.
    pub async fn name_device(&self, device: DeviceId, name: String) -> Result<(), Cause> {
        let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        self.intend(move |tx| omemo::name(tx, device, Some(name.trim()).filter(|name| !name.is_empty())))
            .await
    }

    /// The user knows of a device of theirs that came.
    pub async fn notice_device(&self, device: DeviceId) -> Result<(), Cause> {
        self.intend(move |tx| omemo::noticed(tx, device)).await
    }

    /// A device of ours is gone: it reads nothing that we write from now on, and nobody else writes to it once our server was told. A
    /// device that is still used comes back.
    pub async fn remove_device(&self, device: DeviceId) -> Result<(), Cause> {
        let of = self.intend(move |tx| omemo::remove(tx, device)).await?;
        let (account, address) = of.ok_or(Invalid::Device)?;
        self.look_at_devices(account, address);
        Ok(())
    }

    /// Compares the keys of an address with what a link says that its owner showed (see [`DeviceLink`]), and marks as verified what is
    /// the same. Devices we know nothing of yet are verified when they come.
    pub async fn compare(&self, account: AccountId, address: BareJid, link: &str) -> Result<Compared, Cause> {
        let link = match link.parse::<DeviceLink>() {
            Err(_) => return Ok(Compared::NoLink),
            Ok(link) if link.address != address => return Ok(Compared::Of(link.address)),
            Ok(link) => link,
        };
        self.intend(move |tx| omemo::compare(tx, account, &link, clock::now()))
            .await
    }

    /// Asks somebody to be a contact.
    pub async fn add_contact(&self, account: AccountId, address: BareJid, name: String) -> Result<(), Cause> {
        let name = without_forbidden(name);
        self.intend(move |tx| roster::add(tx, account, &address, &name)).await
    }

    /// Answers somebody who asks to be a contact.
    pub async fn answer_contact(&self, account: AccountId, address: BareJid, yes: bool) -> Result<(), Cause> {
        self.intend(move |tx| roster::answer(tx, account, &address, yes)).await
    }
}

/// Requests: they need a connection and may fail.
impl Core {
    /// Signs in, and answers when the server accepted it or why not. Keeps the account only if it did.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<AccountId, Cause> {
        let core = self.clone();
        self.on_runtime(async move { Box::pin(core.sign_in_here(credentials, false)).await })
            .await
    }

    /// Signs in, whatever the server could do before: somebody who runs it said that it was changed. From now on it is
    /// held to what it can do now.
    pub async fn sign_in_anew(&self, credentials: Credentials) -> Result<AccountId, Cause> {
        let core = self.clone();
        self.on_runtime(async move { Box::pin(core.sign_in_here(credentials, true)).await })
            .await
    }

    async fn sign_in_here(&self, credentials: Credentials, anew: bool) -> Result<AccountId, Cause> {
        let address = credentials.address.clone();
        let known = self
            .0
            .store
            .read(move |conn| accounts::by_address(conn, &address))
            .await?;
        let pins = match &known {
            Some(account) if !anew => self.pins(account.id).await?,
            _ => session::first_pins(),
        };
        if let Some(account) = known.filter(|account| !anew && same_server(account, &credentials))
            && self.password(&credentials.address).await?.as_ref() == Some(&credentials.password)
            && self.goes_on(account.id)
        {
            self.network_changed();
            return Ok(account.id);
        }
        let (vault, address) = (self.0.vault.clone(), credentials.address.clone());
        let mut sign_in = SignIn {
            target: session::target(&address, (&credentials.host, &credentials.ca), self.0.dns),
            secrets: Secrets::typed(vault, address.clone(), &credentials.password),
            address,
            pins,
            unanswered: false,
        };
        let logged_in = session::try_login(&mut sign_in).await?;
        sign_in.secrets.keep_password().await?;
        sign_in.secrets.keep_token().await;
        let (resource, given) = (format!("grend.{:.8}", random::token()), credentials.clone());
        let pins = logged_in.pins.clone();
        let id = self
            .0
            .store
            .write(move |tx| {
                let id = accounts::put(tx, &given, &resource, clock::now())?;
                pins::put(tx, id, &pins)?;
                push::settle(tx)?;
                Ok(id)
            })
            .await?;
        if let Some(old) = self.sessions(|sessions| sessions.remove(&id)) {
            old.stop().await;
        }
        let session = Session::start(self.0.store.clone(), id, sign_in, Some(logged_in)).await?;
        self.keep(id, session);
        Ok(id)
    }

    async fn pins(&self, account: AccountId) -> Result<Pins, Cause> {
        let known = self.0.store.read(move |conn| pins::get(conn, account)).await?;
        Ok(known.unwrap_or_else(session::first_pins))
    }

    /// Whether an account needs nobody to be online again. One that stopped waits for the user: who signs in anew wants
    /// the server's answer, also with the same password.
    fn goes_on(&self, account: AccountId) -> bool {
        let live = self.0.store.live();
        let stopped = matches!(live.borrow().connections.get(&account), Some(Connection::Stopped(_)));
        !stopped && self.sessions(|sessions| sessions.contains_key(&account))
    }

    /// The password that is kept for an address.
    async fn password(&self, address: &BareJid) -> Result<Option<String>, Cause> {
        let (vault, address) = (self.0.vault.clone(), address.clone());
        let kept = tokio::task::spawn_blocking(move || vault.get(&address, Secret::Password)).await;
        kept.map_err(|_| stopped())?
            .map_err(|words| Storage::Passwords(words).into())
    }

    /// Signs out and removes the account with its messages from this device.
    pub async fn sign_out(&self, account: AccountId) -> Result<(), Cause> {
        let core = self.clone();
        self.on_runtime(async move {
            let connection = core.0.store.live().borrow().connections.get(&account).cloned();
            core.0.store.write(move |tx| push::leave(tx, account)).await?;
            if let Some(session) = core.sessions(|sessions| sessions.remove(&account)) {
                session.ask(Ask::Pushes);
                match connection {
                    Some(Connection::Online) => session.sign_out().await,
                    _ => session.stop().await,
                }
            }
            let address = core.0.store.read(move |conn| accounts::address(conn, account)).await?;
            core.0.store.write(move |tx| accounts::remove(tx, account)).await?;
            Secrets::forget(core.0.vault.clone(), address).await
        })
        .await
    }

    /// Examines the server of an account, from outside and from inside. Takes up to 20 s.
    pub async fn examine(&self, account: AccountId) -> Result<Report, Cause> {
        let accounts = self.accounts().await?;
        let account = accounts
            .into_iter()
            .find(|known| known.id == account)
            .ok_or_else(stopped)?;
        let pins = self.pins(account.id).await?;
        let (vault, address, dns) = (self.0.vault.clone(), account.address.clone(), self.0.dns);
        self.on_runtime(async move {
            let password = tokio::task::spawn_blocking(move || vault.get(&address, Secret::Password)).await;
            let patient = Patient {
                address: account.address,
                password: password.map_err(|_| stopped())?.map_err(Storage::Passwords)?,
                host: account.host,
                ca: account.ca,
                dns,
            };
            Ok(Box::pin(doctor::examine(patient, pins)).await)
        })
        .await
    }

    /// Brings one page of older history of a chat. True when there is no more.
    pub async fn fill(&self, chat: ChatId) -> Result<bool, Cause> {
        let (account, peer, floor) = self
            .0
            .store
            .read(move |conn| {
                let (account, peer) = chats::parties(conn, chat)?;
                Ok((account, peer, archives::floor(conn, account, chat)?))
            })
            .await?;
        if floor.complete {
            return Ok(true);
        }
        let (done, filled) = oneshot::channel();
        let fill = Fill {
            chat,
            peer,
            before: None,
            done,
        };
        self.sessions(|sessions| {
            if let Some(session) = sessions.get(&account) {
                session.ask(Ask::Fill(fill));
            }
        });
        filled.await.unwrap_or_else(|_| Err(crate::error::Network::Lost.into()))
    }
}

/// Hints: they never fail.
impl Core {
    /// Somebody may be written to: who can read along is to be known before.
    pub fn look_at_devices(&self, account: AccountId, address: BareJid) {
        self.sessions(|sessions| {
            if let Some(session) = sessions.get(&account) {
                session.ask(Ask::Devices(address));
            }
        });
    }

    /// The network came or went, or the user wants it now: try again.
    pub fn network_changed(&self) {
        self.ask_all(|| Ask::NetworkChanged);
    }

    /// Whether somebody looks at Grend. XEP-0352.
    pub fn set_active(&self, active: bool) {
        self.sessions(|sessions| {
            self.0.active.store(active, Ordering::Relaxed);
            sessions.values().for_each(|session| session.ask(Ask::Active(active)));
        });
    }

    /// Whether the user is typing in a chat. XEP-0085.
    pub fn typing(&self, chat: ChatId, on: bool) {
        let core = self.clone();
        self.0.runtime.spawn(async move {
            let parties = core.0.store.read(move |conn| {
                let (account, peer) = chats::parties(conn, chat)?;
                // Only those who may see us learn that we type.
                let may = crate::store::contacts::sees_us(conn, account, &peer)?;
                Ok((account, peer, may))
            });
            if let Ok((account, peer, true)) = parties.await {
                core.sessions(|sessions| {
                    if let Some(session) = sessions.get(&account) {
                        session.ask(Ask::Typing(peer, on));
                    }
                });
            }
        });
    }
}

fn same_server(account: &Account, credentials: &Credentials) -> bool {
    account.host == credentials.host && account.ca == credentials.ca
}

/// XML cannot carry most control characters, and reads a carriage return as a line feed; a pasted one must not cost the
/// message.
fn without_forbidden(text: String) -> String {
    let fits = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{FFFD}' | '\u{10000}'..);
    if text.chars().all(fits) {
        text
    } else {
        text.chars().filter(|c| fits(*c)).collect()
    }
}

fn stopped() -> Cause {
    Storage::Closing.into()
}

/// One thread for all sessions, their timers and their DNS.
fn start_runtime(ended: oneshot::Receiver<()>) -> Result<Handle, Cause> {
    let no_thread = |_: std::io::Error| Cause::from(Storage::Threads);
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(2)
        .build()
        .map_err(no_thread)?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("core".to_owned())
        .spawn(move || {
            // An error means that the last handle is gone, as a message would.
            let _ = runtime.block_on(ended);
            // DNS of the system may block for long; nobody waits for it.
            runtime.shutdown_background();
        })
        .map_err(no_thread)?;
    Ok(handle)
}
