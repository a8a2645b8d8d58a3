//! What stands behind `grend` on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use tracing::Level;

/// A folder of this name beside the program keeps everything, as if it had been named: it travels along, on a stick say.
const BESIDE: &str = "Grend-data";

/// What `--help` prints.
pub const HELP: &str = "\
Grend, a chat client for families

  grend              opens the window, or raises the one that is open
  grend xmpp:ADDRESS does that and shows the chat with this address
  grend doctor ADDRESS
                     looks at the server of an address, or at a domain, and says what it can and cannot do;
                     see docs/doctor.md
  grend headless     reads requests as JSON lines and writes answers; see docs/headless.md

  --data DIR         keeps everything in this folder: messages, settings, passwords
  --log LEVEL        error, warn, info (usual), debug or trace; the log is grend.log in the folder of the data
  --dns ADDRESS      asks this name server, say 127.0.0.1:5353, in place of the system's
  --hidden           opens no window: Grend waits in the tray, and shows itself when it is started once more
  --help             prints this

  With doctor:
  --password-file F  the first line of this file is the password: then more can be seen; - is standard input
  --ca FILE          trusts this certificate authority (PEM) besides the system's
  --json             writes the findings for programs
";

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Open the window.
    Window,
    /// Serve standard input.
    Headless,
    /// Examine a server.
    Doctor(Examination),
    /// Print the help.
    Help,
}

/// What is to be examined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examination {
    /// An address or a domain.
    pub address: String,
    /// Where the password stands; `-` is standard input.
    pub password_file: Option<PathBuf>,
    /// An extra certificate authority.
    pub ca: Option<PathBuf>,
    /// For programs.
    pub json: bool,
}

/// The command line, understood.
#[derive(Debug, PartialEq, Eq)]
pub struct Args {
    /// What to do.
    pub command: Command,
    /// The folder the user named.
    pub data: Option<PathBuf>,
    /// How much is logged.
    pub log: Level,
    /// A name server.
    pub dns: Option<SocketAddr>,
    /// Open no window until it is asked for.
    pub hidden: bool,
    /// A link to follow: `xmpp:` and what comes behind it.
    pub link: Option<String>,
}

impl Examination {
    /// Takes an option of its own. False: it has no such option.
    fn option(&mut self, word: &str, mut value: impl FnMut(&str) -> Result<String, String>) -> Result<bool, String> {
        match word {
            "--password-file" => self.password_file = Some(value("a file")?.into()),
            "--ca" => self.ca = Some(value("a file")?.into()),
            "--json" => self.json = true,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl Args {
    /// Reads the words. The error is a sentence.
    pub fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self {
            command: Command::Window,
            data: None,
            log: Level::INFO,
            dns: None,
            hidden: false,
            link: None,
        };
        let mut words = words;
        let mut first = true;
        while let Some(word) = words.next() {
            let mut value = |what: &str| words.next().ok_or(format!("{word} needs {what}. Try --help."));
            match word.as_str() {
                "headless" if first => args.command = Command::Headless,
                "doctor" if first => {
                    let address = value("an address")?;
                    args.command = Command::Doctor(Examination {
                        address,
                        ..Examination::default()
                    });
                }
                "--help" | "-h" => args.command = Command::Help,
                "--data" => args.data = Some(value("a folder")?.into()),
                "--log" => {
                    let level = value("a level")?.parse();
                    args.log = level.map_err(|_| "--log does not know this level. Try --help.")?;
                }
                "--dns" => {
                    let address = value("an address")?;
                    args.dns = Some(
                        address
                            .parse()
                            .map_err(|_| format!("{address} is not an address with a port."))?,
                    );
                }
                "--hidden" if args.command == Command::Window => args.hidden = true,
                link if args.command == Command::Window && is_link(link) => args.link = Some(word),
                other => {
                    let known = match &mut args.command {
                        Command::Doctor(examination) => examination.option(other, value)?,
                        _ => false,
                    };
                    if !known {
                        return Err(format!("Grend does not know {word}. Try --help."));
                    }
                }
            }
            first = false;
        }
        Ok(args)
    }

    /// With the folder beside the program, if there is one and the user named none.
    #[must_use]
    pub fn portable(mut self, program: Option<PathBuf>) -> Self {
        let beside = program.and_then(|program| Some(program.parent()?.join(BESIDE)));
        self.data = self.data.or(beside.filter(|folder| folder.is_dir()));
        self
    }

    /// Where the data lives.
    pub fn folder(&self) -> Option<PathBuf> {
        let usual = || directories::ProjectDirs::from("", "", "Grend").map(|dirs| dirs.data_local_dir().to_owned());
        self.data.clone().or_else(usual)
    }
}

/// Whether a word is a link to somebody. RFC 5122; a scheme may be written in capitals.
fn is_link(word: &str) -> bool {
    word.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("xmpp:"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, String> {
        Args::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn commands_and_options_are_told_apart() {
        let args = parse("headless --data /tmp/x --dns 127.0.0.1:53 --log debug").unwrap();
        assert_eq!(args.command, Command::Headless);
        assert_eq!(args.folder(), Some(PathBuf::from("/tmp/x")));
        assert_eq!(args.log, Level::DEBUG);
        assert_eq!(parse("").unwrap().command, Command::Window);
    }

    #[test]
    fn a_folder_beside_the_program_keeps_everything() {
        let stick = std::env::temp_dir().join(format!("grend-stick-{}", std::process::id()));
        let program = Some(stick.join("grend.exe"));
        let folder = |line| parse(line).unwrap().portable(program.clone()).data;
        assert_eq!(folder(""), None);
        std::fs::create_dir_all(stick.join(BESIDE)).unwrap();
        assert_eq!(folder(""), Some(stick.join(BESIDE)));
        assert_eq!(folder("--data /tmp/x"), Some("/tmp/x".into()));
        std::fs::remove_dir_all(stick).unwrap();
    }

    #[test]
    fn a_link_and_hidden_belong_to_the_window() {
        let args = parse("--data /tmp/x xmpp:anna@family.example?message --hidden").unwrap();
        assert_eq!(args.link.as_deref(), Some("xmpp:anna@family.example?message"));
        assert!(args.hidden && args.command == Command::Window);
        assert!(parse("XMPP:anna@family.example").unwrap().link.is_some());
    }

    #[test]
    fn an_examination_has_options_of_its_own() {
        let args = parse("doctor kari@family.example --password-file - --json --dns 127.0.0.1:53").unwrap();
        let expected = Examination {
            address: "kari@family.example".to_owned(),
            password_file: Some("-".into()),
            ca: None,
            json: true,
        };
        assert_eq!(args.command, Command::Doctor(expected));
        assert!(args.dns.is_some());
    }

    #[test]
    fn mistakes_are_answered_in_a_sentence() {
        for line in [
            "--data",
            "--log loud",
            "--dns here",
            "fly",
            "--log debug headless",
            "doctor",
            "--json",
            "doctor a --ca",
            "headless --hidden",
            "headless xmpp:anna@family.example",
            "https://family.example",
        ] {
            assert!(parse(line).unwrap_err().ends_with('.'), "{line}");
        }
    }
}
