//! HTTPS over the same names, connections and TLS as chats (RFC 9110, RFC 9112).
//!
//! Nothing but https, no redirects, no cookies, no compression: whoever answers is whom the certificate names, and gets
//! what was given here. Bodies stream both ways. An answer that nobody wants any more is dropped, and its connection
//! with it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use http_body_util::BodyExt as _;
pub(crate) use hyper::Uri as Address;
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderValue, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::error::{Cause, Network};
use crate::session::connector::{named, race, within};
use crate::session::dns::Dns;
use crate::session::tls::Tls;
use crate::session::wire::Wire;

/// For one step on the way to the server.
const STEP: Duration = Duration::from_secs(5);
/// What the head of an answer may weigh, in bytes.
const MAX_HEAD: usize = 16 * 1024;
const HTTPS: u16 = 443;

/// Whom to trust and whom to ask for names.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    /// An extra certificate authority (PEM file).
    pub(crate) ca: Option<PathBuf>,
    /// A name server in place of the system's.
    pub(crate) dns: Option<SocketAddr>,
}

/// The host and port that an address names. `None` if it is not https, or names a user.
pub(crate) fn place(uri: &Address) -> Option<(&str, u16)> {
    let authority = uri.authority()?;
    let plain = !authority.as_str().contains('@') && !authority.host().is_empty();
    (uri.scheme_str() == Some("https") && plain).then(|| (authority.host(), authority.port_u16().unwrap_or(HTTPS)))
}

/// Sends a request with a whole address. The answer's body is still coming; `body` reads it within a limit.
pub(crate) async fn send<B>(way: &Way, mut request: Request<B>) -> Result<Response<Incoming>, Cause>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let uri = request.uri().clone();
    let (Some((host, port)), Some(authority)) = (place(&uri), uri.authority()) else {
        return Err(Network::UnknownHost.into());
    };
    let addresses = named(Dns::new(way.dns).addresses(host, port)).await?;
    let tls = Tls::new(host, way.ca.as_deref())?;
    let tcp = within(STEP, race(addresses)).await?;
    let tcp = Wire::new(tcp).map_err(|_| Network::Lost)?;
    let encrypted = within(STEP, tls.handshake_for(tcp, Some(b"http/1.1"))).await?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(encrypted))
        .await
        .map_err(|_| Network::Lost)?;
    // It ends when the answer is read or dropped; what went wrong is told to whoever waits for the answer.
    tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().map_err(|_| Network::UnknownHost)?;
    let headers = request.headers_mut();
    if let Ok(authority) = HeaderValue::from_str(authority.as_str()) {
        headers.insert(HOST, authority);
    }
    headers.insert(USER_AGENT, HeaderValue::from_static("Grend"));
    sender.send_request(request).await.map_err(|_| Network::Lost.into())
}

/// The whole body of an answer; `None` if it is longer than `most` bytes.
pub(crate) async fn body(response: Response<Incoming>, most: usize) -> Result<Option<Vec<u8>>, Cause> {
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Network::Lost)?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if bytes.len() + data.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(data);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(uri: &str) -> Option<(String, u16)> {
        let uri: Address = uri.parse().ok()?;
        place(&uri).map(|(host, port)| (host.to_owned(), port))
    }

    #[test]
    fn only_https_without_a_user_is_a_place() {
        let files = |port| Some(("files.family.example".to_owned(), port));
        assert_eq!(placed("https://files.family.example/a?b"), files(443));
        assert_eq!(placed("https://files.family.example:5443/a"), files(5443));
        for other in [
            "http://files.family.example/a",
            "https://anna:x@files.family.example/",
            "/a",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(placed(other), None, "{other}");
        }
    }
}
