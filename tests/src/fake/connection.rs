//! One connection of the fake server: signing in, the questions of a client's start, stream management, the archive.

#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a fake need not be fast"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use minidom::Element;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;

use super::modern;
use super::scram::Exchange;
use super::words::{Word, Words};
use super::{ANNA, Managed, Order, PASSWORD, Shared};

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const SM: &str = "urn:xmpp:sm:3";
const MAM: &str = "urn:xmpp:mam:2";
const RSM: &str = "http://jabber.org/protocol/rsm";

/// What a connection has come to.
#[derive(Default)]
pub(super) struct Connection {
    pub(super) exchange: Option<Exchange>,
    pub(super) authenticated: bool,
    /// Stanzas are counted.
    managed: bool,
    /// Stanzas flow.
    pub(super) bound: bool,
    /// It said more than the server takes.
    ended: bool,
    /// Nothing of what it says is heard any more.
    deaf: bool,
    /// What is to be written.
    pub(super) out: String,
    /// What binds to this connection by `tls-exporter`.
    pub(super) exporter: Vec<u8>,
    /// What came along with the first word of SASL2.
    pub(super) along: Option<Element>,
}

/// Serves a client until one of the two has enough.
pub(super) async fn serve(mut io: impl AsyncRead + AsyncWrite + Unpin, exporter: Vec<u8>, shared: &Shared) {
    let mut words = Words::default();
    let mut connection = Connection {
        exporter,
        ..Connection::default()
    };
    let (sender, mut orders) = mpsc::unbounded_channel();
    let mut sender = Some(sender);
    let mut bytes = [0; 4096];
    loop {
        tokio::select! {
            read = io.read(&mut bytes) => match read {
                Ok(count) if count > 0 => words.add(&bytes[..count]),
                _ => return,
            },
            order = orders.recv() => match order {
                Some(Order::Say(xml)) => connection.say(shared, xml),
                Some(Order::Bytes(bytes)) => {
                    // The client may be gone already.
                    let _ = io.write_all(&bytes).await;
                }
                Some(Order::Last(stanzas)) => {
                    stanzas.into_iter().for_each(|xml| connection.say(shared, xml));
                    // The client may be gone already.
                    let _ = io.write_all(connection.out.as_bytes()).await;
                    let _ = io.flush().await;
                    return;
                }
                Some(Order::Cut) | None => return,
            },
        }
        let counts = !connection.bound;
        let mut came_home = false;
        while let Some(word) = words.next() {
            match word {
                Word::Header => connection.open(shared),
                Word::Element(element) => connection.hear(shared, &element),
                Word::Footer => return,
            }
            // Its stream is managed: the client is at home, and what a test says now is counted.
            if connection.managed
                && let Some(sender) = sender.take()
            {
                shared.change(|state| state.orders = Some(sender));
                came_home = true;
            }
        }
        let out = std::mem::take(&mut connection.out);
        if counts && !out.is_empty() {
            shared.change(|state| state.round_trips += 1);
        }
        if came_home {
            shared.change(|state| state.signed_in += 1);
        }
        if io.write_all(out.as_bytes()).await.is_err() || io.flush().await.is_err() || connection.ended {
            return;
        }
    }
}

impl Connection {
    fn open(&mut self, shared: &Shared) {
        self.out += "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0' id='fake' \
                     from='family.test' xmlns:stream='http://etherx.jabber.org/streams'><stream:features>";
        if self.authenticated {
            self.out += &format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='{SM}'/>");
        } else {
            let offered = shared.lock().script.mechanisms.clone();
            let offered = offered.iter().map(|name| format!("<mechanism>{name}</mechanism>"));
            let offered = offered.collect::<String>();
            self.out += &modern::offer(shared, &offered);
            self.out += &format!("<mechanisms xmlns='{SASL}'>{offered}</mechanisms>");
        }
        self.out += &shared.lock().script.more_features;
        self.out += "</stream:features>";
    }

    /// Sends a stanza, or whatever a test wants said.
    fn say(&mut self, shared: &Shared, xml: String) {
        self.out += &xml;
        let counts = ["<message", "<presence", "<iq"]
            .iter()
            .any(|stanza| xml.starts_with(stanza));
        if self.managed && counts {
            shared.change(|state| {
                if let Some(managed) = &mut state.managed {
                    managed.unacked.push(xml);
                }
            });
        }
    }

