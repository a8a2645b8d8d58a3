//! The chats, the open conversation, and what they ask of core; and how all of it is drawn.

use grend_core::Cause;
use grend_core::model::{Chat, ChatId, Contact, Timeline, Window};
use iced_core::Alignment;
use iced_core::Length::Fill;
use iced_runtime::Task;
use iced_widget::{column, container, row, rule, text};

use super::{Message, Page, Screen, State};
use crate::screen::conversation::{self, Conversation};
use crate::screen::{home, parts, settings, trouble};
use crate::theme::style::{self, Button};
use crate::widget::Element;

impl State {
    pub(super) fn open(&mut self) -> Option<&mut Conversation> {
        self.main()?.open.as_mut()
    }

    pub(super) fn open_chat(&mut self, chat: ChatId) -> Option<&mut Conversation> {
        self.open().filter(|open| open.chat().id == chat)
    }

    pub(super) fn home(&mut self, message: home::Message) -> Task<Message> {
        let Some(main) = self.main() else {
            return Task::none();
        };
        let (task, event) = main.home.update(message);
        let task = task.map(Message::Home);
        let Some(event) = event else {
            return task;
        };
        self.share_with(&event);
        Task::batch([task, self.go(event)])
    }

    /// Does what the lists want.
    pub(super) fn go(&mut self, event: home::Event) -> Task<Message> {
        match event {
            home::Event::Open(chat) => self.show(chat),
            home::Event::OpenContact(account, address) => self.call(
                move |core| async move { core.open_chat(account, address).await },
                Message::Opened,
            ),
            home::Event::Answer(account, address, yes) => {
                self.intend(move |core| async move { core.answer_contact(account, address, yes).await })
            }
            home::Event::Add(address, name) => match self.first_account() {
                Some(account) => self.intend(move |core| async move { core.add_contact(account, address, name).await }),
                None => Task::none(),
            },
            home::Event::Settings => {
                if let Some(main) = self.main() {
                    main.page = Page::Settings(settings::Settings::default());
                }
                self.ask_limits()
            }
        }
    }

    pub(super) fn chats(&mut self, answer: Result<Vec<Chat>, Cause>) -> Task<Message> {
        let again = self.questions.chats.end();
        match (answer, self.main()) {
            (Ok(chats), Some(main)) => {
                main.home.set_chats(chats);
                if let Some(open) = &mut main.open
                    && let Some(chat) = main.home.chat(open.chat().id)
                {
                    open.set_chat(chat.clone());
                }
            }
            (Ok(_), None) => {}
            (Err(cause), _) => self.fault = Some(cause),
        }
        let led = self.follow_notice();
        self.tell_news();
        let asked = if again { self.ask_chats() } else { Task::none() };
        Task::batch([asked, led, self.follow_link()])
    }

    pub(super) fn contacts(&mut self, answer: Result<Vec<Contact>, Cause>) -> Task<Message> {
        let again = self.questions.contacts.end();
        match (answer, self.main()) {
            (Ok(contacts), Some(main)) => main.home.set_contacts(contacts),
            (Ok(_), None) => {}
            (Err(cause), _) => self.fault = Some(cause),
        }
        let asked = if again { self.ask_contacts() } else { Task::none() };
        Task::batch([asked, self.follow_link()])
    }

    pub(super) fn opened(&mut self, answer: Result<ChatId, Cause>) -> Task<Message> {
        match answer {
            Ok(chat) if self.main().is_some_and(|main| main.home.chat(chat).is_some()) => self.show(chat),
            // The chat is new: the list has to tell of it first.
            Ok(chat) => self.call(
                |core| async move { core.chats().await },
                move |answer| Message::Listed(chat, answer),
            ),
            Err(cause) => {
                self.fault = Some(cause);
                Task::none()
            }
        }
    }

    pub(super) fn listed(&mut self, chat: ChatId, answer: Result<Vec<Chat>, Cause>) -> Task<Message> {
        if let (Ok(chats), Some(main)) = (answer, self.main()) {
            main.home.set_chats(chats);
        }
        self.show(chat)
    }

