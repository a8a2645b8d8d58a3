//! Lists, bundles and sessions kept whole: XEP-0384, "Business Rules", and XEP-0060 where a node is not as it must be.

use grend_omemo::{Bundle, Device, DeviceList, Version, begin as begin_ratchet, empty};
use minidom::Element;
use xmpp_parsers::ns;

use super::nodes::{self, Node};
use super::{About, Question, Todo, ask_bundle, ask_list, wire};
use crate::incoming::Context;
use crate::model::BareJid;
use crate::protocol::{errors, message, store_hint, with};
use crate::random;
use crate::store::omemo::{self, Owed, Ring};
use crate::store::{Result, Tx, chats, contacts, messages};

/// Another client that takes us off the list again and again is left alone after so many repairs.
const REPAIRS: u32 = 3;

fn ring<'t, 'c>(tx: &'t mut Tx<'c>, context: &Context) -> Ring<'t, 'c> {
    Ring {
        tx,
        account: context.account,
        now: context.now,
    }
}

/// A session begins that remembers nothing: is what we published still there?
pub(crate) fn begin(tx: &mut Tx<'_>, context: &Context) -> Result<Todo> {
    let device = omemo::identity(tx, context.account, context.now)?.device;
    omemo::begin_session(tx, context.account)?;
    let lists = Version::ALL.into_iter().map(|version| ask_list(version, &context.me));
    let bundles = Version::ALL
        .into_iter()
        .filter_map(|version| ask_bundle(version, &device, false));
    Ok(Todo {
        // Keys first: who finds a device on a list wants them at once.
        questions: bundles.chain(lists).collect(),
        stanzas: Vec::new(),
    })
}

/// The answer to a question; `None` if none came in time.
pub(crate) fn answered(tx: &mut Tx<'_>, context: &Context, about: &About, answer: Option<&Element>) -> Result<Todo> {
    match about {
        About::List(version, address) => list(tx, context, (*version, address), answer),
        About::Bundle { version, device, heal } => bundle(tx, context, (*version, device, *heal), answer),
        About::Published { node, again: true } if answer.is_some_and(unfit) => Ok(todo([Question {
            about: About::Configured(node.clone()),
            to: None,
            kind: "set",
            payload: node.configure(),
        }])),
        About::Published { node, .. } => {
            if node.bundle.is_none() {
                if answer.is_some_and(is_good) {
                    omemo::gone(tx, context.account)?;
                } else {
                    off_the_list(tx, context, node.version)?;
                }
            }
            Ok(Todo::default())
        }
        // It is on no list any more: if its bundle stays there, no harm is done.
        About::Deleted(_) => Ok(Todo::default()),
        About::Configured(node) => match node.bundle {
            Some(_) => publish_bundle(tx, context, node.version, false),
            // Others may have changed it: look before writing.
            None => Ok(todo([ask_list(node.version, &context.me)])),
        },
    }
}

fn todo(questions: impl IntoIterator<Item = Question>) -> Todo {
    Todo {
        questions: questions.into_iter().collect(),
        stanzas: Vec::new(),
    }
}

fn is_good(answer: &Element) -> bool {
    answer.attr("type") == Some("result")
}

/// Whether the node is there and not as it must be.
fn unfit(answer: &Element) -> bool {
    let error = answer.children().find(|child| child.name() == "error");
    error.is_some_and(|error| error.has_child("precondition-not-met", ns::PUBSUB_ERRORS))
        || !is_good(answer) && errors::condition(answer) == "conflict"
}

/// What was asked for, if it is there; and whether it is certain that it is not.
fn fetched<'a>(node: &Node, answer: Option<&'a Element>) -> (Option<&'a Element>, bool) {
    let items = answer
        .filter(|answer| is_good(answer))
        .and_then(|answer| answer.get_child("pubsub", ns::PUBSUB)?.get_child("items", ns::PUBSUB));
    let payload = items.and_then(|items| node.payload(items));
    let missing = payload.is_none()
        && answer.is_some_and(|answer| is_good(answer) || errors::condition(answer) == "item-not-found");
    (payload, missing)
}

