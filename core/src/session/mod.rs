//! One account's connection, from DNS to the outbox.

mod archive;
mod assembly;
mod attempts;
mod begin;
mod connector;
mod dns;
mod end;
#[cfg(test)]
mod histories;
mod incoming;
mod login;
mod management;
mod offer;
mod online;
mod outgoing;
mod quarantine;
mod questions;
mod scram;
mod stream;
mod supervise;
mod tls;
mod wire;
mod work;

use std::net::SocketAddr;

use jid::BareJid;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::clock;
use crate::error::{Cause, Certificate};
use crate::incoming::Context;
use crate::model::{Account, Credentials, Pins};
use crate::store::{Store, accounts, pins};

pub(crate) use archive::Fill;
use connector::Target;
use login::LoggedIn;

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
    /// A page of older history.
    Fill(Fill),
    /// Say goodbye.
    Stop,
}

/// A running session. Dropped without `stop`, it says goodbye by itself.
pub(crate) struct Session {
    asks: mpsc::UnboundedSender<Ask>,
    task: JoinHandle<()>,
}

impl Session {
    /// Begins to connect an account. `first`: a stream that is signed in already. Must run inside core's runtime.
    pub async fn start(
        store: Store,
        account: &Account,
        dns: Option<SocketAddr>,
        password: String,
        first: Option<LoggedIn>,
    ) -> Result<Self, Cause> {
        let id = account.id;
        let ((resource, _), pins) = store
            .read(move |conn| Ok((accounts::connection(conn, id)?, pins::get(conn, id)?)))
            .await?;
        let context = Context {
            account: id,
            me: account.address.clone(),
            now: clock::now(),
            trusts_ids: false,
        };
        let target = target(account, dns);
        let (sender, asks) = mpsc::unbounded_channel();
        let state = online::State::new(context, store);
        let supervisor = supervise::Supervisor {
            target,
            password,
            pins,
            resource,
            state,
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
        self.ask(Ask::Stop);
        let _ = self.task.await;
    }
}

fn target(account: &Account, dns: Option<SocketAddr>) -> Target {
    Target {
        domain: account.address.domain().to_string(),
        host: account.host.clone(),
        ca: account.ca.clone(),
        dns,
    }
}

/// Tries address and password once. `pins`: what is held against the server.
pub(crate) async fn try_login(
    credentials: &Credentials,
    pins: &Pins,
    dns: Option<SocketAddr>,
) -> Result<LoggedIn, Cause> {
    let target = Target {
        domain: credentials.address.domain().to_string(),
        host: credentials.host.clone(),
        ca: credentials.ca.clone(),
        dns,
    };
    let login = login::login(&target, &credentials.address, &credentials.password, pins, None);
    match login.await {
        // Somebody typed the password just now, and a binding that is cut looks the same to us as a wrong one.
        Err(Cause::Authentication) if pins.bound => Err(Certificate::Doubtful.into()),
        answer => answer,
    }
}
