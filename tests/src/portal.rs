//! A desktop that says whether it is light or dark: a private session bus, and on it the one setting that windows read.
//!
//! Windows learn it as they do on a real desktop, over D-Bus from `org.freedesktop.portal.Settings`; nothing in Grend
//! knows of tests.

#![allow(missing_docs)] // zbus writes a trait for the signal, without a word

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use zbus::blocking::{Connection, connection};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::Value;
use zbus::{fdo, interface};

use crate::bus::Bus;

const APPEARANCE: &str = "org.freedesktop.appearance";
const SCHEME: &str = "color-scheme";
const PATH: &str = "/org/freedesktop/portal/desktop";

/// A bus with the setting.
pub struct Portal {
    connection: Connection,
    dark: Arc<AtomicBool>,
    bus: Bus,
}

impl Portal {
    /// Starts the bus and says "light" there.
    pub fn start() -> Self {
        let bus = Bus::start();
        let dark = Arc::new(AtomicBool::new(false));
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
            .and_then(connection::Builder::build)
            .expect("the bus is there");
        Self { connection, dark, bus }
    }

    /// The address of the bus.
    pub fn address(&self) -> &str {
        self.bus.address()
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
