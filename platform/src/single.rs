//! One Grend for each folder: whoever starts another raises the first and hands it the link to follow.
//!
//! That the folder is taken is known for certain, by the lock that core holds on it. The one who holds it opens a *door*: a
//! port of this machine alone, named with a secret in a file that only its owner can read. So other users cannot come in, a
//! file left by a crash leads nowhere, and all systems work alike (a Unix socket would be simpler, but its path may not be
//! long, and Windows has none).

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use grend_app::host::Wish;
use grend_core::{Cause, Core, Storage};

use crate::files::write_private;
use crate::wishes::Wishes;

/// Whoever comes says all they have to say in this time.
const TALK: Duration = Duration::from_secs(2);
/// So long we wait for a Grend that is just beginning or just ending.
const WAIT: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// A longer link leads nowhere.
const LONGEST: usize = 8192;
/// All that somebody says.
const ALL: u64 = 2 * LONGEST as u64;
const TAKEN: &[u8] = b"taken\n";

/// Opens the folder, or hands the wish to the Grend that has it: then there is nothing to do here.
pub fn open_or_hand_over(folder: &Path, wish: Option<&Wish>, open: impl Fn() -> Result<Core, Cause>) -> Opened {
    let deadline = Instant::now() + WAIT;
    loop {
        let core = open();
        if !matches!(core, Err(Cause::Storage(Storage::Running))) {
            return Opened::Here(core);
        }
        // It answers, or it is `grend headless`, which has no door, or it has just begun or ended.
        if knock(&folder.join("door"), wish).is_ok() {
            return Opened::There;
        }
        if Instant::now() > deadline {
            return Opened::Here(core);
        }
        thread::sleep(LOOK_AGAIN);
    }
}

/// Where the folder is open now.
pub enum Opened {
    /// In this process, or the reason why it is not.
    Here(Result<Core, Cause>),
    /// In another one, which was told.
    There,
}

/// Where others come in.
pub struct Door {
    file: PathBuf,
    closed: Arc<AtomicBool>,
}

impl Door {
    /// Opens it; the thread behind it sleeps until somebody comes.
    pub fn open(folder: &Path, wishes: Wishes) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut secret = [0; 16];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        let secret = format!("{:032x}", u128::from_be_bytes(secret));
        let file = folder.join("door");
        let closed = Arc::new(AtomicBool::new(false));
        write_private(
            &file,
            format!("{} {secret}\n", listener.local_addr()?.port()).as_bytes(),
        )?;
        let shut = Arc::clone(&closed);
        thread::Builder::new().name("door".to_owned()).spawn(move || {
            for guest in listener.incoming() {
                if shut.load(Ordering::Relaxed) {
                    return;
                }
                if let Err(error) = guest.and_then(|guest| receive(guest, &secret, &wishes)) {
                    tracing::info!(%error, "somebody at the door");
                }
            }
        })?;
        Ok(Self { file, closed })
    }

    /// Lets nobody in any more: who comes now opens the folder, once it is free.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        // It may be gone already: then nobody finds it either.
        let _ = fs::remove_file(&self.file);
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.close();
    }
}

/// Hears what somebody wishes: the secret, and on the next line `show`, nothing, or a link.
fn receive(guest: TcpStream, secret: &str, wishes: &Wishes) -> io::Result<()> {
    guest.set_read_timeout(Some(TALK))?;
    guest.set_write_timeout(Some(TALK))?;
    let mut words = BufReader::new((&guest).take(ALL));
    let mut line = || {
        let mut line = String::new();
        words.read_line(&mut line)?;
        // Half a line is not what was meant.
        let whole = line.strip_suffix('\n').map(str::to_owned);
        whole.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))
    };
    if line()? != secret {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let taken = match line()?.as_str() {
        "" => true,
        "show" => wishes.tell(Wish::Show),
        link => wishes.tell(Wish::Link(link.to_owned())),
    };
    if taken { (&guest).write_all(TAKEN) } else { Ok(()) }
}

/// Tells the Grend behind a door what is wished; without a wish, only asks whether it is there.
fn knock(door: &Path, wish: Option<&Wish>) -> io::Result<()> {
    let text = fs::read_to_string(door)?;
    let nonsense = || io::Error::from(io::ErrorKind::InvalidData);
    let (port, secret) = text.trim().split_once(' ').ok_or_else(nonsense)?;
    let port = port.parse().map_err(|_| nonsense())?;
    let wish = match wish {
        None => "",
        Some(Wish::Link(link)) if link.len() <= LONGEST && !link.contains('\n') => link,
        Some(_) => "show",
    };
    let mut door = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), TALK)?;
    door.set_read_timeout(Some(TALK))?;
    door.set_write_timeout(Some(TALK))?;
    door.write_all(format!("{secret}\n{wish}\n").as_bytes())?;
    let mut answer = [0; TAKEN.len()];
    door.read_exact(&mut answer)?;
    if answer == TAKEN { Ok(()) } else { Err(nonsense()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("grend-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn who_has_the_key_is_heard_and_nobody_else() {
        let folder = folder("door");
        let (wishes, mut wished) = Wishes::new();
        let door = Door::open(&folder, wishes).unwrap();
        let file = folder.join("door");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let text = fs::read_to_string(&file).unwrap();
        let (port, secret) = text.trim().split_once(' ').unwrap();
        let wrong = folder.join("wrong");
        fs::write(&wrong, format!("{port} {}", secret.replace(char::is_numeric, "f"))).unwrap();
        assert!(knock(&wrong, Some(&Wish::Quit)).is_err());
        for nonsense in ["", "x y", "70000 a", port] {
            fs::write(&wrong, nonsense).unwrap();
            assert!(knock(&wrong, None).is_err(), "{nonsense:?}");
        }
        // Somebody who says nothing, or too much, does not keep others out.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().unwrap())).unwrap());
        let mut talker = TcpStream::connect((Ipv4Addr::LOCALHOST, port.parse().unwrap())).unwrap();
        // How much of it is taken before the door closes is not for us to say.
        let _ = talker.write_all(format!("{secret}\nxmpp:{}\n", "a".repeat(100_000)).as_bytes());
        knock(&file, None).unwrap();
        knock(&file, Some(&Wish::Show)).unwrap();
        knock(&file, Some(&Wish::Link("xmpp:a@b".to_owned()))).unwrap();
        door.close();
        assert!(knock(&file, Some(&Wish::Show)).is_err());
        fs::write(&file, text).unwrap();
        assert!(
            knock(&file, Some(&Wish::Show)).is_err(),
            "what a crash leaves leads nowhere"
        );
        drop(door);
        let heard = std::iter::from_fn(|| wished.try_recv().ok());
        let link = Wish::Link("xmpp:a@b".to_owned());
        assert_eq!(heard.collect::<Vec<_>>(), [Wish::Show, link]);
        fs::remove_dir_all(folder).unwrap();
    }
}
