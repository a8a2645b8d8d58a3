//! Chaos: Grend and another client write to each other while the cable between Grend and its server is cut, reset, half
//! closed, stalled and slowed down, Grend is killed, and the server is killed or stopped. In the end the server's archive
//! says what was sent, and it must be what either side has.
//!
//! A *schedule* is a few such steps, told by its seed. What real processes do between two steps is not in our hands, so
//! a seed replays what we do, not what the scheduler of the machine does.

mod schedule;
mod verdict;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::headless::sign_in;
use crate::{Headless, Kind, Options, Peer, Proxy, Server, User};
use schedule::{Schedule, Step};
use verdict::Archived;
pub use verdict::Verdict;

const PATIENCE: Duration = Duration::from_secs(90);
/// How long Grend may take until it stands in the order of the archive.
const PUT_RIGHT: Duration = Duration::from_secs(20);

/// A server, Grend behind a cable, and another client.
struct World {
    server: Server,
    anna: User,
    ola: User,
    proxy: Proxy,
    grend: Headless,
    chat: i64,
    account: i64,
    peer: Peer,
    /// Up to here the archive was looked at.
    seen: Value,
    /// And up to here Grend's own.
    witnessed: Value,
    _folder: TempDir,
}

/// What one schedule leaves open.
#[derive(Default)]
struct Open {
    /// What Grend was asked to send and did not answer yet, with the number of the request.
    asked: Vec<(String, u64)>,
    /// What Grend promised to send.
    promised: Vec<String>,
    /// What the other client is sending.
    flooding: Option<u64>,
    /// What the server took from the other client.
    confirmed: Vec<String>,
    unconfirmed: Vec<String>,
    /// A half of the cable may be dead.
    is_doubtful: bool,
    /// Grend may be signing in.
    is_coming: bool,
}

/// Plays schedules on one kind of server and sums up; tells of each that goes wrong, and how to see it again.
pub fn play(kind: Kind, seeds: impl Iterator<Item = u64>) -> Verdict {
    let (started, mut sum) = (Instant::now(), Verdict::default());
    let mut world = None;
    for seed in seeds {
        let schedule = Schedule::new(seed);
        let played = catch_unwind(AssertUnwindSafe(|| {
            let world = world.get_or_insert_with(|| World::start(kind));
            world.play(&schedule)
        }));
        let verdict = played.unwrap_or_else(|_| {
            // Whatever state it is in: the next one has its own.
            world = None;
            Verdict::stuck()
        });
        if !verdict.is_good() {
            let name = format!("{kind:?}").to_lowercase();
            println!("{kind:?}, schedule {seed}: {verdict}\n  {schedule}");
            println!("  again: cargo run -p grend-tests --bin chaos -- --server {name} --seed {seed}");
        }
        sum += verdict;
    }
    println!("{kind:?}: {sum}; {} s", started.elapsed().as_secs());
    sum
}

impl World {
    fn start(kind: Kind) -> Self {
        let server = Server::start(kind, Options::default());
        let [anna, ola] = ["anna", "ola"].map(|name| server.add_user(name, "secret"));
        let (folder, proxy) = (
            tempfile::tempdir().expect("a temporary folder"),
            Proxy::to(server.port()),
        );
        let mut request = sign_in(&server, &anna);
        request["port"] = proxy.port().into();
        let mut grend = Headless::start(folder.path());
        let account = grend.must(request)["account"]
            .as_i64()
            .expect("an account has a number");
        grend.must(json!({"do": "wait_caught_up", "account": account}));
        let chat = grend.open(account, &ola.address);
        let peer = Peer::online(&server, &ola, "phone");
        Self {
            server,
            anna,
            ola,
            proxy,
            grend,
            chat,
            account,
            peer,
            seen: Value::Null,
            witnessed: Value::Null,
            _folder: folder,
        }
    }

    fn play(&mut self, schedule: &Schedule) -> Verdict {
        let mut open = Open::default();
        let mut counts = (0, 0);
        for step in &schedule.steps {
            self.step(step, schedule.seed, &mut counts, &mut open);
        }
        self.calm(schedule.seed, &mut open);
        self.judge(schedule.seed, &open)
    }

    fn step(&mut self, step: &Step, seed: u64, (mine, theirs): &mut (usize, usize), open: &mut Open) {
        match *step {
            Step::Mine(count) => {
                for number in *mine..*mine + count {
                    let body = format!("s{seed} mine {number}");
                    let asked = self.grend.ask(json!({"do": "send", "chat": self.chat, "body": body}));
                    open.asked.push((body, asked));
                }
                *mine += count;
            }
            Step::Theirs(count) => {
                self.confirm(open);
                let body = format!("s{seed} theirs {theirs}");
                open.unconfirmed = (0..count).map(|number| format!("{body} {number}")).collect();
                let flood = json!({"do": "flood", "to": self.anna.address, "body": body, "count": count});
                open.flooding = Some(self.peer.ask(flood));
                *theirs += 1;
            }
            Step::Promises => self.promises(open),
            Step::BreakAfter(bytes) => {
                self.await_online(open);
                self.proxy.break_after(bytes);
            }
            Step::Cut => self.broken(open, Proxy::break_now),
            Step::Reset => self.broken(open, Proxy::reset),
            Step::HalfClose { to_server } => {
                self.await_online(open);
                (open.is_doubtful, open.is_coming) = (true, true);
                self.proxy.half_close(to_server);
            }
            Step::Stall => {
                self.await_online(open);
                self.proxy.stall(true);
            }
            Step::Slow => self.proxy.slow_down(Duration::from_millis(5)),
            Step::Mend => self.mend(open),
            Step::Kill => {
                // What it had not answered it may have written down or not.
                open.asked.clear();
                self.grend.kill_9();
                self.grend.restart();
                self.mend(open);
            }
            Step::KillServer => {
                // What it took in its last moment it may not have written down.
                open.confirmed.clear();
                self.server.kill();
                self.server_is_gone(open);
            }
            Step::StopServer => {
                self.server.stop();
                self.server_is_gone(open);
            }
        }
    }

