//! A machine that never changes, and a family to fill the screens with.

#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod devices;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, Once};

use grend_app::app::{Message, State};
use grend_app::host::{Host, Limit, Limits, News};
use grend_app::theme::Theme;
use grend_app::widget::Renderer;
use grend_app::{font, screen};
use grend_core::doctor::{Fact, Finding, Report, Says};
use grend_core::model::{
    Account, AccountId, Arrivals, BareJid, Chat, ChatId, Connection, Contact, Encryption, Live, Message as Letter,
    MessageId, Show, State as Stand, Timeline, Window,
};
use grend_core::{Cause, Network};
use iced_core::widget::Id;
use iced_core::{Rectangle, Settings, Size, window};
use iced_test::Simulator;
use iced_test::selector::Candidate;

/// Saturday 22 November 2025, 14:30 in Oslo.
pub const NOW: i64 = 1_763_818_200_000;
pub const MINUTE: i64 = 60_000;
pub const DAY: i64 = 24 * 60 * MINUTE;

pub struct Desk {
    pub locale: &'static str,
    pub opened: Mutex<Vec<String>>,
    pub percent: u16,
    pub in_file: bool,
    pub keys: bool,
    /// Whether Grend starts with the computer, where it can.
    pub starts: Mutex<Option<bool>>,
    pub stays: bool,
    pub said_it_stays: Mutex<Vec<News>>,
    pub unread: Mutex<u32>,
    pub left: Mutex<bool>,
    pub notices: Mutex<Vec<Option<News>>>,
    /// There is a camera, and pictures to choose from.
    pub sees: bool,
    /// What was asked of them.
    pub looked: Mutex<Vec<&'static str>>,
    pub fulfilled: Mutex<Vec<ChatId>>,
    /// A phone's; a desktop leads nowhere.
    pub limits: Mutex<Limits>,
    pub lifted: Mutex<Vec<Limit>>,
    pub told_limits: Mutex<bool>,
}

impl Desk {
    pub fn new(locale: &'static str) -> Arc<Self> {
        Arc::new(Self {
            locale,
            opened: Mutex::default(),
            percent: 100,
            in_file: false,
            keys: true,
            starts: Mutex::default(),
            stays: false,
            said_it_stays: Mutex::default(),
            unread: Mutex::default(),
            left: Mutex::default(),
            notices: Mutex::default(),
            sees: false,
            looked: Mutex::default(),
            fulfilled: Mutex::default(),
            limits: Mutex::default(),
            lifted: Mutex::default(),
            told_limits: Mutex::default(),
        })
    }
}

impl Host for Desk {
    fn locale(&self) -> String {
        self.locale.to_owned()
    }
    fn now(&self) -> i64 {
        NOW
    }
    fn utc_offset(&self, _at: i64) -> i32 {
        3600
    }
    fn notify(&self, news: Option<News>) {
        self.notices.lock().unwrap().push(news);
    }
    fn fulfilled(&self, chat: ChatId) {
        self.fulfilled.lock().unwrap().push(chat);
    }
    fn open(&self, link: &str) {
        self.opened.lock().unwrap().push(link.to_owned());
    }
    fn show_unread(&self, count: u32) {
        *self.unread.lock().unwrap() = count;
    }
    fn stays(&self) -> bool {
        self.stays
    }
    fn say_it_stays(&self, news: News) {
        self.said_it_stays.lock().unwrap().push(news);
    }
    fn leave(&self) {
        *self.left.lock().unwrap() = true;
    }
    fn starts_with_computer(&self) -> Option<bool> {
        *self.starts.lock().unwrap()
    }
    fn start_with_computer(&self, on: bool) -> Result<(), Cause> {
        *self.starts.lock().unwrap() = Some(on);
        Ok(())
    }
    fn limits(&self) -> Limits {
        *self.limits.lock().unwrap()
    }
    fn can_lift(&self) -> bool {
        !self.keys
    }
    fn lift(&self, limit: Limit) {
        self.lifted.lock().unwrap().push(limit);
    }
    fn limits_told(&self) -> bool {
        *self.told_limits.lock().unwrap()
    }
    fn tell_limits(&self) {
        *self.told_limits.lock().unwrap() = true;
    }
    fn has_camera(&self) -> bool {
        self.sees
    }
    fn scan(&self) {
        self.looked.lock().unwrap().push("scan");
    }
    fn has_pictures(&self) -> bool {
        self.sees
    }
    fn choose_picture(&self) {
        self.looked.lock().unwrap().push("picture");
    }
    fn passwords_in_file(&self) -> bool {
        self.in_file
    }
    fn has_keys(&self) -> bool {
        self.keys
    }
    fn text_percent(&self) -> u16 {
        self.percent
    }
    fn set_text_percent(&self, _percent: u16) {}
}