fn list(tx: &mut Tx<'_>, context: &Context, of: (Version, &BareJid), answer: Option<&Element>) -> Result<Todo> {
    let (version, address) = of;
    let (list, missing) = fetched(&Node::devices(version), answer);
    let devices = nodes::read_list(list);
    let of = (context.account, address.as_str(), version);
    if list.is_none() && !missing {
        // Nobody waits for a silent server twice.
        omemo::know_list(tx, of, context.now)?;
        return Ok(Todo::default());
    }
    omemo::put_list(tx, of, &devices, context.now)?;
    if *address != context.me {
        return Ok(Todo::default());
    }
    let own = omemo::identity(tx, context.account, context.now)?.device.id;
    let gone = omemo::unwanted(tx, context.account)?;
    let wanted = devices.ids().iter().filter(|id| !gone.contains(id)).chain([&own]);
    let wanted = DeviceList::read(wanted.copied().map(u64::from));
    if wanted.ids().len() == devices.ids().len() && devices.ids().contains(&own) {
        omemo::gone(tx, context.account)?;
        return Ok(Todo::default());
    }
    let only_us = !devices.ids().iter().any(|id| gone.contains(id));
    if only_us && omemo::repaired(tx, context.account)? > 2 * REPAIRS {
        return Ok(Todo::default());
    }
    // Taken for done while it is on its way, so that it is not done twice.
    omemo::put_list(tx, of, &wanted, context.now)?;
    let node = Node::devices(version);
    let payload = node.publish(nodes::with_device(version, list, own, &gone));
    let keys = devices.ids().iter().filter(|id| gone.contains(id));
    let deleted = keys.map(|id| delete_bundle(version, *id));
    Ok(todo([published(node, payload, true)].into_iter().chain(deleted)))
}

/// Nobody is to begin a session with a device that is gone.
fn delete_bundle(version: Version, device: u32) -> Question {
    let node = Node::bundle(version, device);
    Question {
        payload: node.delete(),
        about: About::Deleted(node),
        to: None,
        kind: "set",
    }
}

/// Our list could not be published.
fn off_the_list(tx: &mut Tx<'_>, context: &Context, version: Version) -> Result<()> {
    let own = omemo::identity(tx, context.account, context.now)?.device.id;
    let of = (context.account, context.me.as_str(), version);
    match omemo::is_listed(tx, of)?.without(own) {
        Some(list) => omemo::put_list(tx, of, &list, context.now),
        None => Ok(()),
    }
}

fn published(node: Node, payload: Element, again: bool) -> Question {
    Question {
        about: About::Published { node, again },
        to: None,
        kind: "set",
        payload,
    }
}

fn ours(tx: &Tx<'_>, context: &Context, version: Version) -> Result<Option<Bundle>> {
    let identity = omemo::identity(tx, context.account, context.now)?;
    let given_out = omemo::given_out(tx, context.account)?;
    Ok(given_out.map(|(signed, keys)| {
        let mut bundle = Bundle::ours(version, &identity, &signed, &keys);
        bundle.pre_keys.sort();
        bundle
    }))
}

fn publish_bundle(tx: &Tx<'_>, context: &Context, version: Version, again: bool) -> Result<Todo> {
    let own = omemo::identity(tx, context.account, context.now)?.device.id;
    let node = Node::bundle(version, own);
    let bundle = ours(tx, context, version)?;
    Ok(todo(bundle.map(|bundle| {
        let payload = node.publish(nodes::write_bundle(&bundle));
        published(node, payload, again)
    })))
}

