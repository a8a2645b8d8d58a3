//! One account's connection, from DNS to the outbox.

mod archive;
mod assembly;
mod attempts;
pub(crate) mod begin;
pub(crate) mod connector;
pub(crate) mod dns;
pub(crate) mod end;
mod fast;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
#[cfg(test)]
mod histories;
mod incoming;
mod inline;
pub(crate) mod login;
mod management;
mod offer;
mod online;
mod outgoing;
mod quarantine;
mod questions;
mod sasl;
mod scram;
mod secrets;
pub(crate) mod stream;
mod supervise;
pub(crate) mod tls;
mod trust;
pub(crate) mod wire;
mod woken;
mod work;

use std::net::SocketAddr;
use std::path::PathBuf;

use jid::BareJid;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::clock;
use crate::error::{Cause, Certificate};
use crate::incoming::Context;
use crate::model::{AccountId, Override, Pins};
use crate::random;
use crate::store::{Store, accounts};

pub(crate) use archive::Fill;
use connector::Target;
use login::LoggedIn;
pub(crate) use login::SignIn;
pub(crate) use secrets::Secrets;

/// What the rest of Grend asks of a session. Not what the user wants done: that is the outbox.
pub(crate) enum Ask {
    /// Something new is in the outbox.
    Outbox,
    /// The network came or went.
    NetworkChanged,
    /// Whether somebody looks at Grend.
    Active(bool),
    /// Whether the user types to somebody.
    Typing(BareJid, bool),
    /// Which devices does somebody have? Asked when a conversation is opened, if nobody asked before.
    Devices(BareJid),
    /// A page of older history.
    Fill(Fill),
    /// The server is to know something else of push services.
    Pushes,
    /// Connect at once, and say when what is new is here and what was written has left. Dropped if the account stops.
    CatchUp(oneshot::Sender<()>),
    /// Say goodbye.
    Stop,
}

/// A running session. Dropped without `stop`, it says goodbye by itself.
pub(crate) struct Session {
    asks: mpsc::UnboundedSender<Ask>,
    task: JoinHandle<SignIn>,
}

impl Session {
    /// Begins to connect an account. `first`: a stream that is signed in already. Must run inside core's runtime.
    pub async fn start(store: Store, id: AccountId, sign_in: SignIn, first: Option<LoggedIn>) -> Result<Self, Cause> {
        let (resource, _) = store.read(move |conn| accounts::connection(conn, id)).await?;
        let context = Context {
            account: id,
            me: sign_in.address.clone(),
            now: clock::now(),
            trusts_ids: false,
        };
        let (sender, asks) = mpsc::unbounded_channel();
        let supervisor = supervise::Supervisor {
            sign_in,
            resource,
            state: online::State::new(context, store),
            asks,
            attempts: attempts::Attempts::default(),
            wished: None,
            choke: None,
        };
        Ok(Self {
            asks: sender,
            task: tokio::spawn(supervisor.run(first)),
        })
    }

    /// Asks something. A session that ended does not answer.
    pub fn ask(&self, ask: Ask) {
        // It ended: then core drops it soon.
        let _ = self.asks.send(ask);
    }

    /// Says goodbye and waits for the end.
    pub async fn stop(self) {
        self.end().await;
    }

    /// Says goodbye, and lets the server forget what it gave us to sign in with. If it cannot be reached that goes by itself
    /// after some days.
    pub async fn sign_out(self) {
        if let Some(sign_in) = self.end().await
            && let Err(cause) = login::give_up_token(&sign_in).await
        {
            tracing::info!(kind = cause.kind(), "a token is not given up");
        }
    }

    async fn end(self) -> Option<SignIn> {
        self.ask(Ask::Stop);
        self.task.await.ok()
    }
}

/// Where an account's server is. `dns`: a name server in place of the system's.
pub(crate) fn target(
    address: &BareJid,
    (host, ca): (&Option<Override>, &Option<PathBuf>),
    dns: Option<SocketAddr>,
) -> Target {
    Target {
        domain: address.domain().to_string(),
        host: host.clone(),
        ca: ca.clone(),
        dns,
    }
}

/// What is held against a server of which nothing is known yet.
pub(crate) fn first_pins() -> Pins {
    Pins {
        client_id: random::uuid(),
        ..Pins::default()
    }
}

/// Tries once, with a password that somebody typed just now.
pub(crate) async fn try_login(sign_in: &mut SignIn) -> Result<LoggedIn, Cause> {
    match login::login(sign_in, None).await {
        // A binding that is cut looks the same to us as a wrong password.
        Err(Cause::Authentication) if sign_in.pins.bound => Err(Certificate::Doubtful.into()),
        answer => answer,
    }
}
