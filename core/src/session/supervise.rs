//! Keeps an account connected: connects, resumes or begins, and decides what an end means.
//!
//! Authentication, certificates and conflicts stop and tell the user; the network is tried again, later and later, with
//! jitter, and at once when it changed.

use std::time::Duration;

use tokio::sync::mpsc;

use super::Ask;
use super::attempts::Attempts;
use super::begin::{Beginning, Fresh, Previous, Wish, begin};
use super::login::{self, LoggedIn, SignIn};
use super::management::{Lost, Management};
use super::online::{Online, State};
use super::quarantine::Choke;
use super::work;
use crate::clock;
use crate::error::{Cause, Network, Refused};
use crate::model::{Connection, Pins};
use crate::store::{pins, streams};

/// An account's connection, whatever state it is in.
pub(super) struct Supervisor {
    pub sign_in: SignIn,
    pub resource: String,
    pub state: State,
    pub asks: mpsc::UnboundedReceiver<Ask>,
    pub attempts: Attempts,
    /// The stream that was to go on the last time.
    pub wished: Option<Previous>,
    /// Something that could not be read, once so far.
    pub choke: Option<Choke>,
}

impl Supervisor {
    /// Runs until somebody stops it. `first`: a stream that is signed in already. Answers what it signed in with.
    pub async fn run(mut self, mut first: Option<LoggedIn>) -> SignIn {
        while let Err(cause) = Box::pin(self.session(first.take())).await {
            tracing::info!(kind = cause.kind(), "the session ended");
            if matches!(cause, Cause::Storage(_)) {
                // What is remembered runs ahead of the rows now (cursors, acknowledgements): go on from the rows.
                self.state.management.refused();
            }
            let came_of_it = self.wished.is_none() || self.wished != self.state.management.previous();
            self.attempts.ended(&cause, came_of_it);
            if self.attempts.are_futile() {
                self.state.management.refused();
                // On a full disk it is tried again.
                let _ = self.forget().await;
            }
            if !self.pause(cause).await {
                break;
            }
        }
        self.publish(Connection::Offline);
        self.sign_in
    }

    fn publish(&self, connection: Connection) {
        let account = self.state.context.account;
        self.state.store.edit_live(move |live| {
            live.connections.insert(account, connection);
            live.caught_up.remove(&account);
            live.presence.retain(|(of, _), _| *of != account);
            live.typing.retain(|(of, _)| *of != account);
        });
    }

    /// One connection, from the first packet to its end.
    async fn session(&mut self, first: Option<LoggedIn>) -> Result<(), Cause> {
        self.recall().await?;
        let wish = Wish {
            resource: self.resource.clone(),
            previous: self.state.management.previous(),
            active: self.state.active,
        };
        self.wished.clone_from(&wish.previous);
        let logged_in = match first {
            Some(first) => first,
            None => match self.sign_in(&wish).await? {
                Some(logged_in) => logged_in,
                None => return Ok(()),
            },
        };
        self.remember(logged_in.pins).await?;
        let mut stream = logged_in.stream;
        let beginning = match logged_in.beginning {
            Some(beginning) => beginning,
            None => begin(&mut stream, &wish).await?,
        };
        let goes_on = self.settle(&beginning).await?;
        if goes_on.is_none() {
            self.pass_over().await?;
        }
        self.attempts.online();
        let mut online = Online::new(&mut self.state, &mut stream);
        match (goes_on, &beginning) {
            (Some(lost), _) => online.go_on(&logged_in.features, lost).await?,
            (None, Beginning::Fresh(fresh)) => online.begin(&logged_in.features, fresh).await?,
            (None, Beginning::Resumed(_)) => return Err(Network::NotXmpp.into()),
        }
        let ran = online.run(&mut self.asks).await;
        match ran {
            Err(Cause::Network(Network::NotXmpp)) => self.choked(stream.half_read()).await?,
            Err(Cause::Refused(Refused::Server(_))) => self.thrown_out().await?,
            _ => {}
        }
        ran?;
        // A farewell, so that the server does not keep the stream for a resumption. It need not be answered.
        let _ = tokio::time::timeout(Duration::from_secs(2), stream.close()).await;
        self.leave().await
    }

    /// Signs in. `None`: somebody stopped the account.
    async fn sign_in(&mut self, wish: &Wish) -> Result<Option<LoggedIn>, Cause> {
        self.publish(Connection::Connecting);
        loop {
            let login = login::login(&mut self.sign_in, Some(wish));
            let logged_in = tokio::select! {
                logged_in = login => logged_in.map(Some),
                again = interrupted(&mut self.asks, &mut self.state) => if again { continue } else { Ok(None) },
            };
            self.sign_in.secrets.keep_token().await;
            return logged_in;
        }
    }

