//! Starting with the computer: a value under `Run` in the user's part of the registry.

use std::io;
use std::path::Path;

use windows_registry::CURRENT_USER;

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const NAME: &str = "Grend";

/// Whether Grend starts with the computer. It always can.
pub fn is_on() -> Option<bool> {
    Some(is_set())
}

fn is_set() -> bool {
    CURRENT_USER.open(RUN).and_then(|run| run.get_string(NAME)).is_ok()
}

/// Lets it, with the folder that the user named, or not.
pub fn set(on: bool, data: Option<&Path>) -> io::Result<()> {
    let run = CURRENT_USER.create(RUN).map_err(io::Error::other)?;
    if !on {
        return if is_set() {
            run.remove_value(NAME).map_err(io::Error::other)
        } else {
            Ok(())
        };
    }
    let command = command(&std::env::current_exe()?, data).ok_or(io::ErrorKind::InvalidInput)?;
    run.set_string(NAME, command).map_err(io::Error::other)
}

/// A path of Windows holds no quotation marks, but may end with a backslash, which would take the mark behind it along.
fn command(program: &Path, data: Option<&Path>) -> Option<String> {
    let quoted = |path: &Path| Some(format!("\"{}\"", path.to_str()?.trim_end_matches('\\')));
    let mut command = format!("{} --hidden", quoted(program)?);
    if let Some(data) = data {
        command.push_str(&format!(" --data {}", quoted(data)?));
    }
    Some(command)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_path_is_one_word() {
        let command = command(Path::new(r"C:\My programs\grend.exe"), Some(Path::new(r"D:\a b\"))).unwrap();
        assert_eq!(command, r#""C:\My programs\grend.exe" --hidden --data "D:\a b""#);
    }
}
