//! A DNS server on loopback that answers from a table: how a test says "the server of `family.test` is at this port".
//! RFC 1035 (UDP, and TCP with its length prefix), SRV of RFC 2782. Names that are not in the table do not exist.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A and AAAA.
    Address(IpAddr),
    /// SRV: where a service is.
    Srv {
        /// Lower comes first.
        priority: u16,
        /// Among equals, more often.
        weight: u16,
        /// Its port.
        port: u16,
        /// Its host; `.` says that there is decidedly no such service.
        target: String,
    },
}

impl Record {
    fn kind(&self) -> u16 {
        match self {
            Self::Address(IpAddr::V4(_)) => 1,
            Self::Address(IpAddr::V6(_)) => 28,
            Self::Srv { .. } => 33,
        }
    }

    fn data(&self) -> Vec<u8> {
        match self {
            Self::Address(IpAddr::V4(address)) => address.octets().to_vec(),
            Self::Address(IpAddr::V6(address)) => address.octets().to_vec(),
            Self::Srv {
                priority,
                weight,
                port,
                target,
            } => {
                let mut data: Vec<u8> = [priority, weight, port]
                    .iter()
                    .flat_map(|number| number.to_be_bytes())
                    .collect();
                for label in target.split('.').filter(|label| !label.is_empty()) {
                    data.push(u8::try_from(label.len()).expect("a label has at most 63 bytes"));
                    data.extend(label.as_bytes());
                }
                data.push(0);
                data
            }
        }
    }
}

type Table = Arc<Mutex<Vec<(String, Record)>>>;

/// The server. It ends when it is dropped.
pub struct Dns {
    address: SocketAddr,
    table: Table,
    asked: Arc<Mutex<Vec<String>>>,
    leaving: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Dns {
    /// Starts an empty one.
    pub fn start() -> Self {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
        let address = tcp.local_addr().expect("a bound socket has an address");
        let udp = UdpSocket::bind(address).expect("the same port for UDP");
        let zone = Zone {
            table: Table::default(),
            asked: Arc::default(),
        };
        let leaving = Arc::new(AtomicBool::new(false));
        let threads = vec![
            std::thread::spawn({
                let (zone, leaving) = (zone.clone(), Arc::clone(&leaving));
                move || serve_udp(&udp, &zone, &leaving)
            }),
            std::thread::spawn({
                let (zone, leaving) = (zone.clone(), Arc::clone(&leaving));
                move || serve_tcp(&tcp, &zone, &leaving)
            }),
        ];
        Self {
            address,
            table: zone.table,
            asked: zone.asked,
            leaving,
            threads,
        }
    }

    /// Where it listens, UDP and TCP: for `grend headless --dns`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds a record. A name may have several.
    pub fn add(&self, name: &str, record: Record) -> &Self {
        self.table.lock().unwrap().push((name.to_lowercase(), record));
        self
    }

    /// Adds what an uncle writes into DNS: SRV records for STARTTLS and, if given, for direct TLS (XEP-0368), and the
    /// address of their host.
    pub fn add_server(&self, domain: &str, port: u16, tls_port: Option<u16>) -> &Self {
        let target = format!("xmpp.{domain}");
        self.add(&target, Record::Address(Ipv4Addr::LOCALHOST.into()));
        let service = |port| Record::Srv {
            priority: 5,
            weight: 0,
            port,
            target: target.clone(),
        };
        if let Some(tls_port) = tls_port {
            self.add(&format!("_xmpps-client._tcp.{domain}"), service(tls_port));
        }
        self.add(&format!("_xmpp-client._tcp.{domain}"), service(port))
    }

    /// Forgets a name.
    pub fn remove(&self, name: &str) {
        self.table
            .lock()
            .unwrap()
            .retain(|(known, _)| *known != name.to_lowercase());
    }

    /// The names that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.leaving.store(true, Ordering::SeqCst);
        // Both threads wait for somebody: it is us.
        let waker = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
        let _ = waker.send_to(&[], self.address);
        let _ = TcpStream::connect(self.address);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[derive(Clone)]
struct Zone {
    table: Table,
    asked: Arc<Mutex<Vec<String>>>,
}

fn serve_udp(socket: &UdpSocket, zone: &Zone, leaving: &AtomicBool) {
    let mut packet = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut packet) {
        if leaving.load(Ordering::SeqCst) {
            return;
        }
        if let Some(answer) = zone.answer(&packet[..length]) {
            let _ = socket.send_to(&answer, from);
        }
    }
}

fn serve_tcp(listener: &TcpListener, zone: &Zone, leaving: &AtomicBool) {
    for stream in listener.incoming().flatten() {
        if leaving.load(Ordering::SeqCst) {
            return;
        }
        let zone = zone.clone();
        // Ends with the connection; a test's resolver does not outlive the test.
        std::thread::spawn(move || serve_stream(stream, &zone));
    }
}

fn serve_stream(mut stream: TcpStream, zone: &Zone) -> Option<()> {
    loop {
        let mut length = [0; 2];
        stream.read_exact(&mut length).ok()?;
        let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut query).ok()?;
        let answer = zone.answer(&query)?;
        stream
            .write_all(&u16::try_from(answer.len()).ok()?.to_be_bytes())
            .ok()?;
        stream.write_all(&answer).ok()?;
    }
}

