//! A web server that answers every request the same way and remembers what it heard: for what a real upload service
//! would not do. RFC 9112, as far as that needs.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::pki::{Pki, Proof};

/// The server. It ends when it is dropped.
pub struct Https {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    leaving: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Https {
    /// Starts one on 127.0.0.1 that says `answer`, head and all, to everybody.
    pub fn start(pki: &Pki, answer: &str) -> Self {
        let files = pki.write_server("https", &["127.0.0.1".to_owned()], Proof::Good);
        let chain = CertificateDer::pem_file_iter(files.0).expect("the certificate is there");
        let chain = chain.collect::<Result<Vec<_>, _>>().expect("the certificate is PEM");
        let key = PrivateKeyDer::from_pem_file(files.1).expect("the key is there");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows TLS")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("key and certificate belong together");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let (heard, leaving) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(AtomicBool::new(false)));
        let thread = thread::spawn({
            let (heard, leaving, answer) = (Arc::clone(&heard), Arc::clone(&leaving), answer.to_owned());
            let config = Arc::new(config);
            move || {
                for tcp in listener.incoming().flatten() {
                    if leaving.load(Ordering::SeqCst) {
                        return;
                    }
                    // A client that leaves in the middle is its own affair.
                    let _ = serve(tcp, &config, &heard, &answer);
                }
            }
        });
        Self {
            port,
            heard,
            leaving,
            thread: Some(thread),
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The requests so far, head and body.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

impl Drop for Https {
    fn drop(&mut self) {
        self.leaving.store(true, Ordering::SeqCst);
        // The thread waits for somebody: it is us.
        let _ = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(tcp: TcpStream, config: &Arc<ServerConfig>, heard: &Mutex<Vec<String>>, answer: &str) -> std::io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, tcp);
    let mut request = Vec::new();
    let mut bytes = [0; 4096];
    while !is_whole(&String::from_utf8_lossy(&request)) {
        let count = stream.read(&mut bytes)?;
        if count == 0 {
            return Ok(());
        }
        request.extend(&bytes[..count]);
    }
    heard
        .lock()
        .unwrap()
        .push(String::from_utf8_lossy(&request).into_owned());
    stream.write_all(answer.as_bytes())?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse().ok())
            .flatten()
    });
    body.len() >= length.unwrap_or(0)
}
