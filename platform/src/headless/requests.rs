//! Requests: from a line to a call of core, and from its result to a line.

use std::path::PathBuf;
use std::time::Duration;

use grend_core::model::{
    AccountId, BareJid, CatchUp, ChatId, Compared, Connection, Credentials, Device, DeviceId, Health, Live, Message,
    MessageId, Override, Tls, Trust, Wake, Window,
};
use grend_core::{Cause, Core, DeviceLink, Invalid, Network};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Lines;

/// What can be asked. The names are those of `docs/headless.md`.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Request {
    SignIn(SignIn),
    WaitOnline {
        account: AccountId,
        timeout_ms: Option<u64>,
    },
    WaitCaughtUp {
        account: AccountId,
        timeout_ms: Option<u64>,
    },
    Open {
        account: AccountId,
        address: String,
    },
    Send {
        chat: ChatId,
        body: String,
    },
    Timeline {
        chat: ChatId,
        limit: Option<u32>,
        before: Option<MessageId>,
    },
    Chats,
    Contacts,
    Accounts,
    Health {
        account: AccountId,
    },
    Displayed {
        chat: ChatId,
        message: MessageId,
    },
    Draft {
        chat: ChatId,
        text: String,
    },
    Typing {
        chat: ChatId,
        on: bool,
    },
    Fill {
        chat: ChatId,
    },
    CatchUp {
        deadline_ms: u64,
    },
    Retry {
        message: MessageId,
    },
    AddContact {
        account: AccountId,
        address: String,
        name: Option<String>,
    },
    AnswerContact {
        account: AccountId,
        address: String,
        yes: bool,
    },
    AskAgain {
        message: MessageId,
        body: String,
    },
    Encrypt {
        chat: ChatId,
        on: bool,
    },
    Devices {
        account: AccountId,
        address: String,
    },
    Trust {
        device: DeviceId,
        state: Trust,
    },
    Name {
        device: DeviceId,
        name: String,
    },
    Remove {
        device: DeviceId,
    },
    Link {
        account: AccountId,
    },
    Compare {
        account: AccountId,
        address: String,
        link: String,
    },
    WakeBy {
        service: Option<String>,
    },
    Endpoint {
        endpoint: Option<String>,
    },
    Wake,
    NetworkChanged,
    Active {
        on: bool,
    },
    SignOut {
        account: AccountId,
    },
    Quit,
}