impl Zone {
    /// The answer to a query with one question; `None` for what is not one.
    fn answer(&self, query: &[u8]) -> Option<Vec<u8>> {
        let (name, end) = question(query)?;
        let kind = u16::from_be_bytes([*query.get(end)?, *query.get(end + 1)?]);
        self.asked.lock().unwrap().push(name.clone());
        let table = self.table.lock().unwrap();
        let known = table.iter().any(|(entry, _)| *entry == name);
        let answers: Vec<_> = table
            .iter()
            .filter(|(entry, record)| *entry == name && record.kind() == kind)
            .collect();
        let mut answer = query.get(..2)?.to_vec();
        // A response, authoritative, recursion as if there were any; NXDOMAIN for what is not in the table.
        answer.extend([0x85, if known { 0x80 } else { 0x83 }]);
        answer.extend([0, 1, 0, u8::try_from(answers.len()).ok()?, 0, 0, 0, 0]);
        answer.extend(query.get(12..end + 4)?);
        for (_, record) in answers {
            let data = record.data();
            answer.extend([0xc0, 12]); // the name in the question
            answer.extend(record.kind().to_be_bytes());
            answer.extend([0, 1, 0, 0, 0, 0]); // IN, to be kept for no time at all
            answer.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
            answer.extend(data);
        }
        Some(answer)
    }
}

/// The name in the first question, in lower case, and where it ends.
fn question(query: &[u8]) -> Option<(String, usize)> {
    let mut at = 12;
    let mut labels = Vec::new();
    loop {
        let length = usize::from(*query.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(query.get(at..at + length)?).to_lowercase());
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, kind: u16) -> Vec<u8> {
        let mut query = vec![7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            query.push(u8::try_from(label.len()).unwrap());
            query.extend(label.as_bytes());
        }
        query.extend([0, 0, u8::try_from(kind).unwrap(), 0, 1]);
        query
    }

    #[test]
    fn says_where_a_service_is_and_that_others_do_not_exist() {
        let dns = Dns::start();
        dns.add_server("family.test", 5333, None);
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let ask = |name: &str, kind| {
            socket.send_to(&query(name, kind), dns.address()).unwrap();
            let mut packet = [0; 512];
            let length = socket.recv(&mut packet).unwrap();
            packet[..length].to_vec()
        };
        let found = ask("_XMPP-client._tcp.family.test", 33);
        assert_eq!((found[0], found[1], found[3] & 15, found[7]), (7, 9, 0, 1));
        let port = 5333_u16.to_be_bytes();
        assert!(found.windows(2).any(|pair| pair == port));
        let wrong_kind = ask("xmpp.family.test", 28);
        assert_eq!((wrong_kind[3] & 15, wrong_kind[7]), (0, 0));
        let missing = ask("nowhere.test", 1);
        assert_eq!((missing[3] & 15, missing[7]), (3, 0));
        assert_eq!(dns.asked()[2], "nowhere.test");
    }

    #[test]
    fn answers_over_tcp_too() {
        let dns = Dns::start();
        dns.add("family.test", Record::Address(Ipv4Addr::LOCALHOST.into()));
        let mut stream = TcpStream::connect(dns.address()).unwrap();
        let query = query("family.test", 1);
        stream
            .write_all(&u16::try_from(query.len()).unwrap().to_be_bytes())
            .unwrap();
        stream.write_all(&query).unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut answer).unwrap();
        assert!(answer.ends_with(&[127, 0, 0, 1]));
    }
}