pub type Ui<'a> = Simulator<'a, Message, Theme, Renderer>;

/// The screen as a window of this size would show it.
pub fn ui(state: &mut State, size: Size) -> Ui<'_> {
    static FONTS: Once = Once::new();
    FONTS.call_once(font::install);
    let _ = state.update(Message::Window(window::Event::Resized(size)));
    let settings = Settings {
        default_font: font::TEXT,
        ..Settings::default()
    };
    Simulator::with_size(settings, size, state.view())
}

/// Does something with the screen and follows what comes of it.
pub fn act(state: &mut State, size: Size, act: impl FnOnce(&mut Ui<'_>)) {
    let mut ui = ui(state, size);
    act(&mut ui);
    let messages: Vec<Message> = ui.into_messages().collect();
    for message in messages {
        let _ = state.update(message);
    }
}

/// What the keyboard reaches, in the order of Tab: each with its name, if it has one.
pub fn reach(state: &mut State, size: Size) -> Vec<(Option<Id>, Rectangle)> {
    let found = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&found);
    let _ = ui(state, size).find(move |candidate: Candidate<'_>| -> Option<()> {
        if let Candidate::Focusable { id, bounds, .. } = candidate {
            keep.lock().unwrap().push((id.cloned(), bounds));
        }
        None
    });
    Arc::try_unwrap(found).unwrap().into_inner().unwrap()
}

/// Lets a frame pass: what a first drawing tells the screen comes back.
pub fn settle(state: &mut State, size: Size) {
    for _ in 0..3 {
        act(state, size, |ui| {
            let _ = ui.snapshot(&Theme::Light);
        });
    }
}

pub const WIDE: Size = Size::new(1000.0, 700.0);
pub const NARROW: Size = Size::new(360.0, 640.0);

/// Draws a screen in all sizes and themes into `target/shots`.
pub fn shoot(state: &mut State, name: &str) {
    let folder = shots();
    for (size, wide) in [(WIDE, "wide"), (NARROW, "narrow")] {
        settle(state, size);
        for (theme, look) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let path = folder.join(format!("{name}-{wide}-{look}.png"));
            let _ = std::fs::remove_file(path.with_file_name(format!("{name}-{wide}-{look}-tiny-skia.png")));
            assert!(ui(state, size).snapshot(&theme).unwrap().matches_image(path).unwrap());
        }
    }
}

/// Draws a screen in one size.
pub fn shoot_at(state: &mut State, name: &str, size: Size) {
    settle(state, size);
    let path = shots().join(format!("{name}.png"));
    let _ = std::fs::remove_file(path.with_file_name(format!("{name}-tiny-skia.png")));
    assert!(
        ui(state, size)
            .snapshot(&Theme::Light)
            .unwrap()
            .matches_image(path)
            .unwrap()
    );
}

fn shots() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    target.join("shots")
}

pub fn address(text: &str) -> BareJid {
    text.parse().unwrap()
}

pub const ME: AccountId = AccountId(1);

pub fn account() -> Account {
    Account {
        id: ME,
        address: address("kari@familien.example"),
        host: None,
        ca: None,
    }
}

fn chat(id: i64, who: (&str, &str), preview: &str, ago: i64, unread: u32) -> Chat {
    Chat {
        id: ChatId(id),
        account: ME,
        address: address(who.0),
        name: who.1.to_owned(),
        preview: Some(preview.to_owned()),
        preview_state: Some(Stand::Received),
        last_at: Some(NOW - ago),
        unread,
        draft: String::new(),
    }
}

