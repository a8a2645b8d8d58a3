//! Free ports on loopback for servers that cannot be asked which port they took.
//!
//! They come from below the range that the kernel hands out for outgoing connections, so that nobody takes a server's
//! port while it is being restarted; a random start keeps test programs that run side by side apart.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;

const FIRST: u64 = 10_000;
const LAST: u64 = 32_000;

/// Ports this process gave out; a server may not listen yet when the next one asks.
static TAKEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// A port on 127.0.0.1 where nobody listens.
pub(crate) fn free() -> u16 {
    let mut taken = TAKEN.lock().unwrap();
    let taken = taken.get_or_insert_default();
    for attempt in 0..1000_u32 {
        let random = RandomState::new().hash_one(attempt);
        let port = u16::try_from(FIRST + random % (LAST - FIRST)).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && taken.insert(port) {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {LAST} on 127.0.0.1");
}
