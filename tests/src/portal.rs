//! A desktop that says whether it is light or dark, and whose user chooses files: a private session bus, and on it the one
//! setting that windows read, and the window for choosing.
//!
//! Programs learn it as they do on a real desktop, over D-Bus from `org.freedesktop.portal.Settings` and `FileChooser`; nothing
//! in Grend knows of tests.

// zbus writes a trait for the signal, without a word, and names what we do not use.
#![allow(missing_docs, clippy::used_underscore_binding)]

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use zbus::blocking::{Connection, connection};
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{fdo, interface};

use crate::bus::Bus;

const APPEARANCE: &str = "org.freedesktop.appearance";
const SCHEME: &str = "color-scheme";
const PATH: &str = "/org/freedesktop/portal/desktop";

/// A bus with the setting.
pub struct Portal {
    connection: Connection,
    dark: Arc<AtomicBool>,
    chosen: Arc<Mutex<Option<String>>>,
    bus: Bus,
}

impl Portal {
    /// Starts the bus and says "light" there.
    pub fn start() -> Self {
        let bus = Bus::start();
        let dark = Arc::new(AtomicBool::new(false));
        let chosen = Arc::default();
        let connection = connection::Builder::address(bus.address())
            .and_then(|builder| builder.name("org.freedesktop.portal.Desktop"))
            .and_then(|builder| {
                builder.serve_at(
                    PATH,
                    Settings {
                        dark: Arc::clone(&dark),
                    },
                )
            })
            .and_then(|builder| builder.serve_at(PATH, Files(Arc::clone(&chosen))))
            .and_then(connection::Builder::build)
            .expect("the bus is there");
        Self {
            connection,
            dark,
            chosen,
            bus,
        }
    }

    /// The address of the bus.
    pub fn address(&self) -> &str {
        self.bus.address()
    }

    /// Whoever asks for a file gets this one, or is told that the user would not.
    pub fn choose(&self, file: Option<&Path>) {
        let address = file.map(|file| format!("file://{}", file.display().to_string().replace(' ', "%20")));
        *self.chosen.lock().expect("nobody panics with it") = address;
    }

    /// Evening comes, or morning.
    pub fn set_dark(&self, dark: bool) {
        self.dark.store(dark, Ordering::Relaxed);
        let settings = self.connection.object_server().interface::<_, Settings>(PATH);
        let settings = settings.expect("the setting is there");
        zbus::block_on(
            settings
                .signal_emitter()
                .setting_changed(APPEARANCE, SCHEME, scheme(dark)),
        )
        .expect("the bus is there");
    }
}

/// 1 is dark, 2 is light.
fn scheme(dark: bool) -> Value<'static> {
    Value::U32(if dark { 1 } else { 2 })
}

struct Settings {
    dark: Arc<AtomicBool>,
}

#[interface(name = "org.freedesktop.portal.Settings")]
impl Settings {
    /// As the portal does it: a variant within the variant.
    fn read(&self, namespace: &str, key: &str) -> fdo::Result<Value<'static>> {
        Ok(Value::Value(Box::new(self.read_one(namespace, key)?)))
    }

    fn read_one(&self, namespace: &str, key: &str) -> fdo::Result<Value<'static>> {
        if (namespace, key) == (APPEARANCE, SCHEME) {
            Ok(scheme(self.dark.load(Ordering::Relaxed)))
        } else {
            Err(fdo::Error::Failed("this desktop has no such setting".to_owned()))
        }
    }

    /// The other name of the change.
    #[zbus(signal)]
    async fn setting_changed(
        emitter: &SignalEmitter<'_>,
        namespace: &str,
        key: &str,
        value: Value<'_>,
    ) -> zbus::Result<()>;
}

/// The window for choosing files: its user has decided already.
struct Files(Arc<Mutex<Option<String>>>);

#[interface(name = "org.freedesktop.portal.FileChooser")]
impl Files {
    async fn open_file(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        _parent: &str,
        _title: &str,
        options: HashMap<String, OwnedValue>,
    ) -> fdo::Result<OwnedObjectPath> {
        let asks = header.sender().expect("a bus names who asks").to_owned();
        let token = options
            .get("handle_token")
            .and_then(|token| <&str>::try_from(token).ok());
        let us = asks.trim_start_matches(':').replace('.', "_");
        let question = format!("{PATH}/request/{us}/{}", token.unwrap_or("t"));
        let chosen = self.0.lock().expect("nobody panics with it").clone();
        // 1: the user would not.
        let code = u32::from(chosen.is_none());
        let found: HashMap<&str, Value<'_>> = chosen.map(|uri| ("uris", Value::from(vec![uri]))).into_iter().collect();
        let to = Some(zbus::names::BusName::from(asks));
        let interface = "org.freedesktop.portal.Request";
        bus.emit_signal(to, question.as_str(), interface, "Response", &(code, found))
            .await?;
        OwnedObjectPath::try_from(question).map_err(|error| fdo::Error::Failed(error.to_string()))
    }
}
