//! The program: which screen is open, and how screens and core meet.
//!
//! Screens say what they want; `update.rs` asks core for it; `listen.rs` brings what core and the window tell.
//! A screen that owns a query asks again when core says that the answer would differ now.

mod arrivals;
mod ask;
mod examine;
mod life;
mod link;
mod listen;
mod news;
mod open;
mod readers;
mod reveal;
mod share;
mod update;
mod wish;

use std::sync::Arc;

use grend_core::doctor::Report;
use grend_core::model::{
    Account, AccountId, Arrivals, BareJid, Chat, ChatId, Compared, Contact, Device, DeviceId, Live, Readers as Known,
    Timeline, Wake, Window,
};
use grend_core::{Cause, Change, Core};
use iced_core::{Settings, Size, theme as iced_theme, window};
use iced_futures::Subscription;
use iced_program::Program;
use iced_runtime::Task;

use crate::font;
use crate::host::{Host, Limits, News, Wish};
use crate::l10n::Words;
use crate::screen::{
    Env, arrivals as arrivals_screen, conversation, health, home, readers as readers_screen, settings, trouble, welcome,
};
use crate::theme::Theme;
use crate::widget::{Element, Renderer};
use ask::Question;
pub use readers::About;

/// From this width on, the list and the conversation stand side by side.
pub const TWO_PANES: f32 = 620.0;
/// How large the window is at first.
const WINDOW: Size = Size::new(1000.0, 700.0);
/// Below this width things that stand side by side go below each other.
const TIGHT: f32 = 280.0;

/// The program.
pub struct Grend {
    core: Result<Core, Cause>,
    host: Arc<dyn Host>,
    hidden: bool,
}

impl Grend {
    /// The program on an opened core, or on the reason why it could not be opened.
    pub fn new(core: Result<Core, Cause>, host: Arc<dyn Host>) -> Self {
        let hidden = false;
        Self { core, host, hidden }
    }

    /// The same, but without a window until one is wished for.
    #[must_use]
    pub fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }
}

/// Everything the program knows.
pub struct State {
    /// Not there if the folder could not be opened, and in tests.
    core: Option<Core>,
    host: Arc<dyn Host>,
    words: Words,
    live: Live,
    accounts: Vec<Account>,
    screen: Screen,
    /// Of the window, in our pixels; the next one is as large.
    size: Size,
    /// The open window. Not known where there is always one.
    window: Option<window::Id>,
    /// Light or dark, if the system said so.
    mode: iced_theme::Mode,
    looked_at: bool,
    percent: u16,
    /// What is no news to the user. Nothing, for a program that started without a window: then all that waits is.
    known: news::Known,
    /// Whom a link leads to, until the chats and contacts are known.
    wanted: Option<BareJid>,
    /// What wakes this device.
    wake: Wake,
    /// What may hold Grend back, as the machine said last.
    limits: Limits,
    /// A program on this machine can wake Grend, as the machine said with them.
    can_be_woken: bool,
    /// A link said which keys the devices of somebody have: to be compared when their chat is open.
    code: Option<(BareJid, String)>,
    /// What another program handed over, until the user said to whom.
    shared: Option<share::Shared>,
    /// A chat that a notice leads to, until the chats are known.
    opens: Option<ChatId>,
    /// Answers that could not be written down, until the chats are known in whose fields they stand.
    unsent: Vec<(ChatId, String)>,
    /// The last of them, until somebody looks: it is more than news.
    unsent_news: Option<News>,
    /// Something that could not be written down.
    fault: Option<Cause>,
    questions: Questions,
    /// Devices of our own that came, until somebody has seen it.
    new_devices: Vec<Device>,
}

enum Screen {
    /// The accounts are being asked for: nothing is drawn for a moment.
    Starting,
    Broken(Cause),
    Welcome(welcome::Welcome),
    Main(Box<Main>),
}

#[derive(Default)]
struct Main {
    home: home::Home,
    open: Option<conversation::Conversation>,
    page: Page,
}

/// What covers the chats.
#[derive(Default)]
enum Page {
    #[default]
    None,
    Settings(settings::Settings),
    Trouble(trouble::Trouble),
    Health(health::Health),
    Arrivals(arrivals_screen::Arrivals),
    Readers(Box<readers_screen::Readers>),
}

#[derive(Default)]
struct Questions {
    accounts: Question,
    chats: Question,
    contacts: Question,
    timeline: Question,
    readers: Question,
    new_devices: Question,
    wake: Question,
}

