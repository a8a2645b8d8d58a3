//! What goes along with signing in, and what is made of the answer.

use super::super::begin::Previous;
use super::super::offer::Kind;
use super::super::scram::Hash;
use super::*;

const ALL: &str = "<bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/><feature var='urn:xmpp:csi:0'/>\
                   <feature var='urn:xmpp:sm:3'/></inline></bind><sm xmlns='urn:xmpp:sm:3'/>\
                   <fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism>\
                   <mechanism>HT-SHA-256-NONE</mechanism></fast>";

fn offer(inline: &str) -> Offer {
    let features = format!(
        "<features xmlns='{}'><authentication xmlns='{}'><mechanism>SCRAM-SHA-1</mechanism>\
         <mechanism>SCRAM-SHA-1-PLUS</mechanism><inline>{inline}</inline></authentication></features>",
        ns::STREAM,
        ns::SASL2
    );
    Offer::read(&features.parse().unwrap())
}

fn wish(previous: bool, active: bool) -> Wish {
    Wish {
        resource: "x".to_owned(),
        previous: previous.then(|| Previous {
            id: "old".to_owned(),
            handled: 7,
        }),
        active,
    }
}

const BOUND: Attempt = Attempt::Bound(Hash::Sha1, Kind::Exporter);
const UNBOUND: Attempt = Attempt::Unbound(Hash::Sha1, false);

/// What goes along, as text.
fn along(offer: &Offer, attempt: Attempt, bound: bool, wish: Option<&Wish>) -> String {
    let pins = Pins {
        client_id: "id".to_owned(),
        bound,
        strongest: None,
    };
    let bindings = Bindings {
        exporter: Some(vec![1]),
        end_point: Some(vec![2]),
    };
    let along = Along {
        pins: &pins,
        bindings: &bindings,
        wish,
        gives_up_token: false,
    };
    let elements = along.with(offer, attempt).unwrap();
    elements.iter().map(String::from).collect::<Vec<_>>().join("\n")
}

#[test]
fn everything_goes_along_where_the_server_takes_it() {
    let all = offer(ALL);
    let text = along(&all, BOUND, false, Some(&wish(true, false)));
    for part in [
        "HT-SHA-256-EXPR",
        "previd",
        "<tag>grend</tag>",
        "urn:xmpp:carbons:2",
        "inactive",
        "enable",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Whoever looks needs not to be told of.
    assert!(!along(&all, BOUND, false, Some(&wish(true, true))).contains("csi"));
    let nothing = along(&offer(""), BOUND, false, Some(&wish(true, false)));
    assert_eq!(nothing.lines().count(), 1, "{nothing}");
    // A stream that cannot be taken up here is taken up afterwards: not if we were bound.
    let only_bind = offer("<bind xmlns='urn:xmpp:bind:0'/>");
    assert!(!along(&only_bind, BOUND, false, Some(&wish(true, true))).contains("bind"));
    assert!(along(&only_bind, BOUND, false, Some(&wish(false, true))).contains("bind"));
}

#[test]
fn a_token_is_asked_for_as_the_sign_in_is_bound() {
    let all = offer(ALL);
    assert!(along(&all, UNBOUND, false, None).contains("HT-SHA-256-NONE"));
    // Not there for this kind, and not without one where there was one.
    for (attempt, bound) in [(Attempt::Bound(Hash::Sha1, Kind::EndPoint), false), (UNBOUND, true)] {
        assert!(!along(&all, attempt, bound, None).contains("request-token"));
    }
    let used = along(&all, Attempt::Token(None), false, None);
    assert!(used.contains("<fast") && !used.contains("request-token"), "{used}");
}

#[test]
fn only_what_was_asked_for_is_believed() {
    let modern = offer(ALL).modern.unwrap();
    let outcome = |inner: &str, wish: &Wish| {
        let success = format!("<success xmlns='{}'>{inner}</success>", ns::SASL2);
        outcome(&success.parse().unwrap(), &modern, wish)
    };
    let resumed = "<resumed xmlns='urn:xmpp:sm:3' h='1' previd='old'/>";
    assert!(matches!(
        outcome(resumed, &wish(true, true)),
        Ok(Some(Beginning::Resumed(_)))
    ));
    assert_eq!(outcome(resumed, &wish(false, true)), Ok(None));
    assert_eq!(outcome("", &wish(true, true)), Ok(None));
    let bound = "<failed xmlns='urn:xmpp:sm:3' h='3'/><bound xmlns='urn:xmpp:bind:0'>\
                 <enabled xmlns='urn:xmpp:sm:3' id='new' resume='true'/></bound>";
    let Ok(Some(Beginning::Fresh(fresh))) = outcome(bound, &wish(true, false)) else {
        panic!("not bound");
    };
    assert_eq!(fresh.failed.unwrap().attr("h"), Some("3"));
    assert_eq!(fresh.enabled.unwrap().attr("id"), Some("new"));
    assert!(fresh.carbons && fresh.inactive);
    let refused = "<failed xmlns='urn:xmpp:bind:0'><error type='cancel'><conflict \
                   xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></failed>";
    assert_eq!(outcome(refused, &wish(false, true)).unwrap_err().kind(), "refused");
}
