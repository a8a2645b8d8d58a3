//! Keeps an account connected: connects, resumes or begins, and decides what an end means.
//!
//! Authentication, certificates and conflicts stop and tell the user; the network is tried again, later and later, with
//! jitter, and at once when it changed.

use std::time::{Duration, Instant};

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use xmpp_parsers::ns;

use super::Ask;
use super::connector::Target;
use super::login::{self, LoggedIn};
use super::online::{Online, State};
use super::stream::{Incoming as Arrival, Stream};
use super::{management, work};
use crate::archive;
use crate::clock;
use crate::error::{Cause, Network, Refused};
use crate::incoming::Context;
use crate::model::{Connection, Pins};
use crate::protocol::{element, errors, with};
use crate::random;
use crate::store::{Store, pins, streams};

const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(300);
/// A session that lived so long was a good one: the next try comes soon again.
const GOOD: Duration = Duration::from_secs(30);
/// A password that was right once is wrong only when the server says so three times: one that is just starting may not
/// know its people yet (ejabberd does so).
const REFUSALS: u32 = 3;

/// An account's connection, whatever state it is in.
pub(super) struct Supervisor {
    pub target: Target,
    pub password: String,
    pub pins: Pins,
    pub resource: String,
    pub state: State,
    pub asks: mpsc::UnboundedReceiver<Ask>,
}

impl Supervisor {
    /// Runs until somebody stops it. `first`: a stream that is signed in already.
    pub async fn run(mut self, mut first: Option<LoggedIn>) {
        let (mut delay, mut refusals) = (FIRST_DELAY, 0);
        loop {
            let begun = Instant::now();
            let cause = match Box::pin(self.session(first.take())).await {
                Ok(()) => break,
                Err(cause) => cause,
            };
            if matches!(cause, Cause::Storage(_)) {
                // What is remembered runs ahead of the rows now (cursors, acknowledgements): begin anew from the rows.
                self.state.management.refused();
            }
            tracing::info!(kind = cause.kind(), "the session ended");
            if begun.elapsed() > GOOD || self.state.sync.made_way() {
                delay = FIRST_DELAY;
            }
            refusals = if cause == Cause::Authentication {
                refusals + 1
            } else {
                0
            };
            let passing = cause.is_passing() || (1..REFUSALS).contains(&refusals);
            if !self.pause(cause, passing, &mut delay).await {
                break;
            }
        }
        self.publish(Connection::Offline);
    }

    fn publish(&self, connection: Connection) {
        let account = self.state.context.account;
        self.state.store.edit_live(move |live| {
            live.connections.insert(account, connection);
            live.caught_up.remove(&account);
            live.presence.retain(|(of, _), _| *of != account);
            live.typing.clear();
        });
    }

    /// One connection, from the first packet to its end.
    async fn session(&mut self, first: Option<LoggedIn>) -> Result<(), Cause> {
        let logged_in = if let Some(logged_in) = first {
            logged_in
        } else {
            self.publish(Connection::Connecting);
            loop {
                let login = login_again(
                    &self.target,
                    (&self.password, &self.pins),
                    self.state.context.clone(),
                    // What is remembered is resumed instead: then the stream itself tells.
                    (self.state.management.resume().is_none()).then(|| self.state.store.clone()),
                );
                tokio::select! {
                    logged_in = login => break logged_in?,
                    again = interrupted(&mut self.asks, &mut self.state) => if !again { return Ok(()) },
                }
            }
        };
        let LoggedIn {
            mut stream,
            features,
            pins,
        } = logged_in;
        self.remember(pins).await?;
        let resumed = resume(&mut stream, &mut self.state).await?;
        if !resumed {
            bind(&mut stream, &self.resource).await?;
        }
        let mut online = Online::new(&mut self.state, &mut stream);
        if !resumed {
            online.begin(&features).await?;
        }
        let ran = online.run(&mut self.asks).await;
        if let Err(Cause::Network(Network::NotXmpp)) = ran {
            self.pass_over(stream.half_read()).await?;
        }
        ran?;
        // A farewell, so that the server does not keep the stream for a resumption. It need not be answered.
        let _ = tokio::time::timeout(Duration::from_secs(2), stream.close()).await;
        self.state.management.refused();
        Ok(())
    }

    /// Holds against the server from now on what it was able to do this time.
    async fn remember(&mut self, pins: Pins) -> Result<(), Cause> {
        if self.pins != pins {
            let (account, now) = (self.state.context.account, pins.clone());
            self.state.store.write(move |tx| pins::put(tx, account, &now)).await?;
            self.pins = pins;
        }
        Ok(())
    }

    /// Something came that cannot be read. Resumed, the stream would bring it again, and so would the archive.
    async fn pass_over(&mut self, half_read: Option<String>) -> Result<(), Cause> {
        self.state.management.refused();
        if let Some(page) = self.state.sync.unreadable(half_read) {
            let now = clock::now();
            let context = Context {
                now,
                ..self.state.context.clone()
            };
            self.state
                .store
                .write(move |tx| archive::store(tx, &context, &page))
                .await?;
        }
        Ok(())
    }

