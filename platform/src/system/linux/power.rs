//! Whether the computer saves power and whether the network costs by use: power-profiles-daemon and `NetworkManager` on the
//! system's bus, if they run. None of them is started for it.

use std::time::Duration;

use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, Proxy};
use zbus::proxy::MethodFlags;
use zbus::zvariant::OwnedValue;

/// Who does not answer in this time does not know.
const PATIENCE: Duration = Duration::from_secs(2);

/// The daemon's old name, by which all its versions are found.
const PROFILES: [&str; 3] = ["net.hadess.PowerProfiles", "/net/hadess/PowerProfiles", "ActiveProfile"];
const NETWORK: [&str; 3] = [
    "org.freedesktop.NetworkManager",
    "/org/freedesktop/NetworkManager",
    "Metered",
];

/// Whether the computer saves power.
pub fn is_saved() -> Option<bool> {
    saves(&bus()?)
}

/// Whether the network costs by use.
pub fn is_metered() -> Option<bool> {
    costs(&bus()?)
}

fn bus() -> Option<Connection> {
    Builder::system().ok()?.method_timeout(PATIENCE).build().ok()
}

fn saves(bus: &Connection) -> Option<bool> {
    let profile: String = property(bus, PROFILES)?.try_into().ok()?;
    Some(profile == "power-saver")
}

/// `NMMetered`: 0 unknown, 1 yes, 2 no, 3 probably, 4 probably not.
fn costs(bus: &Connection) -> Option<bool> {
    match property(bus, NETWORK)?.try_into().ok()? {
        1_u32 | 3 => Some(true),
        2 | 4 => Some(false),
        _ => None,
    }
}

/// The interface has the name of who offers it.
fn property(bus: &Connection, [name, path, property]: [&str; 3]) -> Option<OwnedValue> {
    let proxy = Proxy::new(bus, name, path, "org.freedesktop.DBus.Properties").ok()?;
    let answer = proxy.call_with_flags("Get", MethodFlags::NoAutoStart.into(), &(name, property));
    answer.ok().flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};

    use zbus::interface;

    use super::*;

    struct Profiles(&'static str);

    #[interface(name = "net.hadess.PowerProfiles")]
    impl Profiles {
        #[zbus(property)]
        fn active_profile(&self) -> &str {
            self.0
        }
    }

    struct Network(u32);

    #[interface(name = "org.freedesktop.NetworkManager")]
    impl Network {
        #[zbus(property)]
        fn metered(&self) -> u32 {
            self.0
        }
    }

    /// A bus of its own.
    struct Bus(Child, String);

    impl Bus {
        fn start() -> Self {
            let mut daemon = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address=1"])
                .stdout(Stdio::piped())
                .spawn()
                .expect("the test needs dbus-daemon");
            let mut address = String::new();
            let said = daemon.stdout.as_mut().unwrap();
            BufReader::new(said).read_line(&mut address).unwrap();
            Self(daemon, address.trim().to_owned())
        }

        fn join(&self) -> Builder<'_> {
            Builder::address(self.1.as_str()).unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            self.0.kill().unwrap();
            self.0.wait().unwrap();
        }
    }

    #[test]
    fn what_the_daemons_say_is_understood_and_who_is_not_there_says_nothing() {
        let bus = Bus::start();
        let ours = bus.join().build().unwrap();
        assert_eq!((saves(&ours), costs(&ours)), (None, None));
        for (profile, metered, saved, costly) in [
            ("power-saver", 1, true, Some(true)),
            ("balanced", 4, false, Some(false)),
            ("performance", 0, false, None),
        ] {
            let daemons = bus.join().name(PROFILES[0]).unwrap().name(NETWORK[0]).unwrap();
            let daemons = daemons.serve_at(PROFILES[1], Profiles(profile)).unwrap();
            let daemons = daemons.serve_at(NETWORK[1], Network(metered)).unwrap().build().unwrap();
            assert_eq!((saves(&ours), costs(&ours)), (Some(saved), costly), "{profile}");
            daemons.close().unwrap();
        }
    }
}