    /// What a crash left of the last stream.
    async fn recall(&mut self) -> Result<(), Cause> {
        if self.state.management.previous().is_some() {
            return Ok(());
        }
        let account = self.state.context.account;
        let left = self.state.store.read(move |conn| {
            let jobs = streams::on_their_way(conn, account)?;
            Ok(streams::get(conn, account)?.map(|counts| (counts, jobs)))
        });
        if let Some((counts, jobs)) = left.await? {
            self.state.management = Management::restored(counts, &jobs);
        }
        Ok(())
    }

    /// Writes down what the server says of the old stream, before anything else goes. If it goes on: what it
    /// has lost.
    async fn settle(&mut self, beginning: &Beginning) -> Result<Option<Lost>, Cause> {
        let account = self.state.context.account;
        let (answer, goes_on) = match beginning {
            Beginning::Resumed(answer) => (answer, true),
            Beginning::Fresh(Fresh {
                failed: Some(answer), ..
            }) => (answer, false),
            Beginning::Fresh(_) => return Ok(None),
        };
        let believed = self.state.management.is_ours(answer);
        let jobs = match believed.and_then(|()| self.state.management.acknowledged(answer)) {
            Ok(jobs) => jobs,
            Err(cause) => {
                // It will not count better the next time.
                self.forget().await?;
                return Err(cause);
            }
        };
        let lost = goes_on.then(|| self.state.management.resumed());
        let counts = self.state.management.counts(0).filter(|_| goes_on);
        let settled = self.state.store.write(move |tx| {
            work::arrived(tx, jobs)?;
            streams::forget_sequences(tx, account)?;
            counts.map_or(Ok(()), |counts| streams::put(tx, account, &counts))
        });
        settled.await?;
        Ok(lost)
    }

    /// A stream that ended in order does not go on, and is asked for only to learn what arrived.
    async fn leave(&mut self) -> Result<(), Cause> {
        if self.state.on_their_way().is_empty() {
            self.forget().await?;
        }
        Ok(())
    }

    /// Holds against the server from now on what it was able to do this time.
    async fn remember(&mut self, pins: Pins) -> Result<(), Cause> {
        if self.sign_in.pins != pins {
            let (account, now) = (self.state.context.account, pins.clone());
            self.state.store.write(move |tx| pins::put(tx, account, &now)).await?;
            self.sign_in.pins = pins;
        }
        Ok(())
    }

    /// The last stream is not to go on.
    pub(super) async fn forget(&self) -> Result<(), Cause> {
        let account = self.state.context.account;
        let forgotten = self.state.store.write(move |tx| streams::forget(tx, account));
        Ok(forgotten.await?)
    }

    /// Waits before the next try. False: somebody stopped the account.
    async fn pause(&mut self, cause: Cause) -> bool {
        let wait = self.attempts.wait(&cause);
        if wait.is_none() {
            self.state.woken.clear();
        }
        self.publish(match wait {
            Some(wait) => Connection::Waiting {
                cause: cause.clone(),
                retry_at: clock::now().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
            },
            None => Connection::Stopped(cause.clone()),
        });
        let sleep = tokio::time::sleep(wait.unwrap_or_default());
        tokio::pin!(sleep);
        loop {
            tokio::select! {
                () = &mut sleep, if wait.is_some() => return true,
                ask = self.asks.recv() => match ask {
                    None | Some(Ask::Stop) => return false,
                    Some(ask) => {
                        let wants_it = matches!(ask, Ask::NetworkChanged | Ask::CatchUp(_));
                        // A wrong password stays wrong on every network.
                        let mends = !matches!(cause, Cause::Authentication | Cause::Conflict);
                        offline(ask, &mut self.state, &cause);
                        if wants_it && mends {
                            self.attempts.soon();
                            return true;
                        }
                        if wait.is_none() {
                            self.state.woken.clear();
                        }
                    }
                },
            }
        }
    }
}

/// Waits for somebody who does not want this attempt any more. True: another one, because the network is another.
async fn interrupted(asks: &mut mpsc::UnboundedReceiver<Ask>, state: &mut State) -> bool {
    loop {
        match asks.recv().await {
            None | Some(Ask::Stop) => return false,
            Some(Ask::NetworkChanged) => return true,
            Some(ask) => offline(ask, state, &Network::Lost.into()),
        }
    }
}

/// What is asked for without a connection.
fn offline(ask: Ask, state: &mut State, cause: &Cause) {
    match ask {
        Ask::Active(active) => state.active = active,
        Ask::CatchUp(woken) => state.wake(woken),
        Ask::Fill(fill) => {
            // Whoever asked may be gone.
            let _ = fill.done.send(Err(cause.clone()));
        }
        Ask::Typing(..) | Ask::Devices(_) | Ask::Outbox | Ask::Pushes | Ask::NetworkChanged | Ask::Stop => {}
    }
}
