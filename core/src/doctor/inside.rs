//! What can be seen after signing in: a session of its own, which is not there for anybody (no presence), asks, and leaves.

use std::sync::Arc;
use std::time::Duration;

use minidom::Element;
use tokio::time::timeout;
use xmpp_parsers::ns;

use super::questions::{Answer, Asker, Question};
use super::services::{self, Info};
use super::{Fact, Notes, Patient, Says, calls, files};
use crate::error::{Cause, Network};
use crate::http::Way;
use crate::model::Pins;
use crate::protocol::query::{self, Page};
use crate::protocol::upload;
use crate::random;
use crate::session::Secrets;
use crate::session::begin::Wish;
use crate::session::login::{self, SignIn};
use crate::vault::Nowhere;

/// For signing in, from TCP to a resource.
const SIGNING_IN: Duration = Duration::from_secs(9);
/// For each of the three rounds of questions. A busy Raspberry Pi answers within one.
const ROUND: Duration = Duration::from_millis(2500);
/// Of a server's services, no more than this are looked at.
const SERVICES: usize = 20;

/// Looks from inside, if there is a password. Whether the sign-in was bound to its connection, if there was one.
pub(super) async fn examine(patient: &Patient, pins: &Pins, notes: &Notes) -> Option<bool> {
    let password = patient.password.as_deref()?;
    let entered = timeout(SIGNING_IN, Box::pin(enter(patient, password, pins, notes))).await;
    let (mut asker, bound) = match entered.unwrap_or_else(|_| Err(Network::Silent.into())) {
        Ok(entered) => entered,
        Err(cause) => {
            notes.tell(Says::NotSignedIn, [("cause", Fact::Cause(cause))]);
            return None;
        }
    };
    notes.say(Says::SignedIn);
    let server = asker.me.domain().to_string();
    let (calls, items) = account_and_server(&mut asker, &server, notes).await;
    let slot = find_services(&mut asker, &server, items, notes).await;
    // A farewell. It need not be answered.
    let _ = timeout(Duration::from_millis(200), asker.stream.close()).await;
    let way = Way {
        ca: patient.ca.clone(),
        dns: patient.dns,
    };
    futures::join!(
        async {
            if let Some(slot) = slot {
                files::try_out(slot, &way, notes).await;
            }
        },
        calls::try_out(calls, &way, notes)
    );
    Some(bound)
}

async fn enter(patient: &Patient, password: &str, pins: &Pins, notes: &Notes) -> Result<(Asker, bool), Cause> {
    let wish = Wish {
        resource: format!("grend.{:.8}", random::token()),
        previous: None,
        active: true,
    };
    let mut sign_in = SignIn {
        target: patient.target(),
        secrets: Secrets::typed(Arc::new(Nowhere), patient.address.clone(), password),
        address: patient.address.clone(),
        // Another program than the one that is signed in already: what the server gives to it is not taken away.
        pins: Pins {
            client_id: random::uuid(),
            ..pins.clone()
        },
        unanswered: false,
    };
    let login::LoggedIn {
        stream,
        features,
        pins: now,
        ..
    } = login::login(&mut sign_in, Some(&wish)).await?;
    notes.either(
        features.has_child("sm", ns::SM),
        Says::ResumptionGood,
        Says::ResumptionNone,
    );
    notes.either(features.has_child("csi", ns::CSI), Says::StateGood, Says::StateNone);
    let capable = features.has_child("c", ns::CAPS);
    notes.either(capable, Says::CapabilitiesGood, Says::CapabilitiesNone);
    let asker = Asker {
        stream,
        me: patient.address.clone(),
    };
    Ok((asker, now.bound))
}

fn disco(to: Option<&str>) -> Question {
    Question("get", to.map(ToOwned::to_owned), Element::bare("query", ns::DISCO_INFO))
}

/// The first round: our account, and what the server itself can do.
async fn account_and_server(asker: &mut Asker, server: &str, notes: &Notes) -> (Vec<calls::Relay>, Vec<String>) {
    let to_server = || Some(server.to_owned());
    let storage = Element::bare("storage", ns::BOOKMARKS);
    let account = asker.me.to_string();
    let questions = vec![
        disco(Some(&account)),
        disco(Some(server)),
        Question("get", to_server(), Element::bare("query", ns::DISCO_ITEMS)),
        Question("get", to_server(), Element::bare("query", ns::VERSION)),
        Question("get", to_server(), Element::bare("services", ns::EXT_DISCO)),
        Question("set", None, query::page(&random::token(), &Page::Latest, 1, None)),
        Question(
            "get",
            None,
            crate::protocol::with(Element::bare("query", ns::PRIVATE), [storage]),
        ),
    ];
    let answers = asker.ask(questions, ROUND).await;
    let [account, of_server, items, version, relays, archive, notes_of_ours] = &answers[..] else {
        return Default::default();
    };
    let (account, of_server) = (Info::read(account), Info::read(of_server));
    services::account(&account, &of_server, notes);
    services::archive(&account, archive, notes);
    notes.either(notes_of_ours.result().is_some(), Says::NotesGood, Says::NotesNone);
    services::contact(&of_server, notes);
    notes.set_software(version.result().and_then(services::software));
    (
        calls::announced(relays.result()),
        services::items(items.result(), SERVICES),
    )
}

/// The second round: which services there are; the third: a place for a file.
async fn find_services(asker: &mut Asker, server: &str, items: Vec<String>, notes: &Notes) -> Option<Answer> {
    let mut addresses = vec![server.to_owned()];
    addresses.extend(items.into_iter().filter(|item| item != server));
    let questions = addresses.iter().map(|address| disco(Some(address))).collect();
    let answers = asker.ask(questions, ROUND).await;
    let infos: Vec<_> = addresses.into_iter().zip(answers.iter().map(Info::read)).collect();
    services::groups(&infos, notes);
    let Some((address, info)) = infos.iter().find(|(_, info)| info.has(upload::UPLOAD)) else {
        notes.say(Says::UploadNone);
        return None;
    };
    files::size(info, notes);
    let question = Question("get", Some(address.clone()), files::request());
    asker.ask(vec![question], ROUND).await.pop()
}
