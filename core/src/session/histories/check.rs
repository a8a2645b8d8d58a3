//! What must be true of the rows at any moment, and what at the end.

use std::collections::{HashMap, HashSet};

use super::device::Device;
use super::server::{Author, Server};
use crate::model::{Message, MessageId, State, Window};
use crate::store::{archives, messages};

type Checked = Result<(), String>;

/// Which of the server's messages a text is.
type Index<'a> = HashMap<&'a str, usize>;

/// What holds between any two steps. What the archive threw away, or would not tell, may be sent twice: that is better
/// than never.
pub(super) fn always(server: &Server, device: &mut Device<'_>, friends: usize) -> Checked {
    if let Some(body) = &server.doubled {
        return Err(format!("“{body}” was sent twice"));
    }
    let index = index(server);
    let rows = messages::stored_after(device.conn, MessageId(0), 100_000).unwrap();
    stored_once_and_marked_rightly(&rows, &index)?;
    for friend in 0..friends {
        let shown = timeline(device, friend);
        no_hole(server, device, friend, &shown)?;
        let (chat, seen) = (device.chat(friend), shown.iter().map(|message| message.id));
        let seen: HashSet<MessageId> = seen.collect();
        let waits = |row: &&Message| row.chat == chat && row.state == State::Queued;
        if let Some(hidden) = rows.iter().filter(waits).find(|row| !seen.contains(&row.id)) {
            return Err(format!("“{}” waits to be sent and is out of sight", hidden.body));
        }
    }
    Ok(())
}

/// What holds once all is quiet and everybody has scrolled to the top.
pub(super) fn in_the_end(server: &Server, device: &mut Device<'_>, friends: usize, written: usize) -> Checked {
    let ours = server.archive.iter().filter(|said| said.author == Author::ThisDevice);
    let sent: HashSet<&String> = ours.filter_map(|said| said.body.as_ref()).collect();
    if sent.len() != written {
        return Err(format!("not all {written} messages reached the server"));
    }
    let index = index(server);
    for friend in 0..friends {
        let shown = timeline(device, friend);
        in_order(&shown, &index, server)?;
        let bodies: HashSet<&str> = shown.iter().map(|message| message.body.as_str()).collect();
        for said in server
            .archive
            .iter()
            .skip(server.forgotten)
            .filter(|said| said.friend == friend)
        {
            if let Some(body) = said.body.as_deref().filter(|body| !bodies.contains(body)) {
                return Err(format!("“{body}” is lost"));
            }
        }
        let chat = device.chat(friend);
        let rows = messages::stored_after(device.conn, MessageId(0), 100_000).unwrap();
        if let Some(hidden) = rows
            .iter()
            .find(|row| row.chat == chat && !bodies.contains(row.body.as_str()))
        {
            return Err(format!("“{}” is here and never shown", hidden.body));
        }
        if let Some(left) = shown.iter().find(|message| message.state == State::Queued) {
            return Err(format!("“{}” still counts as queued", left.body));
        }
    }
    Ok(())
}

fn index(server: &Server) -> Index<'_> {
    let said = server.archive.iter().enumerate();
    said.filter_map(|(number, said)| Some((said.body.as_deref()?, number)))
        .collect()
}

fn timeline(device: &mut Device<'_>, friend: usize) -> Vec<Message> {
    let window = Window {
        limit: 100_000,
        before: None,
    };
    let chat = device.chat(friend);
    messages::timeline(device.conn, chat, window).unwrap().messages
}

fn stored_once_and_marked_rightly(rows: &[Message], index: &Index<'_>) -> Checked {
    let mut seen = HashSet::new();
    for row in rows {
        if !seen.insert(&row.body) {
            return Err(format!("“{}” is here twice", row.body));
        }
        let there = index.contains_key(row.body.as_str());
        if !there && row.state != State::Queued {
            return Err(format!(
                "“{}” counts as {:?}, and the server never had it",
                row.body, row.state
            ));
        }
    }
    Ok(())
}

/// From the floor to "caught up to here" every message that the archive still has is shown.
fn no_hole(server: &Server, device: &mut Device<'_>, friend: usize, shown: &[Message]) -> Checked {
    let number = |id: String| id.strip_prefix('a').unwrap().parse::<usize>().unwrap();
    let archive = archives::get(device.conn, device.account).unwrap();
    let Some(newest) = archive.newest_id.map(number) else {
        return Ok(());
    };
    let chat = device.chat(friend);
    let floor = archives::floor(device.conn, device.account, chat).unwrap();
    let first = floor.id.map_or(0, number).max(server.forgotten);
    // Whatever else is shown of what the archive told begins no second stretch above a gap.
    let told = |message: &&Message| {
        let id = message
            .archive_id
            .as_deref()
            .filter(|_| !message.body.starts_with("mine "));
        id.is_some_and(|id| messages::placed_position(device.conn, chat, id).unwrap().is_some())
    };
    let highest = shown
        .iter()
        .filter(told)
        .filter_map(|message| message.archive_id.clone())
        .map(number)
        .min();
    let first = highest
        .map_or(first, |highest| highest.min(first))
        .max(server.forgotten);
    let shown: HashSet<&str> = shown.iter().map(|message| message.body.as_str()).collect();
    for (at, said) in server.archive.iter().enumerate().take(newest + 1).skip(first) {
        let missing = said.body.as_deref().filter(|body| !shown.contains(body));
        if let (Some(body), true) = (missing, said.friend == friend) {
            return Err(format!(
                "a hole: “{body}” ({at}) between the floor {first} and {newest}"
            ));
        }
    }
    Ok(())
}

/// What friends wrote stands as the archive has it, and what was written here as it was written.
fn in_order(shown: &[Message], index: &Index<'_>, server: &Server) -> Checked {
    let (mut theirs, mut ours) = (None, None);
    for message in shown {
        let written = message.body.strip_prefix("mine ");
        let falls = if let Some(number) = written {
            let number: usize = number.parse().unwrap();
            ours.replace(number) >= Some(number)
        } else {
            // The archive tells nobody any more where it had what it threw away.
            let number = index.get(message.body.as_str()).copied();
            let number = number.filter(|number| *number >= server.forgotten);
            let falls = number.is_some() && theirs > number;
            theirs = theirs.max(number);
            falls
        };
        if falls {
            let all: Vec<_> = shown.iter().map(|message| message.body.as_str()).collect();
            return Err(format!("“{}” stands too low in {all:?}", message.body));
        }
    }
    Ok(())
}
