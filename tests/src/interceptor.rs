//! Somebody between a client and its server who has a certificate for the domain, signed by an authority that the client
//! trusts, as those had who listened to jabber.ru for months in 2023. Ends TLS on both sides, hears everything, and may
//! change what the server says.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::fake::acceptor;
use crate::server::Server;

/// How what a server says is changed.
pub type Edit = fn(&str) -> String;

/// The listener in between. It ends, and its connections with it, when it is dropped.
pub struct Interceptor {
    port: u16,
    shared: Shared,
    _running: oneshot::Sender<()>,
}

type Shared = Arc<Mutex<State>>;

#[derive(Default)]
struct State {
    edit: Option<Edit>,
    heard: String,
}

/// Both ends of TLS.
#[derive(Clone)]
struct Tls {
    acceptor: TlsAcceptor,
    connector: TlsConnector,
    domain: ServerName<'static>,
}

impl Interceptor {
    /// Stands before the server's port for direct TLS.
    pub fn before(server: &Server) -> Self {
        let (chain, key) = server.another_certificate();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring knows TLS")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Careless))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"xmpp-client".to_vec()];
        let domain = ServerName::try_from(server.domain().to_owned()).expect("a domain is a name");
        let tls = Tls {
            acceptor: acceptor(&chain, &key),
            connector: TlsConnector::from(Arc::new(config)),
            domain,
        };
        Self::start(server.tls_port(), Some(tls))
    }

    /// Stands before the port where TLS is asked for in the clear, and has no certificate.
    pub fn in_the_clear(server: &Server) -> Self {
        Self::start(server.port(), None)
    }

    fn start(to: u16, tls: Option<Tls>) -> Self {
        let shared = Shared::default();
        let (running, stopped) = oneshot::channel::<()>();
        let (told, port) = std::sync::mpsc::channel();
        let mine = Arc::clone(&shared);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime can be made").block_on(async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
                let _ = told.send(listener.local_addr().expect("a bound socket has an address").port());
                tokio::select! {
                    () = accept(listener, to, tls, mine) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            port: port.recv().expect("it listens"),
            shared,
            _running: running,
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes what the server says from now on.
    pub fn edit(&self, edit: Edit) {
        lock(&self.shared).edit = Some(edit);
    }

    /// What clients said.
    pub fn heard(&self) -> String {
        lock(&self.shared).heard.clone()
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().expect("no thread panics with the lock")
}

async fn accept(listener: TcpListener, to: u16, tls: Option<Tls>, shared: Shared) {
    while let Ok((client, _)) = listener.accept().await {
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        // A connection that breaks off concerns nobody but the client.
        tokio::spawn(async move { pass(client, to, tls, &shared).await });
    }
}

async fn pass(client: TcpStream, to: u16, tls: Option<Tls>, shared: &Shared) -> std::io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await?;
    if let Some(tls) = tls {
        let client = tls.acceptor.accept(client).await?;
        let server = tls.connector.connect(tls.domain, server).await?;
        pump(client, server, shared).await
    } else {
        pump(client, server, shared).await
    }
}

async fn pump<C, S>(client: C, server: S, shared: &Shared) -> std::io::Result<()>
where
    C: AsyncRead + AsyncWrite,
    S: AsyncRead + AsyncWrite,
{
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) = (split(client), split(server));
    let out = async {
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let count = from_client.read(&mut bytes).await?;
            if count == 0 {
                return to_server.shutdown().await;
            }
            lock(shared).heard += &String::from_utf8_lossy(&bytes[..count]);
            to_server.write_all(&bytes[..count]).await?;
            to_server.flush().await?;
        }
    };
    let back = async {
        let mut bytes = vec![0; 16 * 1024];
        loop {
            let count = from_server.read(&mut bytes).await?;
            if count == 0 {
                return to_client.shutdown().await;
            }
            let edit = lock(shared).edit;
            let said = match (edit, std::str::from_utf8(&bytes[..count])) {
                (Some(edit), Ok(text)) => edit(text).into_bytes(),
                _ => bytes[..count].to_vec(),
            };
            to_client.write_all(&said).await?;
            to_client.flush().await?;
        }
    };
    tokio::select! {
        ended = out => ended,
        ended = back => ended,
    }
}

/// Asks nobody who the server is: it knows.
#[derive(Debug)]
struct Careless;

impl ServerCertVerifier for Careless {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
