//! The desktop's own window for choosing a picture: the portal, which asks the user what a program may read.
//! org.freedesktop.portal.FileChooser, org.freedesktop.portal.Request.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::StreamExt as _;
use percent_encoding::percent_decode_str;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy};

const PORTAL: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const FILES: &str = "org.freedesktop.portal.FileChooser";
const REQUEST: &str = "org.freedesktop.portal.Request";
/// What the portal answers when the user has chosen.
const CHOSEN: u32 = 0;
/// A filter goes by the kind of a file.
const BY_KIND: u32 = 1;

/// Lets the user choose one; `None` if they would not. Waits for them. An error: the desktop has no such window.
pub fn choose(title: &str) -> io::Result<Option<PathBuf>> {
    let chosen = zbus::block_on(ask(title)).map_err(io::Error::other)?;
    Ok(chosen.as_deref().and_then(path))
}

/// The address of what was chosen.
async fn ask(title: &str) -> zbus::Result<Option<String>> {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let bus = Connection::session().await?;
    let us = bus
        .unique_name()
        .map(|name| name.trim_start_matches(':').replace('.', "_"));
    let token = format!("grend_{}", ASKED.fetch_add(1, Ordering::Relaxed));
    // Listened to before it is asked: the answer may come before the name of the question.
    let question = format!("{PATH}/request/{}/{token}", us.unwrap_or_default());
    let question = Proxy::new(&bus, PORTAL, question, REQUEST).await?;
    let mut answers = question.receive_signal("Response").await?;
    let pictures = vec![("PNG, JPEG", vec![(BY_KIND, "image/png"), (BY_KIND, "image/jpeg")])];
    let options = HashMap::from([("handle_token", Value::from(token)), ("filters", Value::from(pictures))]);
    let files = Proxy::new(&bus, PORTAL, PATH, FILES).await?;
    let _: OwnedObjectPath = files.call("OpenFile", &("", title, options)).await?;
    let Some(answer) = answers.next().await else {
        return Ok(None);
    };
    let body = answer.body();
    let (code, mut found): (u32, HashMap<String, OwnedValue>) = body.deserialize()?;
    let uris = found.remove("uris").filter(|_| code == CHOSEN);
    let uris = uris.and_then(|uris| Vec::<String>::try_from(uris).ok());
    Ok(uris.and_then(|uris| uris.into_iter().next()))
}

/// The place of a file from its address. RFC 8089.
fn path(uri: &str) -> Option<PathBuf> {
    let path = uri.strip_prefix("file://")?;
    let path = path.get(path.find('/')?..)?;
    Some(OsString::from_vec(percent_decode_str(path).collect()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_becomes_a_place() {
        let place = |uri| path(uri).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(
            place("file:///home/anna/et%20bilde.png").as_deref(),
            Some("/home/anna/et bilde.png")
        );
        assert_eq!(place("file://localhost/k%C3%A5re.jpg").as_deref(), Some("/kåre.jpg"));
        for none in ["", "file://", "https://a.example/b.png", "/home/anna/b.png"] {
            assert_eq!(place(none), None, "{none}");
        }
    }
}