    /// Shows a chat in place of the one that was open.
    fn show(&mut self, chat: ChatId) -> Task<Message> {
        if self.open_chat(chat).is_some() {
            let focus = if self.host.has_keys() {
                iced_runtime::widget::operation::focus("composer")
            } else {
                Task::none()
            };
            return Task::batch([focus, self.arrived(chat)]);
        }
        let leave = self.leave();
        let looked_at = self.looked_at;
        let Some(main) = self.main() else {
            return leave;
        };
        let Some(chat) = main.home.chat(chat).cloned() else {
            return leave;
        };
        let id = chat.id;
        main.home.choose(Some(chat.id));
        let about = (chat.account, chat.address.clone());
        let (conversation, mut task, first) = Conversation::new(chat, looked_at);
        main.open = Some(conversation);
        if !self.host.has_keys() {
            task = Task::none();
        }
        // An answer for the chat before must not hold up the question for this one.
        self.questions.timeline = super::Question::default();
        self.questions.readers = super::Question::default();
        self.look_at_devices(&about);
        let asked = self.follow([first]);
        let arrived = self.arrived(id);
        let readers = self.ask_readers();
        Task::batch([leave, task.map(Message::Conversation), asked, arrived, readers])
    }

    /// Closes the open conversation and keeps what was typed.
    pub(super) fn leave(&mut self) -> Task<Message> {
        let kept = self.keep_draft();
        if let Some(main) = self.main() {
            main.open = None;
            main.home.choose(None);
        }
        kept
    }

    pub(super) fn keep_draft(&mut self) -> Task<Message> {
        let event = self.open().and_then(Conversation::unsaved);
        self.follow(event)
    }

    pub(super) fn conversation(&mut self, message: conversation::Message) -> Task<Message> {
        let Some(open) = self.open() else {
            return Task::none();
        };
        let (task, events) = open.update(message);
        let followed = self.follow(events);
        Task::batch([task.map(Message::Conversation), followed])
    }

    pub(super) fn timeline_answer(
        &mut self,
        chat: ChatId,
        window: Window,
        answer: Result<Timeline, Cause>,
    ) -> Task<Message> {
        if self.open_chat(chat).is_none() {
            return Task::none();
        }
        let again = self.questions.timeline.end();
        let events = match (answer, self.open_chat(chat)) {
            (Ok(timeline), Some(open)) => open.answer(window, timeline),
            (Err(cause), _) => {
                self.fault = Some(cause);
                Vec::new()
            }
            (Ok(_), None) => Vec::new(),
        };
        let followed = self.follow(events);
        if again {
            Task::batch([followed, self.ask_timeline()])
        } else {
            followed
        }
    }

    /// Does what the open conversation wants.
    pub(super) fn follow(&mut self, events: impl IntoIterator<Item = conversation::Event>) -> Task<Message> {
        use conversation::Event;

        let Some(chat) = self.open().map(|open| open.chat().id) else {
            return Task::none();
        };
        let mut tasks = Vec::new();
        for event in events {
            tasks.push(match event {
                Event::Ask(_) => self.ask_timeline(),
                Event::Fill(_) => self.call(
                    move |core| async move { core.fill(chat).await },
                    move |all| Message::Filled(chat, all),
                ),
                Event::Send(body) => self.send(chat, body),
                Event::Retry(message) => self.intend(move |core| async move { core.retry(message).await }),
                Event::Displayed(message) => {
                    self.intend(move |core| async move { core.displayed(chat, message).await })
                }
                Event::Draft(text) => {
                    self.know_draft(chat, &text);
                    self.intend(move |core| async move { core.set_draft(chat, text).await })
                }
                Event::Typing(on) => {
                    if let Some(core) = &self.core {
                        core.typing(chat, on);
                    }
                    Task::none()
                }
                Event::Open(link) => {
                    self.host.open(&link);
                    Task::none()
                }
                Event::TryAgain => {
                    if let Some(core) = &self.core {
                        core.network_changed();
                    }
                    Task::none()
                }
                Event::Readers => self.show_readers(chat),
                Event::AskAgain(message, words) => {
                    let text = words.clone();
                    self.call(
                        move |core| async move { core.ask_again(message, text).await.map(|_| ()) },
                        move |answer| Message::Sent(chat, words.clone(), answer),
                    )
                }
                Event::Trust(device, trust) => self.intend(move |core| async move { core.trust(device, trust).await }),
                Event::Encrypt => self.intend(move |core| async move { core.set_encryption(chat, true).await }),
                Event::Back => self.leave(),
            });
        }
        Task::batch(tasks)
    }

