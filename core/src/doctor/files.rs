//! A tiny file put on the server and read back (XEP-0363): that the service is announced says nothing about its port, its
//! certificate, its disk.
//!
//! An upload cannot be taken back, so the file says what it is.

use std::time::{Duration, Instant};

use http_body_util::{Empty, Full};
use hyper::Request;
use hyper::body::Bytes;
use minidom::Element;
use tokio::time::timeout;

use super::questions::Answer;
use super::services::{Info, words};
use super::{Fact, Notes, Says};
use crate::error::{Cause, Network};
use crate::http::{self, Address, Way};
use crate::protocol::upload::{self, Slot};
use crate::session::end::quote;

/// For putting it there and reading it back, each.
const TIME: Duration = Duration::from_secs(4);
const NAME: &str = "grend-doctor.txt";
const TEXT: &str = "Grend tried out whether files can be sent through this server. This file may be deleted.\n";
/// A film of a minute.
const SMALL: u64 = 20 * 1024 * 1024;
const MEGABYTE: u64 = 1024 * 1024;

/// Asks for the place.
pub(super) fn request() -> Element {
    upload::request(NAME, TEXT.len(), "text/plain")
}

/// Tells whether the largest file is a small one.
pub(super) fn size(info: &Info, notes: &Notes) {
    let largest = info.query.as_ref().and_then(upload::largest);
    if let Some(largest) = largest.filter(|largest| *largest < SMALL) {
        let megabytes = i64::try_from(largest / MEGABYTE).unwrap_or(i64::MAX);
        notes.tell(Says::UploadSmall, [("megabytes", Fact::Number(megabytes))]);
    }
}

/// Puts the file where the answer says, and reads it back.
pub(super) async fn try_out(answer: Answer, way: &Way, notes: &Notes) {
    let slot = match &answer {
        Answer::Refused(condition) => return notes.tell(Says::UploadNoSlot, [("reason", words(condition))]),
        Answer::None => return notes.tell(Says::UploadNoSlot, [("reason", words("no-answer"))]),
        Answer::Result(answer) => upload::slot(answer),
    };
    let Some(Slot { put, headers, get }) = slot else {
        return notes.say(Says::UploadBadSlot);
    };
    let begun = Instant::now();
    let sent = timeout(TIME, send(&put, headers, way)).await;
    match sent.unwrap_or_else(|_| Err(Network::Silent.into())) {
        Ok(200..=299) => {}
        Ok(status) => {
            let mut facts = place(&put);
            facts.push(("status", Fact::Text(status.to_string())));
            return notes.tell(Says::UploadRefused, facts);
        }
        Err(cause) => {
            let says = match cause {
                Cause::Certificate(_) => Says::UploadCertificate,
                _ => Says::UploadUnreachable,
            };
            let mut facts = place(&put);
            facts.push(("cause", Fact::Cause(cause)));
            return notes.tell(says, facts);
        }
    }
    let read = timeout(TIME, read(&get, way)).await;
    if let Ok(Ok(true)) = read {
        let took = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let mut facts = place(&put);
        facts.push(("ms", Fact::Number(took)));
        notes.tell(Says::UploadGood, facts);
    } else {
        notes.tell(Says::UploadUnreadable, place(&get));
    }
}

async fn send(put: &Address, headers: Vec<(&'static str, String)>, way: &Way) -> Result<u16, Cause> {
    let mut request = Request::put(put).header("content-type", "text/plain");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from_static(TEXT.as_bytes())));
    let request = request.map_err(|_| Network::UnknownHost)?;
    Ok(http::send(way, request).await?.status().as_u16())
}

/// Whether what is there now is what was put there.
async fn read(get: &Address, way: &Way) -> Result<bool, Cause> {
    let request = Request::get(get).body(Empty::<Bytes>::new());
    let response = http::send(way, request.map_err(|_| Network::UnknownHost)?).await?;
    let found = response.status().is_success();
    let body = http::body(response, TEXT.len()).await?;
    Ok(found && body.as_deref() == Some(TEXT.as_bytes()))
}

fn place(uri: &Address) -> Vec<(&'static str, Fact)> {
    let (host, port) = http::place(uri).unwrap_or_default();
    let host = quote(host).unwrap_or_default();
    vec![("host", Fact::Text(host)), ("port", Fact::Text(port.to_string()))]
}
