//! A cable between a client and its server, for tests that pull it: a TCP proxy on loopback that counts connections,
//! cuts them without a goodbye, closes one half of them, slows them down, and can hold everything back.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// How long a test waits for a client to come (back).
const PATIENCE: Duration = Duration::from_secs(30);

/// The proxy. It ends, and its connections with it, when it is dropped.
pub struct Proxy {
    address: SocketAddr,
    cable: Arc<Cable>,
}

#[derive(Default)]
struct Cable {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The port it leads to.
    to: u16,
    /// How many clients came.
    accepted: usize,
    /// How many of them found the server there.
    connected: usize,
    /// Both ends of what is connected now.
    ends: Vec<TcpStream>,
    /// Bytes wait here.
    stalled: bool,
    /// Each piece waits so long.
    slowed: Duration,
    /// So many more bytes pass towards the client, then the cable breaks.
    allowance: Option<usize>,
    /// Nobody gets through until it is mended.
    broken: bool,
    closed: bool,
}

impl Proxy {
    /// A cable to a port on 127.0.0.1. The server need not be there yet.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
        let address = listener.local_addr().expect("a bound socket has an address");
        let cable = Arc::new(Cable::default());
        cable.lock().to = port;
        thread::spawn({
            let cable = Arc::clone(&cable);
            move || accept(&listener, &cable)
        });
        Self { address, cable }
    }

    /// Where clients connect.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections were tried so far, whether or not the server was there.
    pub fn accepted(&self) -> usize {
        self.cable.lock().accepted
    }

    /// How many connections reached the server.
    pub fn connected(&self) -> usize {
        self.cable.lock().connected
    }

    /// Waits until the cable is broken that `break_after` weakened.
    ///
    /// # Panics
    /// When that does not happen in time.
    pub fn await_broken(&self) {
        self.wait_for("break", |state| state.broken);
    }

    /// Waits until so many connections have reached the server.
    ///
    /// # Panics
    /// When they do not in time.
    pub fn await_connected(&self, count: usize) {
        self.wait_for("connection", |state| state.connected >= count);
    }

    fn wait_for(&self, what: &str, done: impl Fn(&State) -> bool) {
        let state = self.cable.lock();
        let waited = self
            .cable
            .changed
            .wait_timeout_while(state, PATIENCE, |state| !done(state));
        let (state, late) = waited.expect("no thread panics with the lock");
        assert!(!late.timed_out(), "no {what}; {} connections came", state.connected);
    }

    /// Leads new connections to another port, and cuts those that are: whoever is on the way decides where a way leads.
    pub fn lead_to(&self, port: u16) {
        let mut state = self.cable.lock();
        state.to = port;
        self.cable.cut(&mut state);
    }

    /// Pulls the cable: every connection breaks, and what was on the way is gone.
    pub fn cut(&self) {
        self.cable.cut(&mut self.cable.lock());
    }

    /// Pulls the cable and lets nobody through until it is mended.
    pub fn break_now(&self) {
        let mut state = self.cable.lock();
        state.broken = true;
        self.cable.cut(&mut state);
    }

    /// Ends every connection with a reset, as a router does that was started anew, and lets nobody through until it is
    /// mended.
    pub fn reset(&self) {
        let mut state = self.cable.lock();
        state.broken = true;
        for end in &state.ends {
            // Then closing is a reset.
            let _ = rustix::net::sockopt::set_socket_linger(end, Some(Duration::ZERO));
        }
        self.cable.cut(&mut state);
    }

    /// Closes the half of every connection that leads to the server, or the one that leads to the client. The other end
    /// learns of it only when it says something.
    pub fn half_close(&self, to_server: bool) {
        let state = self.cable.lock();
        // Client and server take turns.
        for end in state.ends.iter().skip(usize::from(to_server)).step_by(2) {
            let _ = end.shutdown(Shutdown::Write);
        }
    }

    /// Lets every piece of up to 4 KB wait so long: a far-away server, a thin cable.
    pub fn slow_down(&self, wait: Duration) {
        self.cable.lock().slowed = wait;
        self.cable.changed.notify_all();
    }

    /// Breaks once so many more bytes have gone to the client, in the middle of a stanza, like as not, and lets nobody
    /// through until it is mended.
    pub fn break_after(&self, bytes: usize) {
        self.cable.lock().allowance = Some(bytes);
    }

    /// Lets connections through again, and does not break by itself any more.
    pub fn mend(&self) {
        let mut state = self.cable.lock();
        state.allowance = None;
        state.broken = false;
    }

    /// Holds everything back, in both directions, without breaking anything: a tunnel, a lift.
    pub fn stall(&self, on: bool) {
        self.cable.lock().stalled = on;
        self.cable.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut state = self.cable.lock();
        state.closed = true;
        state.stalled = false;
        self.cable.cut(&mut state);
        drop(state);
        // The acceptor waits for somebody: it is us.
        let _ = TcpStream::connect(self.address);
    }
}

impl Cable {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics with the lock")
    }

    fn cut(&self, state: &mut State) {
        state.allowance = None;
        for end in state.ends.drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
        self.changed.notify_all();
    }

    /// Whether these bytes may pass now. Waits while the cable is stalled.
    fn pass(&self, bytes: usize, to_client: bool) -> bool {
        let state = self.lock();
        let slowed = state.slowed;
        let waited = self
            .changed
            .wait_timeout_while(state, slowed, |state| !slowed.is_zero() && state.slowed == slowed);
        let (state, _) = waited.expect("no thread panics with the lock");
        let waited = self.changed.wait_while(state, |state| state.stalled);
        let mut state = waited.expect("no thread panics with the lock");
        match &mut state.allowance {
            Some(left) if to_client && *left < bytes => {
                state.broken = true;
                self.cut(&mut state);
                false
            }
            Some(left) if to_client => {
                *left -= bytes;
                true
            }
            _ => true,
        }
    }
}

fn accept(listener: &TcpListener, cable: &Arc<Cable>) {
    for client in listener.incoming().flatten() {
        let (closed, to) = {
            let state = cable.lock();
            (state.closed, state.to)
        };
        if closed {
            return;
        }
        let server = TcpStream::connect((Ipv4Addr::LOCALHOST, to));
        let mut state = cable.lock();
        state.accepted += 1;
        if let (Ok(server), false) = (server, state.broken) {
            state.connected += 1;
            for (from, to, to_client) in [(&client, &server, false), (&server, &client, true)] {
                let ends = (from.try_clone(), to.try_clone());
                let (Ok(from), Ok(to)) = ends else { continue };
                let cable = Arc::clone(cable);
                thread::spawn(move || copy(from, to, to_client, &cable));
            }
            state.ends.extend([client, server]);
        }
        cable.changed.notify_all();
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, to_client: bool, cable: &Cable) {
    let mut bytes = [0; 4096];
    while let Ok(read) = from.read(&mut bytes) {
        if read == 0 || !cable.pass(read, to_client) || to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
