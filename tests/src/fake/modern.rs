//! Signing in with everything else in one go: SASL2 (XEP-0388), Bind 2 (XEP-0386), tokens (XEP-0484).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use minidom::Element;
use sha2::Sha256;

use super::connection::Connection;
use super::scram::Exchange;
use super::{ANNA, Modern, PASSWORD, Shared};

pub(super) const SASL2: &str = "urn:xmpp:sasl:2";
const BIND2: &str = "urn:xmpp:bind:0";
const FAST: &str = "urn:xmpp:fast:0";
const SM: &str = "urn:xmpp:sm:3";

/// What it says it can do. `mechanisms`: those for passwords, as XML.
pub(super) fn offer(shared: &Shared, mechanisms: &str) -> String {
    let Some(modern) = shared.lock().script.modern.clone() else {
        return String::new();
    };
    let sm = if modern.manage {
        format!("<sm xmlns='{SM}'/>")
    } else {
        String::new()
    };
    let feature = if modern.manage {
        format!("<feature var='{SM}'/>")
    } else {
        String::new()
    };
    let bind = if modern.bind {
        format!(
            "<bind xmlns='{BIND2}'><inline><feature var='urn:xmpp:carbons:2'/><feature var='urn:xmpp:csi:0'/>{feature}\
             </inline></bind>"
        )
    } else {
        String::new()
    };
    let fast: Vec<String> = modern
        .fast
        .iter()
        .map(|name| format!("<mechanism>{name}</mechanism>"))
        .collect();
    let fast = fast.concat();
    format!(
        "<authentication xmlns='{SASL2}'>{mechanisms}<inline>{sm}{bind}<fast xmlns='{FAST}'>{fast}</fast></inline>\
         </authentication>"
    )
}

/// Hears a word of an exchange.
pub(super) fn authenticate(connection: &mut Connection, shared: &Shared, element: &Element) {
    let script = shared.lock().script.clone();
    let Some(modern) = script.modern else { return };
    let first = element.get_child("initial-response", SASL2);
    let text = first.map_or_else(|| element.text(), Element::text);
    let text = BASE64.decode(text).unwrap_or_default();
    let mechanism = element.attr("mechanism").unwrap_or_default();
    if mechanism.starts_with("HT-") && modern.chokes_on_tokens {
        return;
    }
    let proof = if mechanism.starts_with("HT-") {
        connection.along = Some(element.clone());
        let bound = if mechanism.ends_with("-EXPR") {
            connection.exporter.as_slice()
        } else {
            &[]
        };
        let known = text == [b"anna\0", hmac(modern.token, "Initiator", bound).as_slice()].concat();
        let answer = if script.honest {
            hmac(modern.token, "Responder", bound)
        } else {
            vec![0; 32]
        };
        known.then_some(answer)
    } else if element.name() == "authenticate" {
        connection.along = Some(element.clone());
        let text = String::from_utf8_lossy(&text);
        let begun = Exchange::begin(&text, script.iterations, script.offered.as_deref());
        if let Some((exchange, first)) = begun.filter(|_| mechanism == "SCRAM-SHA-1") {
            connection.exchange = Some(exchange);
            connection.out += &format!("<challenge xmlns='{SASL2}'>{}</challenge>", BASE64.encode(first));
            return;
        }
        None
    } else {
        let exchange = connection.exchange.take();
        let last = exchange.and_then(|it| it.finish(&String::from_utf8_lossy(&text), PASSWORD, script.honest));
        last.map(String::into_bytes)
    };
    match proof {
        Some(proof) => succeed(connection, shared, &modern, &proof),
        None => {
            connection.out += &format!(
                "<failure xmlns='{SASL2}'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"
            );
        }
    }
}

fn succeed(connection: &mut Connection, shared: &Shared, modern: &Modern, proof: &[u8]) {
    let along = connection.along.take().expect("something came first");
    let said = std::mem::take(&mut connection.out);
    if let Some(resume) = along.get_child("resume", SM).filter(|_| modern.manage) {
        connection.manage(shared, resume);
    }
    let resumed = std::mem::take(&mut connection.out);
    // What the old stream had still to say comes behind.
    let (answer, rest) = resumed.split_at(
        resumed
            .find("/>")
            .filter(|_| connection.bound)
            .map_or(resumed.len(), |at| at + 2),
    );
    let mut parts = answer.to_owned();
    if let Some(bind) = along
        .get_child("bind", BIND2)
        .filter(|_| modern.bind && !connection.bound)
    {
        if let Some(enable) = bind.get_child("enable", SM) {
            connection.manage(shared, enable);
        }
        parts += &format!("<bound xmlns='{BIND2}'>{}</bound>", std::mem::take(&mut connection.out));
        connection.bound = true;
    }
    parts += &token(shared, modern, &along);
    connection.authenticated = true;
    connection.out = format!(
        "{said}<success xmlns='{SASL2}'><additional-data>{}</additional-data>\
         <authorization-identifier>{ANNA}</authorization-identifier>{parts}</success>{rest}\
         <stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='{SM}'/></stream:features>",
        BASE64.encode(proof),
    );
}

fn token(shared: &Shared, modern: &Modern, along: &Element) -> String {
    let used = along.get_child("fast", FAST).is_some();
    let given = if used {
        modern.next_token
    } else {
        along.get_child("request-token", FAST).map(|_| modern.token)
    };
    let Some(given) = given else { return String::new() };
    if used && let Some(modern) = &mut shared.lock().script.modern {
        (modern.token, modern.next_token) = (given, None);
    }
    format!("<token xmlns='{FAST}' token='{given}' expiry='2100-01-01T00:00:00Z'/>")
}

fn hmac(token: &str, who: &str, bound: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.as_bytes()).expect("HMAC takes any key");
    mac.update(who.as_bytes());
    mac.update(bound);
    mac.finalize().into_bytes().to_vec()
}