    /// Waits before the next try. False: somebody stopped the account.
    async fn pause(&mut self, cause: Cause, passing: bool, delay: &mut Duration) -> bool {
        let wait = if passing {
            delay.mul_f64(0.5 + random::unit())
        } else {
            Duration::MAX
        };
        if passing {
            let retry_at = clock::now().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
            self.publish(Connection::Waiting {
                cause: cause.clone(),
                retry_at,
            });
        } else {
            self.publish(Connection::Stopped(cause.clone()));
        }
        *delay = (*delay * 2).min(LONGEST_DELAY);
        let sleep = tokio::time::sleep(wait.min(LONGEST_DELAY * 2));
        tokio::pin!(sleep);
        loop {
            tokio::select! {
                () = &mut sleep, if passing => return true,
                ask = self.asks.recv() => match ask {
                    None | Some(Ask::Stop) => return false,
                    // A wrong password stays wrong on every network.
                    Some(Ask::NetworkChanged) if !matches!(cause, Cause::Authentication | Cause::Conflict) => {
                        *delay = FIRST_DELAY;
                        return true;
                    }
                    Some(ask) => offline(ask, &mut self.state, &cause),
                },
            }
        }
    }
}

/// Signs in. If a crash left words on their way, which only the store remembers, it asks first, on a connection of its
/// own, what of them arrived: only the old stream's count tells, because the server may still be reading from it what the
/// archive will have.
async fn login_again(
    target: &Target,
    (password, pins): (&str, &Pins),
    context: Context,
    remembers: Option<Store>,
) -> Result<LoggedIn, Cause> {
    let account = context.account;
    if let Some(store) = remembers
        && let Some(broken) = store.read(move |conn| streams::broken(conn, account)).await?
    {
        let LoggedIn { mut stream, .. } = login::login(target, &context.me, password, pins).await?;
        write(&mut stream, &management::resume(&broken.resume_id, broken.handled))?;
        let answer = element_of(&mut stream).await?;
        let count: Option<u32> = answer.attr("h").and_then(|h| h.parse().ok());
        let settled = store.write(move |tx| {
            if let Some(count) = count {
                let arrived = streams::arrived(tx, account, count)?;
                work::arrived(tx, arrived)?;
            }
            streams::forget(tx, account)
        });
        settled.await?;
        // The old stream ends here. The farewell need not be answered.
        let _ = tokio::time::timeout(Duration::from_secs(2), stream.close()).await;
    }
    login::login(target, &context.me, password, pins).await
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
        Ask::Fill(fill) => {
            // Whoever asked may be gone.
            let _ = fill.done.send(Err(cause.clone()));
        }
        Ask::Typing(..) | Ask::Outbox | Ask::NetworkChanged | Ask::Stop => {}
    }
}

/// Goes on with the old stream where the server allows it. XEP-0198, section 5.
async fn resume<Io: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<Io>, state: &mut State) -> Result<bool, Cause> {
    let Some(resume) = state.management.resume() else {
        return Ok(false);
    };
    write(stream, &resume)?;
    let answer = element_of(stream).await?;
    let jobs = state.management.acknowledged(&answer)?;
    let context = state.context.clone();
    let work = vec![work::Work::Arrived(jobs)];
    state
        .store
        .write(move |tx| work::run(tx, &context, &mut crate::protocol::presence::Board::default(), work).map(drop))
        .await?;
    if !answer.is("resumed", ns::SM) {
        return Ok(false);
    }
    let lost: Vec<Element> = state.management.unacked().map(|sent| sent.stanza.clone()).collect();
    lost.iter().try_for_each(|stanza| write(stream, stanza))?;
    write(stream, &management::request())?;
    Ok(true)
}

/// Gives the stream its resource. RFC 6120, section 7.
async fn bind<Io: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<Io>, resource: &str) -> Result<(), Cause> {
    let mut name = Element::bare("resource", ns::BIND);
    name.append_text_node(resource);
    let id = random::token();
    let iq = element("iq", ns::DEFAULT_NS, &[("type", "set"), ("id", &id)]);
    write(stream, &with(iq, [with(Element::bare("bind", ns::BIND), [name])]))?;
    loop {
        let answer = element_of(stream).await?;
        if answer.name() != "iq" || answer.attr("id") != Some(&id) {
            continue;
        }
        return match answer.attr("type") {
            Some("result") => Ok(()),
            _ if errors::condition(&answer) == "conflict" => Err(Cause::Conflict),
            _ => Err(Refused::NoPlace(errors::condition(&answer).to_owned()).into()),
        };
    }
}

fn write<Io: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<Io>, element: &Element) -> Result<(), Cause> {
    stream.send_element(element).map_err(|_| Network::Lost.into())
}

async fn element_of<Io: AsyncRead + AsyncWrite + Unpin>(stream: &mut Stream<Io>) -> Result<Element, Cause> {
    let wait = async {
        loop {
            if let Arrival::Element(element) = stream.next().await? {
                return Ok::<_, super::stream::End>(element);
            }
        }
    };
    match tokio::time::timeout(Duration::from_secs(15), wait).await {
        Ok(element) => Ok(element?),
        Err(_) => Err(Network::Silent.into()),
    }
}