    fn hear(&mut self, shared: &Shared, element: &Element) {
        if self.deaf {
            return;
        }
        match element.ns().as_str() {
            SASL => self.authenticate(shared, element),
            modern::SASL2 => {
                shared.change(|state| state.heard.push(element.clone()));
                modern::authenticate(self, shared, element);
            }
            SM => self.manage(shared, element),
            _ if String::from(element).len() > shared.lock().script.longest => {
                self.out += "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                             <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>XML stanza is too big</text>\
                             </stream:error></stream:stream>";
                self.ended = true;
            }
            _ => {
                let answer = answer(shared, element);
                shared.change(|state| {
                    let counts = self.managed && element.ns() == "jabber:client";
                    if let Some(managed) = state.managed.as_mut().filter(|_| counts) {
                        managed.received += 1;
                    }
                    state.heard.push(element.clone());
                });
                self.bound |= element.children().any(|child| child.name() == "bind");
                for stanza in answer {
                    self.say(shared, stanza);
                }
            }
        }
    }

    fn authenticate(&mut self, shared: &Shared, element: &Element) {
        let script = shared.lock().script.clone();
        let text = BASE64.decode(element.text()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let answer = if element.name() == "auth" {
            let known = element.attr("mechanism") == Some("SCRAM-SHA-1");
            let begun = known
                .then(|| Exchange::begin(&text, script.iterations, script.offered.as_deref()))
                .flatten();
            begun.map(|(exchange, first)| {
                self.exchange = Some(exchange);
                ("challenge", first)
            })
        } else {
            let finished = self.exchange.take();
            let last = finished.and_then(|exchange| exchange.finish(&text, PASSWORD, script.honest));
            self.authenticated = last.is_some();
            last.map(|last| ("success", last))
        };
        self.out += &match answer {
            Some(("challenge", _)) if script.challenge.is_some() => {
                format!(
                    "<challenge xmlns='{SASL}'>{}</challenge>",
                    script.challenge.unwrap_or_default()
                )
            }
            Some((name, text)) => format!("<{name} xmlns='{SASL}'>{}</{name}>", BASE64.encode(text)),
            None => format!("<failure xmlns='{SASL}'><not-authorized/></failure>"),
        };
    }

    pub(super) fn manage(&mut self, shared: &Shared, element: &Element) {
        let h: u32 = element.attr("h").and_then(|h| h.parse().ok()).unwrap_or_default();
        let mut state = shared.lock();
        match element.name() {
            "enable" => {
                let id = format!("stream-{}", state.signed_in);
                self.out += &format!("<enabled xmlns='{SM}' id='{id}' resume='true'/>");
                self.managed = true;
                state.managed = Some(Managed {
                    id,
                    ..Managed::default()
                });
            }
            "r" if state.script.acknowledges => {
                let has = state.managed.as_ref().map_or(0, |managed| managed.received);
                let says = has + state.script.overcounts;
                self.out += &format!("<a xmlns='{SM}' h='{says}'/>");
            }
            "a" => {
                acknowledged(state.managed.as_mut(), h);
                // What was said after the question stands behind the next one.
                if state
                    .managed
                    .as_ref()
                    .is_some_and(|managed| !managed.unacked.is_empty())
                {
                    self.out += &format!("<r xmlns='{SM}'/>");
                }
            }
            "resume" => {
                let (resumes, overcounts) = (state.script.resumes, state.script.overcounts);
                let (other, undercounts) = (state.script.goes_on_with, state.script.undercounts);
                let overtaking = std::mem::take(&mut state.script.overtaking);
                let known = |managed: &&mut Managed| resumes && Some(managed.id.as_str()) == element.attr("previd");
                if let Some(managed) = state.managed.as_mut().filter(known) {
                    acknowledged(Some(&mut *managed), h);
                    managed.received -= undercounts;
                    managed.unacked.extend(overtaking);
                    let (id, received) = (other.unwrap_or(&managed.id), managed.received + overcounts);
                    self.out += &format!("<resumed xmlns='{SM}' previd='{id}' h='{received}'/>");
                    self.out += &managed.unacked.concat();
                    (self.managed, self.bound) = (true, true);
                    self.deaf = state.script.deaf_once_resumed;
                } else {
                    self.out += &format!(
                        "<failed xmlns='{SM}'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
                    );
                }
            }
            _ => {}
        }
        drop(state);
        shared.changed.notify_all();
    }
}

/// What a server answers by itself, unless the test wants to.
fn answer(shared: &Shared, stanza: &Element) -> Vec<String> {
    let left = shared.lock().script.leaves_to_test;
    match stanza.children().next() {
        Some(payload) if left == Some(payload.ns().as_str()) => Vec::new(),
        _ => honest_answer(shared, stanza),
    }
}

pub(super) fn honest_answer(shared: &Shared, stanza: &Element) -> Vec<String> {
    let asks = stanza.name() == "iq" && matches!(stanza.attr("type"), Some("get" | "set"));
    let (Some(id), Some(payload), true) = (stanza.attr("id"), stanza.children().next(), asks) else {
        return Vec::new();
    };
    let script = shared.lock().script.clone();
    let ns = payload.ns();
    let mut stanzas = Vec::new();
    let scripted = script.answers.iter().find(|(of, _)| *of == ns.as_str());
    let content = match ns.as_str() {
        _ if scripted.is_some() => scripted.map(|(_, content)| content.clone()).unwrap_or_default(),
        "urn:ietf:params:xml:ns:xmpp-bind" => {
            let resource = payload.children().next().map(Element::text).unwrap_or_default();
            format!("<bind xmlns='{ns}'><jid>{ANNA}/{resource}</jid></bind>")
        }
        "http://jabber.org/protocol/disco#info" => {
            let features = script.features.iter().map(|it| format!("<feature var='{it}'/>"));
            format!("<query xmlns='{ns}'>{}</query>", features.collect::<String>())
        }
        "jabber:iq:roster" if stanza.attr("type") == Some("get") => {
            format!("<query xmlns='{ns}' ver='1'>{}</query>", script.contacts)
        }
        MAM => page(payload, &script.archive, &mut stanzas),
        _ => String::new(),
    };
    // Whoever was asked answers.
    let from = stanza.attr("to").map_or_else(String::new, |to| format!(" from='{to}'"));
    stanzas.push(format!("<iq type='result' id='{id}'{from}>{content}</iq>"));
    stanzas
}

fn acknowledged(managed: Option<&mut Managed>, h: u32) {
    if let Some(managed) = managed {
        let count = h.saturating_sub(managed.acked) as usize;
        managed.unacked.drain(..count.min(managed.unacked.len()));
        managed.acked = h;
    }
}

/// A page of the archive: its results, and the word that ends it. XEP-0313, XEP-0059.
fn page(query: &Element, archive: &[(String, String)], results: &mut Vec<String>) -> String {
    let set = query.get_child("set", RSM);
    let word = |name| set.and_then(|set| set.get_child(name, RSM)).map(Element::text);
    let most: usize = word("max").and_then(|max| max.parse().ok()).unwrap_or(50);
    let place = |id: &str| archive.iter().position(|(known, _)| known == id);
    let (from, to) = match (word("after"), word("before")) {
        (Some(id), _) => {
            let from = place(&id).map_or(0, |at| at + 1);
            (from, (from + most).min(archive.len()))
        }
        (None, before) => {
            let to = before.and_then(|id| place(&id)).unwrap_or(archive.len());
            (to.saturating_sub(most), to)
        }
    };
    let complete = if word("after").is_some() {
        to == archive.len()
    } else {
        from == 0
    };
    let queryid = query.attr("queryid").unwrap_or_default();
    let page = &archive[from..to];
    results.extend(page.iter().map(|(id, content)| {
        format!(
            "<message to='{ANNA}'><result xmlns='{MAM}' queryid='{queryid}' id='{id}'>\
             <forwarded xmlns='urn:xmpp:forward:0'>{content}</forwarded></result></message>"
        )
    }));
    let ends = page
        .first()
        .zip(page.last())
        .map(|((first, _), (last, _))| format!("<first>{first}</first><last>{last}</last>"));
    let ends = ends.unwrap_or_default();
    format!("<fin xmlns='{MAM}' complete='{complete}'><set xmlns='{RSM}'>{ends}</set></fin>")
}
