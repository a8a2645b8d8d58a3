//! Keys: those of a keyboard with keys, and those that the keyboard on the screen plays.
//!
//! The numbers are Android's `KeyEvent.KEYCODE_*` and `KeyEvent.META_*`, from its public documentation.

use iced_core::keyboard::key::{Code, Named, NativeCode, Physical};
use iced_core::keyboard::{Event, Key, Location, Modifiers};

/// A key that went down or up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// Which.
    pub key: Key,
    /// What it types.
    pub text: Option<String>,
    /// What is held beside it.
    pub modifiers: Modifiers,
    /// It went down.
    pub down: bool,
}

impl Press {
    /// A key with a name goes down.
    pub fn named(key: Named) -> Self {
        Self {
            key: Key::Named(key),
            text: None,
            modifiers: Modifiers::empty(),
            down: true,
        }
    }

    /// Ctrl and a letter go down.
    pub fn command(letter: char) -> Self {
        Self {
            key: Key::Character(letter.to_string().into()),
            text: None,
            modifiers: Modifiers::CTRL,
            down: true,
        }
    }

    /// A key of Android's: its code, what it types (0: nothing), and what is held. `None`: not for us.
    pub fn android(code: i32, types: i32, held: i32, down: bool) -> Option<Self> {
        let modifiers = modifiers(held);
        let types = u32::try_from(types)
            .ok()
            .and_then(char::from_u32)
            .filter(|char| !char.is_control());
        let key = match (named(code), types) {
            (Some(key), _) => Key::Named(key),
            (None, Some(char)) => Key::Character(char.to_string().into()),
            (None, None) => Key::Character(letter(code)?.to_string().into()),
        };
        let types = match key {
            Key::Named(Named::Space) => Some(' '),
            Key::Named(_) => None,
            _ => types,
        };
        let text = types
            .filter(|_| !modifiers.intersects(Modifiers::CTRL | Modifiers::ALT | Modifiers::LOGO))
            .map(String::from);
        Some(Self {
            key,
            text,
            modifiers,
            down,
        })
    }

    /// What widgets are told.
    pub(super) fn events(&self) -> Vec<iced_core::Event> {
        let physical_key = physical(&self.key);
        let event = if self.down {
            Event::KeyPressed {
                key: self.key.clone(),
                modified_key: self.key.clone(),
                physical_key,
                location: Location::Standard,
                modifiers: self.modifiers,
                text: self.text.as_deref().map(Into::into),
                repeat: false,
            }
        } else {
            Event::KeyReleased {
                key: self.key.clone(),
                modified_key: self.key.clone(),
                physical_key,
                location: Location::Standard,
                modifiers: self.modifiers,
            }
        };
        // Fields remember what is held, and nobody tells them that it was let go while another window was looked at.
        [
            Event::ModifiersChanged(self.modifiers),
            event,
            Event::ModifiersChanged(Modifiers::empty()),
        ]
        .map(iced_core::Event::Keyboard)
        .to_vec()
    }
}

/// A field copies by the key's place, so that it works with every alphabet.
fn physical(key: &Key) -> Physical {
    let code = match key.as_ref() {
        Key::Character("a" | "A") => Code::KeyA,
        Key::Character("c" | "C") => Code::KeyC,
        Key::Character("v" | "V") => Code::KeyV,
        Key::Character("x" | "X") => Code::KeyX,
        _ => return Physical::Unidentified(NativeCode::Unidentified),
    };
    Physical::Code(code)
}

fn modifiers(held: i32) -> Modifiers {
    [
        (0x1, Modifiers::SHIFT),
        (0x2, Modifiers::ALT),
        (0x1000, Modifiers::CTRL),
        (0x1_0000, Modifiers::LOGO),
    ]
    .into_iter()
    .filter(|(bit, _)| held & bit != 0)
    .fold(Modifiers::empty(), |all, (_, modifier)| all | modifier)
}

fn named(code: i32) -> Option<Named> {
    Some(match code {
        19 => Named::ArrowUp,
        20 => Named::ArrowDown,
        21 => Named::ArrowLeft,
        22 => Named::ArrowRight,
        61 => Named::Tab,
        62 => Named::Space,
        23 | 66 | 160 => Named::Enter,
        67 => Named::Backspace,
        92 => Named::PageUp,
        93 => Named::PageDown,
        111 => Named::Escape,
        112 => Named::Delete,
        122 => Named::Home,
        123 => Named::End,
        _ => return None,
    })
}

/// The letter on a key that types nothing because Ctrl is held.
fn letter(code: i32) -> Option<char> {
    let place = u8::try_from(code.checked_sub(29)?).ok().filter(|place| *place < 26)?;
    Some(char::from(b'a' + place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_type_and_commands_do_not() {
        let a = Press::android(29, 'a' as i32, 0, true);
        assert_eq!(a.and_then(|press| press.text), Some("a".to_owned()));
        let copy = Press::android(31, 0, 0x1000, true);
        assert_eq!(copy, Some(Press::command('c')));
        let space = Press::android(62, ' ' as i32, 0, true);
        assert_eq!(space.and_then(|press| press.text), Some(" ".to_owned()));
    }

    #[test]
    fn a_volume_key_is_not_ours() {
        assert_eq!(Press::android(24, 0, 0, true), None);
        assert_eq!(Press::android(-5, -1, 0, true), None);
    }
}
