//! What each message does.

use grend_core::model::{Account, Connection, Credentials, Live};
use grend_core::{Cause, Change};
use iced_core::{keyboard, window};
use iced_runtime::Task;
use iced_runtime::widget::operation;

use super::{Main, Message, Page, Screen, State, reveal};
use crate::screen::settings::next_size;
use crate::screen::{conversation, settings, trouble, welcome};

impl State {
    /// Follows a message.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Welcome(message) => self.welcome(message),
            Message::Home(message) => self.home(message),
            Message::Conversation(message) => self.conversation(message),
            Message::Settings(message) => self.settings(message),
            Message::Trouble(message) => self.trouble(message),
            Message::Health(message) => self.health(message),
            Message::Readers(message) => self.readers(message),
            Message::Known(answer) => self.known(answer),
            Message::NewDevices(answer) => self.set_new_devices(answer),
            Message::Compared(answer) => self.compared(answer),
            Message::ShowDevices(account) => self.show_own_devices(account),
            Message::Notice(device) => self.notice(device),
            Message::Examined(account, answer) => self.examined(account, answer),
            Message::ShowTrouble => self.show_trouble(),
            Message::HideFault => {
                self.fault = None;
                Task::none()
            }
            Message::GiveUpSharing => {
                self.shared = None;
                Task::none()
            }
            Message::Accounts(answer) => self.accounts(answer),
            Message::Chats(answer) => self.chats(answer),
            Message::Contacts(answer) => self.contacts(answer),
            Message::Timeline(chat, window, answer) => self.timeline_answer(chat, window, answer),
            Message::SignedIn(answer) => self.signed_in(answer),
            Message::Opened(answer) => self.opened(answer),
            Message::Listed(chat, answer) => self.listed(chat, answer),
            Message::Filled(chat, answer) => {
                let event = self.open_chat(chat).and_then(|open| open.filled(answer.ok()));
                self.follow(event)
            }
            Message::Sent(chat, body, answer) => {
                if let Err(cause) = answer {
                    self.fault = Some(cause);
                    if let Some(open) = self.open_chat(chat) {
                        open.take_back(&body);
                    }
                }
                Task::none()
            }
            Message::Done(answer) => {
                self.fault = answer.err().or_else(|| self.fault.take());
                Task::none()
            }
            Message::Changed(changes) => self.changed(&changes),
            Message::Live(live) => self.live(live),
            Message::Key(event) => self.key(&event),
            Message::Mode(mode) => self.remember_mode(mode),
            Message::Window(event) => self.window(&event),
            Message::Wish(wish) => self.wish(wish),
            Message::Replied(chat, text, answer) => self.replied(chat, &text, answer),
            Message::Arrivals(message) => self.arrivals(&message),
            Message::Limits(limits) => self.limited(limits),
            Message::Measured(answer) => self.measured(answer),
            Message::ShowArrivals => self.show_arrivals(),
            Message::HideArrivals => self.hide_arrivals(),
            Message::Read(chat, answer) => self.was_read(chat, answer),
            Message::Close => iced_runtime::exit(),
        }
    }

    fn welcome(&mut self, message: welcome::Message) -> Task<Message> {
        let Screen::Welcome(welcome) = &mut self.screen else {
            return Task::none();
        };
        let (task, event) = welcome.update(message);
        let task = task.map(Message::Welcome);
        match event {
            Some(welcome::Event::SignIn(credentials)) => Task::batch([task, self.sign_in(credentials)]),
            None => task,
        }
    }

    fn sign_in(&self, credentials: Credentials) -> Task<Message> {
        self.call(
            move |core| async move { Box::pin(core.sign_in(credentials)).await },
            Message::SignedIn,
        )
    }

    fn signed_in(&mut self, answer: Result<grend_core::model::AccountId, Cause>) -> Task<Message> {
        match answer {
            Ok(_) => {
                if let Screen::Main(main) = &mut self.screen {
                    main.page = Page::None;
                }
                self.ask_accounts()
            }
            Err(cause) => match &mut self.screen {
                Screen::Welcome(welcome) => welcome.update(welcome::Message::Refused(cause)).0.map(Message::Welcome),
                Screen::Main(main) => {
                    if let Page::Trouble(page) = &mut main.page {
                        page.update(trouble::Message::Refused(cause));
                    }
                    Task::none()
                }
                Screen::Starting | Screen::Broken(_) => Task::none(),
            },
        }
    }

    fn accounts(&mut self, answer: Result<Vec<Account>, Cause>) -> Task<Message> {
        let again = self.questions.accounts.end();
        match answer {
            Err(cause) => self.screen = Screen::Broken(cause),
            Ok(accounts) => {
                let signed_in = !accounts.is_empty();
                self.accounts = accounts;
                match (&self.screen, signed_in) {
                    (Screen::Main(_), true) | (Screen::Welcome(_), false) => {}
                    (_, true) => {
                        self.screen = Screen::Main(Box::default());
                        let limits = self.ask_limits();
                        return Task::batch([self.ask_chats(), self.ask_contacts(), self.ask_new_devices(), limits]);
                    }
                    (_, false) => self.screen = Screen::Welcome(welcome::Welcome::default()),
                }
            }
        }
        if again { self.ask_accounts() } else { Task::none() }
    }

    fn settings(&mut self, message: settings::Message) -> Task<Message> {
        let percent = self.percent;
        let Some(main) = self.main() else {
            return Task::none();
        };
        let Page::Settings(page) = &mut main.page else {
            return Task::none();
        };
        match page.update(message, percent) {
            Some(settings::Event::Back) => {
                main.page = Page::None;
                Task::none()
            }
            Some(settings::Event::Arrivals) => self.show_arrivals(),
            Some(settings::Event::Health(account)) => self.show_health(account),
            Some(settings::Event::Devices(account)) => self.show_own_devices(account),
            Some(settings::Event::SignOut(account)) => {
                main.page = Page::None;
                main.open = None;
                main.home.choose(None);
                self.intend(move |core| async move { core.sign_out(account).await })
            }
            Some(settings::Event::TextSize(percent)) => self.set_percent(percent),
            Some(settings::Event::StartWithComputer(on)) => {
                let kept = self.host.start_with_computer(on);
                self.update(Message::Done(kept))
            }
            None => Task::none(),
        }
    }

    fn set_percent(&mut self, percent: u16) -> Task<Message> {
        // The window stays as large as it is, so fewer of our pixels fit in.
        self.size = self.size * (f32::from(self.percent) / f32::from(percent));
        self.percent = percent;
        self.host.set_text_percent(percent);
        Task::none()
    }

    fn trouble(&mut self, message: trouble::Message) -> Task<Message> {
        let Some(main) = self.main() else {
            return Task::none();
        };
        let Page::Trouble(page) = &mut main.page else {
            return Task::none();
        };
        match page.update(message) {
            Some(trouble::Event::SignIn(credentials)) => self.sign_in(credentials),
            Some(trouble::Event::SignInAnew(credentials)) => self.call(
                move |core| async move { Box::pin(core.sign_in_anew(credentials)).await },
                Message::SignedIn,
            ),
            Some(trouble::Event::TryAgain) => {
                main.page = Page::None;
                if let Some(core) = &self.core {
                    core.network_changed();
                }
                Task::none()
            }
            Some(trouble::Event::Later) => {
                main.page = Page::None;
                Task::none()
            }
            None => Task::none(),
        }
    }

    /// The first account that stopped, and why.
    pub(super) fn stopped(&self) -> Option<(&Account, &Cause)> {
        self.accounts
            .iter()
            .find_map(|account| match self.live.connections.get(&account.id) {
                Some(Connection::Stopped(cause)) => Some((account, cause)),
                _ => None,
            })
    }

    fn show_trouble(&mut self) -> Task<Message> {
        let page = self
            .stopped()
            .map(|(account, cause)| trouble::Trouble::new(account.clone(), cause.clone()));
        if let (Some(page), Some(main)) = (page, self.main()) {
            main.page = Page::Trouble(page);
        }
        operation::focus("new-password")
    }

    fn changed(&mut self, changes: &[Change]) -> Task<Message> {
        let open = self
            .main()
            .and_then(|main| main.open.as_ref().map(|open| open.chat().id));
        let any = |wanted: Change| {
            changes
                .iter()
                .any(|change| [wanted, Change::Everything].contains(change))
        };
        let mut tasks = Vec::new();
        if any(Change::Accounts) {
            tasks.push(self.ask_accounts());
        }
        if any(Change::Chats) {
            tasks.push(self.ask_chats());
        }
        if any(Change::Contacts) {
            tasks.push(self.ask_contacts());
        }
        if open.is_some_and(|open| any(Change::Chat(open))) {
            tasks.push(self.ask_timeline());
        }
        if any(Change::Devices) || any(Change::Accounts) {
            tasks.push(self.ask_new_devices());
        }
        // That a conversation is locked from now on is a change of the chat.
        if any(Change::Devices) || open.is_some_and(|open| any(Change::Chat(open))) {
            tasks.push(self.ask_readers());
        }
        Task::batch(tasks)
    }

    fn live(&mut self, live: Live) -> Task<Message> {
        let stopped_before = self.stopped().is_some();
        let caught_up = self.live.caught_up != live.caught_up;
        self.live = live;
        if caught_up {
            self.tell_news();
        }
        let mut tasks = Vec::new();
        // The user is told at once, and once; later the line above the chats leads there.
        if !stopped_before && self.stopped().is_some() {
            if self.window.is_none() {
                tasks.push(self.show_window());
            }
            tasks.push(self.show_trouble());
        }
        let connections = self.live.connections.clone();
        let event = self
            .open()
            .and_then(|open| match connections.get(&open.chat().account) {
                Some(Connection::Online) => open.online(),
                _ => None,
            });
        tasks.push(self.follow(event));
        Task::batch(tasks)
    }

    fn key(&mut self, event: &keyboard::Event) -> Task<Message> {
        use keyboard::key::Named;

        let keyboard::Event::KeyPressed { key, modifiers, .. } = event else {
            return Task::none();
        };
        match key.as_ref() {
            keyboard::Key::Named(Named::Tab) if modifiers.shift() => reveal::previous(),
            keyboard::Key::Named(Named::Tab) => reveal::next(),
            keyboard::Key::Named(Named::Escape) => self.back(),
            keyboard::Key::Character("k" | "K") => self.find(),
            keyboard::Key::Character("q" | "Q") => self.quit(),
            keyboard::Key::Character("+" | "=") => self.set_percent(next_size(self.percent, true)),
            keyboard::Key::Character("-") => self.set_percent(next_size(self.percent, false)),
            keyboard::Key::Character("0") => self.set_percent(100),
            _ => Task::none(),
        }
    }

    /// There is something that [`Message::Key`] with Escape goes back from: a phone's way back leaves otherwise.
    pub fn can_go_back(&self) -> bool {
        match &self.screen {
            Screen::Welcome(welcome) => welcome.can_go_back(),
            Screen::Main(main) => {
                !matches!(main.page, Page::None)
                    || main.home.can_go_back()
                    || self.asks_to_whom()
                    || (self.env().narrow && main.open.is_some())
            }
            Screen::Starting | Screen::Broken(_) => false,
        }
    }

    fn back(&mut self) -> Task<Message> {
        let asks = self.asks_to_whom();
        match &mut self.screen {
            Screen::Welcome(welcome) if welcome.can_go_back() => self.welcome(welcome::Message::Back),
            Screen::Main(main) => {
                if let Page::Readers(page) = &mut main.page
                    && page.back()
                {
                    return Task::none();
                }
                if !matches!(main.page, Page::None) {
                    main.page = Page::None;
                    return Task::none();
                }
                if main.home.back() {
                    return Task::none();
                }
                if asks {
                    self.shared = None;
                    return Task::none();
                }
                self.conversation(conversation::Message::Back)
            }
            _ => Task::none(),
        }
    }

    fn find(&mut self) -> Task<Message> {
        let narrow = self.env().narrow;
        let leave = if narrow { self.leave() } else { Task::none() };
        let Some(main) = self.main() else {
            return Task::none();
        };
        main.page = Page::None;
        let find = main.home.find().map(Message::Home);
        leave.chain(find)
    }

    fn window(&mut self, event: &window::Event) -> Task<Message> {
        match event {
            window::Event::Opened { size, .. } | window::Event::Resized(size) => {
                self.size = *size;
                // A phone's keyboard takes half of the window: the field must not be in that half.
                reveal::focused()
            }
            window::Event::Focused => self.look(true),
            window::Event::Unfocused => self.look(false),
            window::Event::CloseRequested => self.close_window(),
            _ => Task::none(),
        }
    }

    pub(super) fn look(&mut self, looked_at: bool) -> Task<Message> {
        self.looked_at = looked_at;
        self.tell_news();
        if let Some(core) = &self.core {
            core.set_active(looked_at);
        }
        let event = self.open().and_then(|open| open.look(looked_at));
        let draft = if looked_at { Task::none() } else { self.keep_draft() };
        // The user may come back from where it is changed.
        let covered = self.main().is_some_and(|main| !matches!(main.page, Page::None));
        let limits = if looked_at && covered {
            self.ask_limits()
        } else {
            Task::none()
        };
        Task::batch([self.follow(event), draft, limits])
    }

    pub(super) fn main(&mut self) -> Option<&mut Main> {
        match &mut self.screen {
            Screen::Main(main) => Some(main),
            _ => None,
        }
    }
}
