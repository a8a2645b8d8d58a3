//! The demo family: four people on a private server, a group chat, and what they said to each other in the last days.
//! For the README's first command, for screenshots, and for whoever wants to look at Grend with something in it.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::server::{Archived, Kind, Options, Server, User};

/// The people: the part before the `@`.
pub const PEOPLE: [&str; 4] = ["anna", "bjorn", "mormor", "ola"];

/// The group chat: the part before the `@`.
pub const ROOM: &str = "familien";

/// The password of each of them. The server listens on loopback only and is gone when the demo ends.
pub const PASSWORD: &str = "kaffe-og-vafler";

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A family on its server. The server ends with it.
pub struct Family {
    /// Where they have their accounts.
    pub server: Server,
    /// Who they are, in the order of `PEOPLE`.
    pub people: Vec<User>,
}

impl Family {
    /// Starts the server, makes the accounts and the group chat, and puts the history into the archives.
    pub fn start(kind: Kind) -> Self {
        let server = Server::start(kind, Options::default());
        let people = PEOPLE.map(|name| server.add_user(name, PASSWORD)).to_vec();
        server.add_room(ROOM, "Hele familien 🏡", &PEOPLE);
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock after 1970")
            .as_millis();
        server.import(&history(
            i64::try_from(now).expect("a clock before the year 292 million"),
        ));
        Self { server, people }
    }

    /// One of them.
    ///
    /// # Panics
    /// When there is nobody of this name.
    pub fn person(&self, name: &str) -> &User {
        let person = self.people.iter().find(|person| person.name == name);
        person.unwrap_or_else(|| panic!("nobody in the family is called {name}"))
    }
}

/// What they said, oldest first, the last of it a quarter of an hour before `now` (ms UTC).
pub fn history(now: i64) -> Vec<Archived> {
    let mut messages = Vec::new();
    for conversation in conversations(include_str!("../family/history.txt")) {
        let sittings = conversation.sittings.len();
        for (index, sitting) in conversation.sittings.iter().enumerate() {
            // Sittings lie 17 hours apart: another time of the day each.
            let later = i64::try_from(sittings - 1 - index).expect("a few sittings");
            let end = now - 15 * MINUTE - conversation.shift - later * 17 * HOUR;
            for (place, (from, body)) in sitting.iter().enumerate() {
                let back = i64::try_from(sitting.len() - 1 - place).expect("a few lines");
                let id = format!("history-{}", messages.len());
                let at = end - back * MINUTE - (back * 17 % 40) * 1000;
                let to = conversation.other(from);
                messages.push(Archived {
                    from: (*from).to_owned(),
                    to,
                    room: conversation.room,
                    body: (*body).to_owned(),
                    at,
                    id,
                });
            }
        }
    }
    messages.sort_by_key(|message| message.at);
    messages
}

struct Conversation<'a> {
    room: bool,
    members: Vec<&'a str>,
    sittings: Vec<Vec<(&'a str, &'a str)>>,
    /// How long before the others this conversation ended: nobody writes in five chats at once.
    shift: i64,
}

impl Conversation<'_> {
    fn other(&self, from: &str) -> String {
        let other = if self.room {
            Some(&ROOM)
        } else {
            self.members.iter().find(|member| **member != from)
        };
        (*other.expect("a chat has two members")).to_owned()
    }
}

fn conversations(text: &str) -> Vec<Conversation<'_>> {
    let mut found: Vec<Conversation<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split(' ').collect();
        if let ["chat" | "room", members @ ..] = words.as_slice() {
            let shift = i64::try_from(found.len()).expect("a few chats") * 3 * HOUR;
            let (room, members) = (line.starts_with("room"), members.to_vec());
            found.push(Conversation {
                room,
                members,
                sittings: vec![Vec::new()],
                shift,
            });
            continue;
        }
        let Some(conversation) = found.last_mut() else { continue };
        if line.is_empty() {
            conversation.sittings.push(Vec::new());
        } else if let Some(said) = line.split_once(": ") {
            assert!(
                conversation.members.contains(&said.0),
                "history.txt: {} is not in this chat: {line}",
                said.0
            );
            conversation
                .sittings
                .last_mut()
                .expect("there is always one")
                .push(said);
        } else {
            panic!("history.txt: neither a chat nor something said: {line}");
        }
    }
    for conversation in &mut found {
        conversation.sittings.retain(|sitting| !sitting.is_empty());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_is_some_hundred_messages_of_the_last_days_in_order() {
        let now = 1_760_000_000_000;
        let messages = history(now);
        assert!(messages.len() > 200, "{}", messages.len());
        assert!(messages.is_sorted_by_key(|message| message.at));
        assert!(
            messages
                .iter()
                .all(|message| message.at < now && message.at > now - 14 * 24 * HOUR)
        );
        assert!(messages.iter().any(|message| message.room && message.to == ROOM));
        assert!(messages.iter().all(|message| message.from != message.to));
    }
}