    /// The list knows a draft before core tells it: whoever comes back in the next moment finds what was typed.
    fn know_draft(&mut self, chat: ChatId, text: &str) {
        if let Some(main) = self.main() {
            main.home.set_draft(chat, text);
        }
    }

    fn send(&mut self, chat: ChatId, body: String) -> Task<Message> {
        self.know_draft(chat, "");
        let text = body.clone();
        self.call(
            move |core| async move { core.send(chat, text).await.map(|_| ()) },
            move |answer| Message::Sent(chat, body.clone(), answer),
        )
    }

    /// Draws everything.
    pub fn view(&self) -> Element<'_, Message> {
        let env = self.env();
        let content: Element<'_, Message> = match &self.screen {
            Screen::Starting => iced_widget::space().width(Fill).height(Fill).into(),
            Screen::Broken(cause) => trouble::cannot_start(env, cause),
            Screen::Welcome(welcome) => welcome.view(env).map(Message::Welcome),
            Screen::Main(main) => match &main.page {
                Page::Settings(page) => {
                    let view = page.view(env, &self.accounts, self.percent, self.limits.are_known());
                    view.map(Message::Settings)
                }
                Page::Arrivals(page) => {
                    let view = page.view(env, self.limits, &self.wake, self.can_be_woken);
                    view.map(Message::Arrivals)
                }
                Page::Trouble(page) => page.view(env).map(Message::Trouble),
                Page::Health(page) => page.view(env).map(Message::Health),
                Page::Readers(page) => page.view(env).map(Message::Readers),
                Page::None => self.view_chats(main),
            },
        };
        match &self.fault {
            Some(cause) => column![container(content).height(Fill), self.view_fault(cause)].into(),
            None => content,
        }
    }

    /// The lists, and above them what they are asked for.
    fn view_home<'a>(&'a self, main: &'a super::Main) -> Element<'a, Message> {
        let home = main.home.view(self.env()).map(Message::Home);
        match self.view_shared() {
            Some(question) => column![question, home].into(),
            None => home,
        }
    }

    fn view_chats<'a>(&'a self, main: &'a super::Main) -> Element<'a, Message> {
        let env = self.env();
        let chats: Element<'a, Message> = match (&main.open, env.narrow) {
            (Some(open), true) => open.view(env).map(Message::Conversation),
            (None, true) => self.view_home(main),
            (open, false) => {
                let right: Element<'a, Message> = match open {
                    Some(open) => open.view(env).map(Message::Conversation),
                    None => container(parts::words(self.words.say("choose-chat")))
                        .center(Fill)
                        .into(),
                };
                let list = (self.size.width * 0.36).clamp(260.0, 340.0);
                row![container(self.view_home(main)).width(list), rule::vertical(1), right].into()
            }
        };
        let chats = match self.view_new_device() {
            Some(line) => column![line, chats].into(),
            None => chats,
        };
        let chats = match self.view_limits() {
            Some(line) => column![line, chats].into(),
            None => chats,
        };
        if self.stopped().is_none() {
            return chats;
        }
        let line = row![
            parts::sign(parts::sign::WARNING, parts::BODY),
            text(self.words.say("stopped-line")).size(parts::BODY).width(Fill),
            parts::button(self.words.say("stopped-open"), Button::Secondary).on_press(Message::ShowTrouble),
        ];
        let line = line.spacing(10).align_y(Alignment::Center);
        column![container(line).padding([6, 14]).width(Fill).style(style::notice), chats].into()
    }

    fn view_fault<'a>(&'a self, cause: &Cause) -> Element<'a, Message> {
        let line = row![
            parts::sign(parts::sign::WARNING, parts::BODY),
            text(self.words.cause(cause)).size(parts::BODY).width(Fill),
            parts::button(self.words.say("later"), Button::Secondary).on_press(Message::HideFault),
        ];
        container(line.spacing(10).align_y(Alignment::Center))
            .padding([8, 14])
            .width(Fill)
            .style(style::notice)
            .into()
    }
}
