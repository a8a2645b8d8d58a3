//! Starting with the computer, by the Desktop Application Autostart Specification: a file in the user's `autostart` folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Whether Grend starts with the computer; `None` where it cannot. Desktops switch it off by a line in the file.
pub fn is_on() -> Option<bool> {
    let text = file().and_then(|file| fs::read_to_string(file).ok());
    let off = ["Hidden=true", "X-GNOME-Autostart-enabled=false"];
    let is_on = text.is_some_and(|text| !text.lines().any(|line| off.contains(&line.trim())));
    (!super::is_sandboxed()).then_some(is_on)
}

/// Lets it, with the folder that the user named, or not.
pub fn set(on: bool, data: Option<&Path>) -> io::Result<()> {
    let file = file().ok_or(io::ErrorKind::NotFound)?;
    if !on {
        return match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        };
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, entry(&program()?, data).ok_or(io::ErrorKind::InvalidInput)?)
}

fn file() -> Option<PathBuf> {
    let dirs = directories::BaseDirs::new()?;
    Some(dirs.config_dir().join("autostart/grend.desktop"))
}

/// What starts Grend the next time. An `AppImage` runs from a place that is gone by then.
fn program() -> io::Result<PathBuf> {
    std::env::var_os("APPIMAGE").map_or_else(std::env::current_exe, |file| Ok(file.into()))
}

/// The text of the file; none for a path that cannot be written down.
fn entry(program: &Path, data: Option<&Path>) -> Option<String> {
    let mut command = format!("{} --hidden", quoted(program)?);
    if let Some(data) = data {
        command.push_str(&format!(" --data {}", quoted(data)?));
    }
    let icon = "Icon=grend\nTerminal=false\nX-GNOME-Autostart-enabled=true\n";
    Some(format!(
        "[Desktop Entry]\nType=Application\nName=Grend\nExec={command}\n{icon}"
    ))
}

/// A word of a command. Desktop Entry Specification, "The Exec key": quoted, and then escaped like every text in the file.
fn quoted(path: &Path) -> Option<String> {
    let path = path.to_str().filter(|path| !path.contains(char::is_control))?;
    let mut word = String::from("\"");
    for letter in path.chars() {
        match letter {
            '\\' => word.push_str(r"\\\\"),
            '"' | '`' | '$' => word.extend(['\\', '\\', letter]),
            '%' => word.push_str("%%"),
            _ => word.push(letter),
        }
    }
    word.push('"');
    Some(word)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_path_is_one_word() {
        let entry = entry(
            Path::new("/opt/my programs/grend"),
            Some(Path::new(r#"/a"b/$c\d/100%"#)),
        )
        .unwrap();
        let exec = entry.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
        assert_eq!(
            exec,
            r#""/opt/my programs/grend" --hidden --data "/a\\"b/\\$c\\\\d/100%%""#
        );
    }

    #[test]
    fn a_path_of_two_lines_is_refused() {
        assert_eq!(quoted(Path::new("/a\nExec=b")), None);
    }
}