/// What happens.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Message {
    Welcome(welcome::Message),
    Home(home::Message),
    Conversation(conversation::Message),
    Settings(settings::Message),
    Trouble(trouble::Message),
    Health(health::Message),
    Arrivals(arrivals_screen::Message),
    /// What the machine says of what may hold Grend back.
    Limits(Limits),
    Measured(Result<Arrivals, Cause>),
    Woken(Result<Wake, Cause>),
    ShowArrivals,
    HideArrivals,
    Readers(readers_screen::Message),
    /// Core looked at the server of this account, and counted what was left out.
    Examined(AccountId, Result<(Box<Report>, u32), Cause>),
    /// The devices of this account.
    ShowDevices(AccountId),
    /// The user knows of this device.
    Notice(DeviceId),
    ShowTrouble,
    HideFault,
    GiveUpSharing,

    Accounts(Result<Vec<Account>, Cause>),
    Chats(Result<Vec<Chat>, Cause>),
    Contacts(Result<Vec<Contact>, Cause>),
    Timeline(ChatId, Window, Result<Timeline, Cause>),
    Known(Result<Vec<(About, Known)>, Cause>),
    NewDevices(Result<Vec<Device>, Cause>),
    Compared(Result<Compared, Cause>),

    SignedIn(Result<AccountId, Cause>),
    Opened(Result<ChatId, Cause>),
    /// The chats, asked for because this one is new.
    Listed(ChatId, Result<Vec<Chat>, Cause>),
    Filled(ChatId, Result<bool, Cause>),
    Sent(ChatId, String, Result<(), Cause>),
    Done(Result<(), Cause>),

    Changed(Vec<Change>),
    Live(Live),
    Key(iced_core::keyboard::Event),
    Mode(iced_theme::Mode),
    Window(window::Event),
    Wish(Wish),
    Replied(ChatId, String, Result<(), Cause>),
    Read(ChatId, Result<(), Cause>),
    Close,
}

impl State {
    /// The state before anything is known. Without a core it stays where `update` leads it.
    pub fn new(core: Option<Core>, host: Arc<dyn Host>) -> Self {
        Self {
            core,
            words: Words::new(&host.locale()),
            percent: host.text_percent(),
            host,
            live: Live::default(),
            accounts: Vec::new(),
            screen: Screen::Starting,
            size: WINDOW,
            window: None,
            mode: iced_theme::Mode::None,
            looked_at: true,
            known: news::Known::default(),
            wanted: None,
            wake: Wake::default(),
            limits: Limits::default(),
            can_be_woken: false,
            code: None,
            shared: None,
            opens: None,
            unsent: Vec::new(),
            unsent_news: None,
            fault: None,
            questions: Questions::default(),
            new_devices: Vec::new(),
        }
    }

    fn env(&self) -> Env<'_> {
        Env {
            words: &self.words,
            host: &*self.host,
            live: &self.live,
            narrow: self.size.width < TWO_PANES,
            tight: self.size.width < TIGHT,
        }
    }

    /// The name of the window.
    pub fn title(&self) -> String {
        let unread = match &self.screen {
            Screen::Main(main) => main.home.unread(),
            _ => 0,
        };
        match unread {
            0 => self.words.say("window-title"),
            _ => self
                .words
                .count("window-title-unread", unread)
                .replace(['\u{2068}', '\u{2069}'], ""),
        }
    }

    /// How much larger than usual everything is drawn.
    pub fn scale(&self) -> f32 {
        f32::from(self.percent) / 100.0
    }

    /// The account that new contacts are asked from: the first.
    fn first_account(&self) -> Option<AccountId> {
        self.accounts.first().map(|account| account.id)
    }
}

impl Program for Grend {
    type State = State;
    type Message = Message;
    type Theme = Theme;
    type Renderer = Renderer;
    type Executor = iced_futures::backend::default::Executor;

    fn name() -> &'static str {
        "grend"
    }

    fn settings(&self) -> Settings {
        font::install();
        Settings {
            id: Some("grend".to_owned()),
            default_font: font::TEXT,
            ..Settings::default()
        }
    }

    /// None: the program outlives its window, so it opens one itself.
    fn window(&self) -> Option<window::Settings> {
        None
    }

    fn boot(&self) -> (State, Task<Message>) {
        let mut state = State::new(self.core.as_ref().ok().cloned(), Arc::clone(&self.host));
        if let Err(cause) = &self.core {
            state.screen = Screen::Broken(cause.clone());
        }
        // Whoever cannot begin has to say so.
        let open = if self.hidden && self.core.is_ok() {
            state.look(false)
        } else {
            state.show_window()
        };
        let mode = iced_runtime::system::theme().map(Message::Mode);
        let task = Task::batch([mode, open, state.ask_accounts()]);
        (state, task)
    }

    fn update(&self, state: &mut State, message: Message) -> Task<Message> {
        state.update(message)
    }

    fn view<'a>(&self, state: &'a State, _window: window::Id) -> Element<'a, Message> {
        state.view()
    }

    fn title(&self, state: &State, _window: window::Id) -> String {
        state.title()
    }

    fn subscription(&self, state: &State) -> Subscription<Message> {
        listen::all(state)
    }

    fn theme(&self, state: &State, _window: window::Id) -> Option<Theme> {
        state.theme()
    }

    fn style(&self, _state: &State, theme: &Theme) -> iced_theme::Style {
        iced_theme::Base::base(theme)
    }

    fn scale_factor(&self, state: &State, _window: window::Id) -> f32 {
        state.scale()
    }
}
