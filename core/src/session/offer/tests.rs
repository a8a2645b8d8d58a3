//! What is taken of an offer, and what is refused.

#![allow(clippy::format_collect, reason = "short scripts")]

use super::*;

fn features(mechanisms: &[&str], bindings: Option<&[&str]>) -> Element {
    let list = mechanisms
        .iter()
        .map(|name| format!("<mechanism>{name}</mechanism>"))
        .collect::<Vec<_>>()
        .concat();
    let bindings = bindings.map_or_else(String::new, |kinds| {
        let kinds: String = kinds
            .iter()
            .map(|kind| format!("<channel-binding type='{kind}'/>"))
            .collect();
        format!(
            "<sasl-channel-binding xmlns='{}'>{kinds}</sasl-channel-binding>",
            ns::SASL_CB
        )
    });
    format!(
        "<features xmlns='{}'><mechanisms xmlns='{}'>{list}</mechanisms>{bindings}</features>",
        ns::STREAM,
        ns::SASL
    )
    .parse()
    .unwrap()
}

/// The plan in the order of the attempts.
fn planned(features: &Element, bindings: &Bindings) -> Vec<Attempt> {
    held_to(&Pins::default(), features, bindings).unwrap()
}

/// The same for an account that remembers.
fn held_to(pins: &Pins, features: &Element, bindings: &Bindings) -> Result<Vec<Attempt>, Cause> {
    let mut plan = Offer::read(features).plan(bindings, pins, false)?;
    plan.reverse();
    Ok(plan)
}

fn pins(bound: bool, strongest: &str) -> Pins {
    Pins {
        client_id: String::new(),
        bound,
        strongest: Some(strongest.to_owned()),
    }
}

#[test]
fn bound_comes_before_unbound_and_strong_before_weak() {
    use Attempt::{Bound, Unbound};
    let all = [
        "PLAIN",
        "SCRAM-SHA-1",
        "SCRAM-SHA-1-PLUS",
        "SCRAM-SHA-256",
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-512",
        "X-OTHER",
    ];
    let unbound = Unbound(Hash::Sha512, false);
    let exporter = Bound(Hash::Sha256, Kind::Exporter);
    let end_point = Bound(Hash::Sha256, Kind::EndPoint);
    assert_eq!(
        planned(&features(&all, None), &Bindings::both()),
        [exporter, end_point, unbound]
    );
    let named = features(&all, Some(&["tls-server-end-point", "tls-unique"]));
    assert_eq!(planned(&named, &Bindings::both()), [end_point, unbound]);
    let foreign = features(&all, Some(&["tls-unique"]));
    assert_eq!(planned(&foreign, &Bindings::both()), [unbound]);
    let tls_1_2 = Bindings {
        exporter: None,
        ..Bindings::both()
    };
    assert_eq!(planned(&features(&all, None), &tls_1_2), [end_point, unbound]);
}

#[test]
fn only_who_saw_no_offer_says_so() {
    let plain_scram = features(&["SCRAM-SHA-1", "PLAIN"], None);
    assert_eq!(
        planned(&plain_scram, &Bindings::both()),
        [Attempt::Unbound(Hash::Sha1, true)]
    );
    let without = Bindings::default();
    assert_eq!(planned(&plain_scram, &without), [Attempt::Unbound(Hash::Sha1, false)]);
}

#[test]
fn the_password_itself_goes_out_only_if_allowed() {
    let only_plain = features(&["PLAIN"], None);
    let plan = |features: &Element, allow| Offer::read(features).plan(&Bindings::both(), &Pins::default(), allow);
    assert_eq!(plan(&only_plain, false), Err(Refused::OnlyPlain.into()));
    assert_eq!(plan(&only_plain, true), Ok(vec![Attempt::Plain]));
    let scram_too = features(&["PLAIN", "SCRAM-SHA-1"], None);
    assert_eq!(plan(&scram_too, true), Ok(vec![Attempt::Unbound(Hash::Sha1, true)]));
    for nothing in [features(&["DIGEST-MD5"], None), Element::bare("features", ns::STREAM)] {
        assert_eq!(plan(&nothing, true).unwrap_err().kind(), "refused");
    }
}

#[test]
fn h37_an_account_that_was_bound_is_bound_or_not_signed_in() {
    use Attempt::Bound;
    let pins = pins(true, "SCRAM-SHA-1");
    let offers = features(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], None);
    let bound = [Kind::Exporter, Kind::EndPoint].map(|kind| Bound(Hash::Sha1, kind));
    assert_eq!(held_to(&pins, &offers, &Bindings::both()).as_deref(), Ok(&bound[..]));
    // Another kind than before will do: each of them fails for who stands in between.
    let tls_1_2 = Bindings {
        exporter: None,
        ..Bindings::both()
    };
    assert_eq!(held_to(&pins, &offers, &tls_1_2).as_deref(), Ok(&bound[1..]));
    let gone = [
        features(&["SCRAM-SHA-1", "SCRAM-SHA-512", "PLAIN"], None),
        features(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], Some(&["tls-unique"])),
        features(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], Some(&[])),
    ];
    for gone in gone {
        assert_eq!(
            held_to(&pins, &gone, &Bindings::both()),
            Err(Certificate::Unbound.into())
        );
    }
    let nothing = Bindings::default();
    assert_eq!(held_to(&pins, &offers, &nothing), Err(Certificate::Unbound.into()));
}

#[test]
fn h37_a_mechanism_that_was_there_and_is_gone() {
    let pins = pins(false, "SCRAM-SHA-256");
    for gone in [&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "PLAIN"][..], &["PLAIN"], &[]] {
        let gone = features(gone, None);
        assert_eq!(
            held_to(&pins, &gone, &Bindings::both()),
            Err(Certificate::Weaker.into())
        );
        let plan = Offer::read(&gone).plan(&Bindings::both(), &pins, true);
        assert_eq!(plan, Err(Certificate::Weaker.into()));
    }
    // The same one in another form, or a stronger one, is no loss.
    for kept in ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512"] {
        assert!(held_to(&pins, &features(&[kept], None), &Bindings::both()).is_ok());
    }
}

#[test]
fn what_is_held_against_a_server_only_grows() {
    let offer = Offer::read(&features(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256"], None));
    let unbound = Attempt::Unbound(Hash::Sha256, false);
    let after = offer.pins(&Pins::default(), unbound);
    assert_eq!(after, pins(false, "SCRAM-SHA-256"));
    let after = offer.pins(&after, Attempt::Bound(Hash::Sha1, Kind::EndPoint));
    assert_eq!(after, pins(true, "SCRAM-SHA-256"));
    assert_eq!(offer.pins(&after, unbound), after);
}

#[test]
fn an_offer_is_hashed_as_xep_0474_says() {
    let offer = features(
        &["SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"],
        Some(&["tls-server-end-point", "tls-exporter"]),
    );
    assert_eq!(
        Offer::read(&offer).digestible(),
        "SCRAM-SHA-1\x1eSCRAM-SHA-1-PLUS\x1ftls-exporter\x1etls-server-end-point"
    );
    assert_eq!(Offer::read(&features(&["B", "A"], None)).digestible(), "A\x1eB");
}