    /// Breaks the way, and opens it again.
    fn broken(&mut self, open: &mut Open, pull: fn(&Proxy)) {
        self.await_online(open);
        pull(&self.proxy);
        self.mend(open);
    }

    /// Opens the way again.
    fn mend(&mut self, open: &mut Open) {
        open.is_coming = true;
        self.proxy.slow_down(Duration::ZERO);
        self.proxy.stall(false);
        self.proxy.mend();
        self.grend.ask(json!({"do": "network_changed"}));
    }

    /// Starts it again. What the other client was sending it may have taken or not.
    fn server_is_gone(&mut self, open: &mut Open) {
        open.flooding = None;
        open.unconfirmed.clear();
        self.server.resume();
        self.peer = Peer::online(&self.server, &self.ola, "phone");
        self.mend(open);
    }

    /// Nobody cuts what is not connected.
    fn await_online(&mut self, open: &mut Open) {
        if std::mem::take(&mut open.is_coming) {
            // It may be stalled, or have been weakened, and broken since.
            self.proxy.stall(false);
            self.proxy.mend();
            let wait = json!({"do": "wait_online", "account": self.account, "timeout_ms": 80_000});
            let wait = self.grend.ask(wait);
            self.grend.answer(wait, PATIENCE).expect("Grend comes online");
        }
    }

    /// Waits until the server has what the other client sent.
    fn confirm(&mut self, open: &mut Open) {
        if let Some(flooding) = open.flooding.take() {
            self.peer.answer(flooding, PATIENCE).expect("the other client can send");
            self.peer.must(json!({"do": "ping"}));
            open.confirmed.append(&mut open.unconfirmed);
        }
    }

    /// Waits until Grend has written down what it was asked to send.
    fn promises(&mut self, open: &mut Open) {
        for (body, asked) in open.asked.drain(..) {
            self.grend.answer(asked, PATIENCE).expect("Grend can write down");
            open.promised.push(body);
        }
    }

    /// Lets everything arrive.
    fn calm(&mut self, seed: u64, open: &mut Open) {
        self.promises(open);
        if std::mem::take(&mut open.is_doubtful) {
            self.broken(open, Proxy::break_now);
        }
        self.mend(open);
        self.confirm(open);
        self.await_online(open);
        let wait = self
            .grend
            .ask(json!({"do": "wait_caught_up", "account": self.account, "timeout_ms": 80_000}));
        self.grend.answer(wait, PATIENCE).expect("Grend catches up");
        let end = format!("s{seed} end");
        let last = self.grend.send(self.chat, &end);
        open.promised.push(end.clone());
        self.grend.expect_state(last, "sent");
        self.peer.send(&self.anna.address, &end);
        self.peer.must(json!({"do": "ping"}));
        let theirs = |event: &Value| event["message"]["body"] == end.as_str() && event["message"]["mine"] == false;
        self.grend.expect_event(PATIENCE, theirs);
        open.confirmed.push(end);
    }

    /// Compares what Grend has with the server's archives of both sides. What the server told in another order than its
    /// archive has, Grend puts right when it has asked the archive again: that is waited for.
    fn judge(&mut self, seed: u64, open: &Open) -> Verdict {
        let mark = format!("s{seed} ");
        let theirs = news(&mut self.peer, &self.anna, &mut self.seen);
        let mut own = Peer::online(&self.server, &self.anna, "witness");
        let ours = news(&mut own, &self.ola, &mut self.witnessed);
        let [from_anna, from_ola] = [&self.anna, &self.ola].map(|writer| {
            let (mine, other) = if writer == &self.anna {
                (&ours, &theirs)
            } else {
                (&theirs, &ours)
            };
            Archived {
                writer: numbered(mine, writer, &mark),
                reader: numbered(other, writer, &mark),
            }
        });
        let deadline = Instant::now() + PUT_RIGHT;
        loop {
            let mut here = self.grend.timeline(self.chat, 3_000);
            here.retain(|it| it["body"].as_str().is_some_and(|body| body.starts_with(&mark)));
            let verdict =
                Verdict::ours(&open.promised, &here, &from_anna) + Verdict::theirs(&open.confirmed, &here, &from_ola);
            if verdict.reordered == 0 || Instant::now() > deadline {
                return verdict;
            }
            std::thread::sleep(Duration::from_millis(50)); // between two looks; the look decides
        }
    }
}

/// What an archive has of a conversation since the last look.
fn news(owner: &mut Peer, with: &User, seen: &mut Value) -> Vec<Value> {
    let request = json!({"do": "archive", "with": with.address, "after": *seen});
    let there = owner.must(request)["messages"].take();
    let there = there.as_array().cloned().expect("an archive has messages");
    if let Some(last) = there.last() {
        *seen = last["archive_id"].clone();
    }
    there
}

/// What somebody wrote in a schedule, as an archive has it.
fn numbered(archive: &[Value], from: &User, mark: &str) -> Vec<String> {
    let theirs = |it: &&Value| it["from"].as_str().is_some_and(|by| by.starts_with(&from.address));
    let bodies = archive.iter().filter(theirs).filter_map(|it| it["body"].as_str());
    bodies
        .filter(|body| body.starts_with(mark))
        .map(ToOwned::to_owned)
        .collect()
}
