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
use crate::error::Cause;
use crate::incoming::Context;
use crate::model::{Account, Credentials};
use crate::store::{Store, accounts};

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
        let (resource, _) = store.read(move |conn| accounts::connection(conn, id)).await?;
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

/// Tries address and password once.
pub(crate) async fn try_login(credentials: &Credentials, dns: Option<SocketAddr>) -> Result<LoggedIn, Cause> {
    let target = Target {
        domain: credentials.address.domain().to_string(),
        host: credentials.host.clone(),
        ca: credentials.ca.clone(),
        dns,
    };
    login::login(&target, &credentials.address, &credentials.password, false, None).await
}