pub fn chats() -> Vec<Chat> {
    let mut far = chat(
        3,
        ("tante@familien.example", "Tante Åse"),
        "Sees på lørdag ☕",
        3 * DAY,
        0,
    );
    far.preview_state = Some(Stand::Displayed);
    let mut waiting = chat(4, ("ole@familien.example", "Ole 🚲"), "Jeg er der klokka fem", DAY, 0);
    waiting.preview_state = Some(Stand::Queued);
    let mut draft = chat(
        5,
        ("bestefar@familien.example", "Bestefar"),
        "Takk for sist!",
        40 * DAY,
        0,
    );
    draft.draft.push_str("Husk å ta med");
    vec![
        chat(
            1,
            ("bestemor@familien.example", "Bestemor"),
            "Jeg har bakt boller 👩‍🍳 kom innom når dere vil",
            4 * MINUTE,
            3,
        ),
        chat(
            2,
            (
                "familien@grupper.example",
                "Emil med et ganske langt navn som ikke får plass",
            ),
            "ok",
            2 * 60 * MINUTE,
            12,
        ),
        far,
        waiting,
        draft,
    ]
}

pub fn contacts() -> Vec<Contact> {
    let contact = |who: &str, name: &str| Contact {
        account: ME,
        address: address(who),
        name: name.to_owned(),
        groups: Vec::new(),
        we_see_them: true,
        they_see_us: true,
        asks: false,
        asked: false,
    };
    vec![
        Contact {
            asks: true,
            ..contact("nabo@elsewhere.example", "Nabo Nils")
        },
        contact("bestemor@familien.example", "Bestemor"),
        contact("ole@familien.example", "Ole 🚲"),
        Contact {
            asked: true,
            we_see_them: false,
            ..contact("lærer@skolen.example", "Læreren")
        },
        contact("tante@familien.example", "Tante Åse"),
    ]
}

pub fn live(connection: Connection) -> Live {
    let mut live = Live::default();
    live.connections.insert(ME, connection);
    live.presence
        .insert((ME, address("bestemor@familien.example")), Show::Available);
    live.presence.insert((ME, address("ole@familien.example")), Show::Away);
    live
}

pub fn letter(id: i64, mine: bool, body: &str, at: i64, state: Stand) -> Letter {
    Letter {
        id: MessageId(id),
        chat: ChatId(1),
        mine,
        from: address(if mine {
            "kari@familien.example"
        } else {
            "bestemor@familien.example"
        }),
        body: body.to_owned(),
        sent_at: at,
        state,
        failure: None,
        wire_id: format!("w{id}"),
        origin_id: None,
        archive_id: None,
        encryption: Encryption::None,
        device: None,
        unreadable: None,
    }
}

pub fn letters() -> Vec<Letter> {
    use Stand::{Delivered, Displayed, Failed, Queued, Received, Sent};
    let mut failed = letter(12, true, "Kan noen hente meg?", NOW - 20 * MINUTE, Failed);
    failed.failure = Some("remote-server-not-found".to_owned());
    vec![
        letter(1, false, "God morgen! ☀️", NOW - 2 * DAY, Received),
        letter(2, true, "God morgen, bestemor", NOW - 2 * DAY + 5 * MINUTE, Displayed),
        letter(3, false, "Så du bildene fra hagen? De ligger på https://bilder.familien.example/hagen_(sommer).", NOW - DAY, Received),
        letter(4, false, "Familien: 👨‍👩‍👧‍👦 flagg 🇳🇴🇺🇦 tast 1️⃣ hånd 🤷🏿‍♀️ hjerte ❤️", NOW - DAY + MINUTE, Received),
        letter(5, true, "Så fine!\nOg rosene har kommet seg.", NOW - DAY + 30 * MINUTE, Displayed),
        letter(6, false, "Jeg har bakt boller", NOW - 2 * 60 * MINUTE, Received),
        letter(7, false, "Kom innom når dere vil, så setter jeg på kaffe. Ta gjerne med Emil og Ole, og spør om tante Åse også har tid; hun har ikke vært her på lenge.", NOW - 2 * 60 * MINUTE + MINUTE, Received),
        letter(8, true, "Det gjør vi gjerne", NOW - 60 * MINUTE, Delivered),
        letter(9, true, "Vi kommer klokka fem", NOW - 59 * MINUTE, Sent),
        letter(12, true, &failed.body.clone(), failed.sent_at, Failed),
        letter(13, true, "Her er jeg uten nett", NOW - 10 * MINUTE, Queued),
        letter(14, false, "Ses snart 😀", NOW - 4 * MINUTE, Received),
    ]
    .into_iter()
    .map(|mut letter| {
        if letter.state == Failed {
            letter.failure.clone_from(&failed.failure);
        }
        letter
    })
    .collect()
}

