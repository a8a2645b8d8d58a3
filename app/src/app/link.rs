//! Following an `xmpp:` link that somebody clicked elsewhere. RFC 5122, XEP-0147.
//!
//! Anybody may have made it: it shows a chat, or a form that is filled in, and does nothing by itself. That holds for a link
//! that says which keys devices have, too: where it came from is not known here, so it is laid before the user like a code that
//! was pasted, and nothing is compared, let alone verified, before they say so.

use std::str::FromStr;

use grend_core::model::BareJid;
use grend_core::{Cause, DeviceLink, Invalid};
use iced_runtime::Task;

use super::{Message, Page, Screen, State};
use crate::screen::home;

/// Longer than any address with what may stand around it.
const LONGEST: usize = 8192;

impl State {
    pub(super) fn take_link(&mut self, link: &str) -> Task<Message> {
        let code: Option<DeviceLink> = link.parse().ok();
        self.wanted = match &code {
            Some(code) => Some(code.address.clone()),
            None => person(link),
        };
        self.code = code.map(|code| (code.address, link.to_owned()));
        if self.wanted.is_none() {
            let shown = link.chars().filter(|c| !c.is_control()).take(80).collect();
            self.fault = Some(Cause::from(Invalid::Address(shown)));
        }
        self.follow_link()
    }

    /// Once the chats and contacts are known: to the chat, or to asking a stranger.
    pub(super) fn follow_link(&mut self) -> Task<Message> {
        if !self.questions.chats.is_answered() || !self.questions.contacts.is_answered() {
            return Task::none();
        }
        let (Screen::Main(main), Some(address)) = (&mut self.screen, self.wanted.take()) else {
            return Task::none();
        };
        main.page = Page::None;
        let known = main.home.toward(&address);
        let own = self.accounts.iter().find(|account| account.address == address);
        if let Some((account, (_, code))) = own.map(|own| own.id).zip(self.code.take_if(|_| own.is_some())) {
            return Task::batch([self.show_own_devices(account), self.bring_code(code)]);
        }
        if let Some(event) = known {
            return self.go(event);
        }
        // There are no keys of a stranger that could be compared.
        self.code = None;
        // On a narrow window the form is behind the conversation.
        let leave = if self.env().narrow { self.leave() } else { Task::none() };
        let asked = self.home(home::Message::Add);
        leave.chain(Task::batch([
            asked,
            self.home(home::Message::AddAddress(address.to_string())),
        ]))
    }
}

/// Whose address a link holds, if it leads to a person.
fn person(link: &str) -> Option<BareJid> {
    if link.len() > LONGEST || !link.get(..5)?.eq_ignore_ascii_case("xmpp:") {
        return None;
    }
    let rest = link.get(5..)?;
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let action = query.split(';').next().unwrap_or_default();
    if !["", "message", "roster", "subscribe"].contains(&action) {
        return None;
    }
    // `xmpp://ours@server/theirs@server` names our own account too; the path after it is whom it leads to.
    let path = match path.strip_prefix("//") {
        Some(both) => both.split_once('/')?.1,
        None => path,
    };
    let address = decoded(path)?;
    let bare = address.split_once('/').map_or(address.as_str(), |(bare, _)| bare);
    BareJid::from_str(bare).ok().filter(|address| address.node().is_some())
}

/// Without percent signs. RFC 3986, section 2.1.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_person_or_nowhere() {
        for link in [
            "xmpp:anna@family.example",
            "XMPP:anna@family.example?message;body=hei",
            "xmpp:anna@family.example?roster;name=Anna",
            "xmpp:anna@family.example/phone",
            "xmpp://me@family.example/anna@family.example",
            "xmpp:%61nna@family.example?subscribe#x",
        ] {
            assert_eq!(
                person(link).map(|it| it.to_string()).as_deref(),
                Some("anna@family.example"),
                "{link}"
            );
        }
        for link in [
            "xmpp:",
            "xmpp:family.example",
            "xmpp:room@family.example?join",
            "xmpp:anna@family.example?remove",
            "xmpp:%",
            "xmpp:%ff%fe@family.example",
            "xmpp:a%00b@family.example",
            "https://family.example",
            "xæmpp",
            "",
        ] {
            assert_eq!(person(link), None, "{link}");
        }
        assert_eq!(person(&format!("xmpp:{}@family.example", "a".repeat(9000))), None);
    }
}
