//! What stands behind `grend` on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use tracing::Level;

/// What `--help` prints.
pub const HELP: &str = "\
Grend, a chat client for families

  grend              opens the window
  grend headless     reads requests as JSON lines and writes answers; see docs/headless.md

  --data DIR         keeps everything in this folder: messages, settings, passwords
  --log LEVEL        error, warn, info (usual), debug or trace; the log is grend.log in the folder of the data
  --dns ADDRESS      asks this name server, say 127.0.0.1:5353, in place of the system's
  --help             prints this
";

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Open the window.
    Window,
    /// Serve standard input.
    Headless,
    /// Print the help.
    Help,
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
}

impl Args {
    /// Reads the words. The error is a sentence.
    pub fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self {
            command: Command::Window,
            data: None,
            log: Level::INFO,
            dns: None,
        };
        let mut words = words;
        let mut first = true;
        while let Some(word) = words.next() {
            let mut value = |what: &str| words.next().ok_or(format!("{word} needs {what}. Try --help."));
            match word.as_str() {
                "headless" if first => args.command = Command::Headless,
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
                _ => return Err(format!("Grend does not know {word}. Try --help.")),
            }
            first = false;
        }
        Ok(args)
    }

    /// Where the data lives.
    pub fn folder(&self) -> Option<PathBuf> {
        let usual = || directories::ProjectDirs::from("", "", "Grend").map(|dirs| dirs.data_local_dir().to_owned());
        self.data.clone().or_else(usual)
    }
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
    fn mistakes_are_answered_in_a_sentence() {
        for line in ["--data", "--log loud", "--dns here", "fly", "--log debug headless"] {
            assert!(parse(line).unwrap_err().ends_with('.'), "{line}");
        }
    }
}