/// Signed in, with a family.
pub fn home(desk: &Arc<Desk>) -> State {
    let mut state = State::new(None, Arc::clone(desk) as Arc<dyn Host>);
    let _ = state.update(Message::Accounts(Ok(vec![account()])));
    let _ = state.update(Message::Chats(Ok(chats())));
    let _ = state.update(Message::Contacts(Ok(contacts())));
    let _ = state.update(Message::Live(live(Connection::Online)));
    state
}

/// With grandmother's conversation open.
pub fn conversation(desk: &Arc<Desk>) -> State {
    let mut state = home(desk);
    let _ = state.update(Message::Home(screen::home::Message::Open(ChatId(1))));
    answer(&mut state, letters(), Some(MessageId(14)));
    state
}

pub fn answer(state: &mut State, messages: Vec<Letter>, unread_from: Option<MessageId>) {
    let timeline = Timeline {
        messages,
        complete: true,
        unread_from,
    };
    let _ = state.update(Message::Timeline(
        ChatId(1),
        Window {
            limit: 60,
            before: None,
        },
        Ok(timeline),
    ));
}

/// A phone on which everything stands in the way.
pub fn held_back() -> Limits {
    Limits {
        notices_off: Some(true),
        background_restricted: Some(true),
        battery_optimised: Some(true),
        data_saver: Some(true),
        metered: Some(true),
        power_saving: Some(true),
    }
}

pub fn late() -> Arrivals {
    Arrivals {
        count: 20,
        late: 3,
        longest_ms: 5 * 60 * MINUTE,
    }
}

/// A family's server of which some things work.
pub fn report() -> Report {
    let text = |words: &str| Fact::Text(words.to_owned());
    let finding = |says, facts: &[(&'static str, Fact)]| Finding {
        says,
        facts: facts.to_vec(),
    };
    let place = [("host", text("chat.familien.example")), ("port", text("5443"))];
    let closed = Fact::Cause(Cause::Network(Network::Refused));
    let findings = [
        finding(Says::NamesNoDirect, &place),
        finding(
            Says::StarttlsWorks,
            &[("host", text("chat.familien.example")), ("port", text("5222"))],
        ),
        finding(
            Says::CertificateGood,
            &[
                ("days", Fact::Number(61)),
                ("names", text("familien.example")),
                ("issuer", text("Let's Encrypt, R11")),
            ],
        ),
        finding(Says::MechanismsGood, &[("all", text("SCRAM-SHA-256, SCRAM-SHA-1"))]),
        finding(Says::ArchiveGood, &[]),
        finding(Says::CarbonsGood, &[]),
        finding(Says::UploadUnreachable, &[&place[..], &[("cause", closed)]].concat()),
        finding(Says::GroupsGood, &[("host", text("grupper.familien.example"))]),
        finding(Says::PushNone, &[]),
        finding(
            Says::ComplianceCore,
            &[("suite", text("IM")), ("lacks", text("XEP-0398, XEP-0402"))],
        ),
    ];
    Report {
        domain: "familien.example".to_owned(),
        at: NOW,
        software: Some("Prosody 0.12.3".to_owned()),
        inside: true,
        findings: findings.into(),
    }
}