fn bundle(tx: &mut Tx<'_>, context: &Context, of: (Version, &Device, bool), answer: Option<&Element>) -> Result<Todo> {
    let (version, device, heal) = of;
    let (payload, missing) = fetched(&Node::bundle(version, device.id), answer);
    let bundle = payload.and_then(|payload| nodes::read_bundle(version, payload));
    if *device == omemo::identity(tx, context.account, context.now)?.device {
        let known = payload.is_some() || missing;
        return if known {
            own_bundle(tx, context, version, bundle)
        } else {
            Ok(Todo::default())
        };
    }
    let begun = match bundle {
        Some(bundle) => begin_ratchet(&mut ring(tx, context), device, &bundle)?.is_ok(),
        None => false,
    };
    omemo::broke(tx, context.account, device, (!begun).then_some(context.now))?;
    if begun && heal {
        return Ok(Todo {
            questions: Vec::new(),
            stanzas: nothing(tx, context, (version, device))?.into_iter().collect(),
        });
    }
    Ok(Todo::default())
}

/// What is published of this device, or nothing: is it what we would publish?
fn own_bundle(tx: &Tx<'_>, context: &Context, version: Version, published: Option<Bundle>) -> Result<Todo> {
    let published = published.map(|mut bundle| {
        bundle.pre_keys.sort();
        bundle
    });
    let ours = ours(tx, context, version)?;
    if published == ours {
        return Ok(Todo::default());
    }
    if let (Some(published), Some(ours)) = (&published, &ours)
        && published.identity == ours.identity
        && omemo::is_from_later(tx, context.account, published)?
    {
        omemo::found_restored(tx, context.account)?;
        // New keys are published when there are some.
        return Ok(Todo::default());
    }
    publish_bundle(tx, context, version, true)
}

/// A message that says nothing, for one device.
fn nothing(tx: &mut Tx<'_>, context: &Context, to: (Version, &Device)) -> Result<Option<Element>> {
    let (version, device) = to;
    let sealed = empty(&mut ring(tx, context), version, std::slice::from_ref(device))?;
    let (Some(sealed), Ok(address)) = (sealed.message, BareJid::new(&device.address)) else {
        return Ok(None);
    };
    let parts = [wire::write(&sealed), store_hint()];
    Ok(Some(with(message(&address, &random::token()), parts)))
}

/// What rows say is to be done. Only when the archive was read: until then nothing is answered, no lost session is begun anew and
/// used pre-keys are kept.
pub(crate) fn upkeep(tx: &mut Tx<'_>, context: &Context) -> Result<Todo> {
    let mut todo = Todo::default();
    let account = context.account;
    let Some((own, restored)) = omemo::number(tx, account)? else {
        return Ok(todo);
    };
    if restored {
        omemo::begin_anew(tx, account, context.now)?;
    }
    for (device, owed, version) in omemo::owed(tx, account)? {
        omemo::forget_owed(tx, account, &device)?;
        if !knows_us(tx, context, &device)? {
            continue;
        }
        match owed {
            Owed::Answer => todo.stanzas.extend(nothing(tx, context, (version, &device))?),
            Owed::Session => {
                omemo::healed(tx, account, &device, context.now)?;
                todo.questions.extend(ask_bundle(version, &device, true));
            }
        }
    }
    if omemo::renew(tx, account, context.now)? || restored {
        for version in Version::ALL {
            todo.extend(publish_bundle(tx, context, version, true)?);
        }
    }
    omemo::expire(tx, account, context.now)?;
    let gone = omemo::unwanted(tx, account)?;
    for version in omemo::lists_known(tx, account, context.me.as_str())? {
        let list = omemo::is_listed(tx, (account, context.me.as_str(), version))?;
        let unwanted = list.ids().iter().any(|id| gone.contains(id));
        if unwanted || !list.ids().contains(&own) && omemo::repaired(tx, account)? <= REPAIRS {
            todo.questions.push(ask_list(version, &context.me));
        }
    }
    Ok(todo)
}

/// Strangers learn nothing, not even that we read what they wrote.
fn knows_us(tx: &Tx<'_>, context: &Context, device: &Device) -> Result<bool> {
    let Ok(address) = BareJid::new(&device.address) else {
        return Ok(false);
    };
    if address == context.me || contacts::sees_us(tx, context.account, &address)? {
        return Ok(true);
    }
    match chats::find(tx, context.account, &address)? {
        Some(chat) => messages::wrote_to(tx, chat),
        None => Ok(false),
    }
}
