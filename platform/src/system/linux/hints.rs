//! When the network changed or the computer woke up: `NetworkManager` and systemd's login1, on the system's bus, if there.
//!
//! Without them connections still find out by themselves, only later.

use std::thread;

use futures::stream::{Stream, StreamExt as _, select};
use grend_core::Core;
use zbus::message::Message;
use zbus::zvariant::Value;
use zbus::{Connection, Proxy};

const NETWORK: &str = "org.freedesktop.NetworkManager";
const LOGIN: &str = "org.freedesktop.login1";

/// Tells core. The thread sleeps until one of the two says something.
pub fn start(core: Core) {
    let started = thread::Builder::new().name("hints".to_owned()).spawn(move || {
        if let Err(error) = zbus::block_on(listen(&core)) {
            tracing::info!(%error, "nobody tells of the network");
        }
    });
    if let Err(error) = started {
        tracing::warn!(%error, "nobody tells of the network");
    }
}

async fn listen(core: &Core) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    let network = signals(
        &bus,
        (NETWORK, "/org/freedesktop/NetworkManager"),
        ("org.freedesktop.DBus.Properties", "PropertiesChanged"),
    );
    let sleep = signals(
        &bus,
        (LOGIN, "/org/freedesktop/login1"),
        ("org.freedesktop.login1.Manager", "PrepareForSleep"),
    );
    let changed = network
        .await?
        .filter(|signal| std::future::ready(is_other_network(signal)));
    let woke = sleep
        .await?
        .filter(|signal| std::future::ready(is_end_of_sleep(signal)));
    let mut hints = select(changed, woke);
    while hints.next().await.is_some() {
        tracing::debug!("the network changed, or the computer woke up");
        core.network_changed();
    }
    Ok(())
}

/// The signals of one kind from whoever has that name now, and from nobody else.
async fn signals(
    bus: &Connection,
    (name, path): (&'static str, &'static str),
    (interface, signal): (&'static str, &'static str),
) -> zbus::Result<impl Stream<Item = Message> + Unpin + use<>> {
    let proxy = Proxy::new(bus, name, path, interface).await?;
    proxy.receive_signal(signal).await
}

/// Another network is the one that is used, or there is one again.
fn is_other_network(signal: &Message) -> bool {
    let body = signal.body();
    let Ok((interface, changed, _)) =
        body.deserialize::<(&str, std::collections::HashMap<&str, Value<'_>>, Vec<&str>)>()
    else {
        return false;
    };
    interface == NETWORK
        && ["PrimaryConnection", "State"]
            .iter()
            .any(|key| changed.contains_key(key))
}

/// It is said before sleeping, too.
fn is_end_of_sleep(signal: &Message) -> bool {
    signal.body().deserialize::<bool>().is_ok_and(|begins| !begins)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn signal(body: &(impl serde::Serialize + zbus::zvariant::DynamicType)) -> Message {
        Message::signal("/", "a.b", "C").unwrap().build(body).unwrap()
    }

    #[test]
    fn only_waking_up_and_another_network_count() {
        assert!(is_end_of_sleep(&signal(&false)));
        assert!(!is_end_of_sleep(&signal(&true)));
        let changed = |interface, key| {
            let changed = HashMap::from([(key, Value::U32(1))]);
            is_other_network(&signal(&(interface, changed, Vec::<&str>::new())))
        };
        assert!(changed(NETWORK, "State"));
        assert!(changed(NETWORK, "PrimaryConnection"));
        assert!(!changed(NETWORK, "Devices"));
        assert!(!changed("org.example", "State"));
        assert!(!is_other_network(&signal(&7_u32)));
    }
}