#[derive(Deserialize)]
struct SignIn {
    address: String,
    password: String,
    host: Option<String>,
    port: Option<u16>,
    tls: Option<Tls>,
    ca: Option<PathBuf>,
    #[serde(default)]
    anew: bool,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

/// Serves one line; what takes long goes on in `slow`. False: the program is to end.
pub(super) async fn take(core: &Core, line: &str, lines: &Lines, slow: &mut JoinSet<()>) -> bool {
    if line.trim().is_empty() {
        return true;
    }
    // Only the id is read before it is known whether the rest makes sense.
    let id = serde_json::from_str::<Value>(line)
        .ok()
        .and_then(|value| value.get("id").cloned())
        .unwrap_or_default();
    let request = match serde_json::from_str(line) {
        Ok(request) => request,
        Err(error) => {
            answer(lines, &id, Err(Invalid::Request(error.to_string()).into()));
            return true;
        }
    };
    match request {
        Request::Quit => {
            answer(lines, &id, Ok(json!({})));
            return false;
        }
        // What waits for the network must not hold up the rest.
        Request::SignIn(_)
        | Request::WaitOnline { .. }
        | Request::WaitCaughtUp { .. }
        | Request::Fill { .. }
        | Request::CatchUp { .. }
        | Request::SignOut { .. } => {
            let (core, lines) = (core.clone(), lines.clone());
            slow.spawn(async move { answer(&lines, &id, wait(&core, request).await) });
        }
        request => answer(lines, &id, now(core, request).await),
    }
    while slow.try_join_next().is_some() {}
    true
}

/// Whether serving this line would go out to the network.
#[cfg(any(test, fuzzing))]
pub(super) fn goes_out(line: &str) -> bool {
    matches!(serde_json::from_str(line), Ok(Request::SignIn(_)))
}

fn answer(lines: &Lines, id: &Value, result: Result<Value, Cause>) {
    let line = match result {
        Ok(value) => json!({ "id": id, "ok": value }),
        Err(cause) => json!({ "id": id, "error": super::error(&cause) }),
    };
    // Nobody reads: the program is ending.
    let _ = lines.send(line);
}

/// Requests that need the network.
async fn wait(core: &Core, request: Request) -> Result<Value, Cause> {
    match request {
        Request::SignIn(sign_in) => {
            let anew = sign_in.anew;
            let credentials = credentials(sign_in)?;
            let account = if anew {
                core.sign_in_anew(credentials).await?
            } else {
                core.sign_in(credentials).await?
            };
            Ok(json!({ "account": account }))
        }
        Request::WaitOnline { account, timeout_ms } => {
            let online = |live: &Live| live.connections.get(&account) == Some(&Connection::Online);
            until(core, account, timeout_ms, online).await?;
            Ok(json!({}))
        }
        Request::WaitCaughtUp { account, timeout_ms } => {
            until(core, account, timeout_ms, |live| live.caught_up.contains(&account)).await?;
            Ok(json!({ "stored": core.count(account).await? }))
        }
        Request::Fill { chat } => Ok(json!({ "complete": core.fill(chat).await? })),
        Request::CatchUp { deadline_ms } => Ok(match core.catch_up(Duration::from_millis(deadline_ms)).await {
            CatchUp::Done => json!({ "done": true, "behind": [] }),
            CatchUp::Behind(behind) => json!({ "done": false, "behind": behind }),
        }),
        Request::SignOut { account } => core.sign_out(account).await.map(|()| json!({})),
        _ => Err(Invalid::Request("it does not wait".to_owned()).into()),
    }
}

/// Queries, intents and hints.
async fn now(core: &Core, request: Request) -> Result<Value, Cause> {
    let done = json!({});
    Ok(match request {
        Request::Open { account, address: to } => {
            json!({ "chat": core.open_chat(account, address(&to)?).await? })
        }
        Request::Send { chat, body } => json!({ "message": core.send(chat, body).await? }),
        Request::Timeline { chat, limit, before } => {
            let window = Window {
                limit: limit.unwrap_or(50).clamp(1, 10_000),
                before,
            };
            let timeline = core.timeline(chat, window).await?;
            let messages: Vec<Value> = timeline.messages.iter().map(message).collect();
            json!({ "messages": messages, "complete": timeline.complete, "unread_from": timeline.unread_from })
        }
        Request::Chats => json!({ "chats": chats(core).await? }),
        Request::Contacts => json!({ "contacts": contacts(core).await? }),
        Request::Accounts => {
            let accounts = core.accounts().await?;
            let rows = accounts
                .iter()
                .map(|it| json!({ "account": it.id, "address": it.address.as_str() }));
            json!({ "accounts": rows.collect::<Vec<_>>() })
        }
        Request::Health { account } => health(&core.health(account).await?),
        Request::Displayed { chat, message } => core.displayed(chat, message).await.map(|()| done)?,
        Request::Draft { chat, text } => core.set_draft(chat, text).await.map(|()| done)?,
        Request::Typing { chat, on } => {
            core.typing(chat, on);
            done
        }
        Request::Retry { message } => core.retry(message).await.map(|()| done)?,
        Request::AddContact {
            account,
            address: who,
            name,
        } => core
            .add_contact(account, address(&who)?, name.unwrap_or_default())
            .await
            .map(|()| done)?,
        Request::AnswerContact {
            account,
            address: who,
            yes,
        } => core.answer_contact(account, address(&who)?, yes).await.map(|()| done)?,
        Request::AskAgain { message, body } => json!({ "message": core.ask_again(message, body).await? }),
        Request::Encrypt { chat, on } => core.set_encryption(chat, on).await.map(|()| done)?,
        Request::Devices {
            account,
            address: whose,
        } => {
            let devices = core.devices(account, address(&whose)?).await?;
            json!({ "devices": devices.iter().map(device).collect::<Vec<_>>() })
        }
        Request::Trust { device, state } => core.trust(device, state).await.map(|()| done)?,
        Request::Name { device, name } => core.name_device(device, name).await.map(|()| done)?,
        Request::Remove { device } => core.remove_device(device).await.map(|()| done)?,
        Request::Link { account } => json!({ "link": own_link(core, account).await? }),
        Request::Compare {
            account,
            address: whose,
            link,
        } => compared(&core.compare(account, address(&whose)?, &link).await?),
        Request::WakeBy { service } => {
            let service = service.as_deref().map(address).transpose()?;
            core.wake_by(service).await.map(|()| done)?
        }
        Request::Endpoint { endpoint } => core.set_endpoint(endpoint).await.map(|()| done)?,
        Request::Wake => wake(&core.wake().await?),
        Request::NetworkChanged => {
            core.network_changed();
            done
        }
        Request::Active { on } => {
            core.set_active(on);
            done
        }
        _ => {
            return Err(Invalid::Request("it is not answered at once".to_owned()).into());
        }
    })
}

/// Waits for something to become true; a connection that stopped for good is an error at once.
async fn until(
    core: &Core,
    account: AccountId,
    timeout_ms: Option<u64>,
    is_true: impl Fn(&Live) -> bool,
) -> Result<(), Cause> {
    let mut reader = core.live();
    let wait = async {
        let mut live = reader.current();
        loop {
            if is_true(&live) {
                return Ok(());
            }
            if let Some(Connection::Stopped(cause)) = live.connections.get(&account) {
                return Err(cause.clone());
            }
            live = reader.changed().await.ok_or(Cause::Network(Network::Lost))?;
        }
    };
    match timeout_ms {
        None => wait.await,
        Some(ms) => {
            let ended = tokio::time::timeout(Duration::from_millis(ms), wait).await;
            ended.unwrap_or(Err(Cause::Network(Network::Silent)))
        }
    }
}

fn address(text: &str) -> Result<BareJid, Cause> {
    BareJid::new(text.trim()).map_err(|_| Invalid::Address(text.to_owned()).into())
}

fn credentials(it: SignIn) -> Result<Credentials, Cause> {
    let address = address(&it.address)?;
    let said = it.host.is_some() || it.port.is_some() || it.tls.is_some();
    let host = said.then(|| Override {
        host: it.host.unwrap_or_else(|| address.domain().to_string()),
        port: it.port,
        tls: it.tls.unwrap_or_default(),
    });
    // A relative path must mean the same when the program is started elsewhere.
    let ca = it.ca.map(|ca| std::path::absolute(&ca).unwrap_or(ca));
    Ok(Credentials {
        address,
        password: it.password,
        host,
        ca,
    })
}

/// A message as the protocol shows it.
pub(super) fn message(message: &Message) -> Value {
    json!({
        "id": message.id,
        "mine": message.mine,
        "from": message.from.as_str(),
        "body": message.body,
        "sent_at": message.sent_at,
        "state": message.state,
        "failure": message.failure,
        "encryption": message.encryption,
        "device": message.device,
        "unreadable": message.unreadable,
        "wire_id": message.wire_id,
        "origin_id": message.origin_id,
        "archive_id": message.archive_id,
    })
}

fn device(device: &Device) -> Value {
    json!({
        "device": device.id,
        "number": device.number,
        "name": device.name,
        "new": device.new,
        "this": device.this,
        "listed": device.listed,
        "fingerprint": device.fingerprint,
        "trust": device.trust,
        "broken": device.broken,
        "seen_at": device.seen_at,
        "used_at": device.used_at,
    })
}

async fn own_link(core: &Core, account: AccountId) -> Result<Option<String>, Cause> {
    let accounts = core.accounts().await?;
    let Some(account) = accounts.into_iter().find(|known| known.id == account) else {
        return Ok(None);
    };
    let ours = core.devices(account.id, account.address.clone()).await?;
    Ok(DeviceLink::of(&account.address, &ours).map(|link| link.to_string()))
}

fn compared(found: &Compared) -> Value {
    let numbers = |devices: &[Device]| devices.iter().map(|device| device.number).collect::<Vec<_>>();
    match found {
        Compared::NoLink => json!({ "found": "no_link" }),
        Compared::Of(address) => json!({ "found": "other", "address": address.as_str() }),
        Compared::Differs(devices) => json!({ "found": "differs", "devices": numbers(devices) }),
        Compared::Same { verified, others } => {
            json!({ "found": "same", "verified": verified, "others": numbers(others) })
        }
    }
}

fn wake(wake: &Wake) -> Value {
    let accounts = wake
        .accounts
        .iter()
        .map(|(account, state)| json!({ "account": account, "state": state }));
    json!({
        "service": wake.service.as_ref().map(|service| service.as_str()),
        "endpoint": wake.endpoint,
        "accounts": accounts.collect::<Vec<_>>(),
    })
}

fn health(health: &Health) -> Value {
    let last = health
        .last
        .iter()
        .map(|it| json!({ "reason": it.reason.word(), "sender": it.sender, "archive_id": it.archive_id, "at": it.at }));
    json!({ "aside": health.aside, "last": last.collect::<Vec<_>>() })
}

async fn chats(core: &Core) -> Result<Vec<Value>, Cause> {
    let chats = core.chats().await?;
    Ok(chats
        .iter()
        .map(|chat| {
            json!({
                "chat": chat.id,
                "account": chat.account,
                "address": chat.address.as_str(),
                "name": chat.name,
                "last": chat.preview,
                "last_at": chat.last_at,
                "unread": chat.unread,
                "draft": chat.draft,
            })
        })
        .collect())
}

async fn contacts(core: &Core) -> Result<Vec<Value>, Cause> {
    let contacts = core.contacts().await?;
    Ok(contacts
        .iter()
        .map(|contact| {
            json!({
                "account": contact.account,
                "address": contact.address.as_str(),
                "name": contact.name,
                "groups": contact.groups,
                "we_see_them": contact.we_see_them,
                "they_see_us": contact.they_see_us,
                "asks": contact.asks,
                "asked": contact.asked,
            })
        })
        .collect())
}
