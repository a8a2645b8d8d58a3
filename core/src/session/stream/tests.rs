//! The stream against scripted peers, over a connection in memory.

#![allow(clippy::format_collect, reason = "short scripts")]

use futures::FutureExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::super::assembly::Excess;
use super::*;

const HEADER: &str = "<?xml version='1.0'?><stream:stream from='family.example' id='42' version='1.0' \
                      xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// An opened stream, and what the peer may write and read. The buffer is large enough for every script here.
async fn opened() -> (Stream<DuplexStream>, DuplexStream) {
    let (ours, mut theirs) = duplex(64 * 1024 * 1024);
    theirs.write_all(HEADER.as_bytes()).await.unwrap();
    let mut stream = Stream::new(ours);
    let header = stream
        .open("family.example", Some("anna@family.example"))
        .await
        .unwrap();
    assert_eq!(header.from.as_deref(), Some("family.example"));
    assert_eq!(header.id.as_deref(), Some("42"));
    (stream, theirs)
}

async fn reading(script: &str) -> Stream<DuplexStream> {
    let (stream, mut theirs) = opened().await;
    theirs.write_all(script.as_bytes()).await.unwrap();
    stream
}

fn element(incoming: Result<Incoming, End>) -> Element {
    match incoming {
        Ok(Incoming::Element(element)) => element,
        other => panic!("expected an element, got {other:?}"),
    }
}

fn dropped(incoming: Result<Incoming, End>) -> (String, Option<String>, Option<String>, Excess) {
    match incoming {
        Ok(Incoming::Dropped { name, from, id, reason }) => (name, from, id, reason),
        other => panic!("expected something dropped, got {other:?}"),
    }
}

async fn sent(theirs: &mut DuplexStream, stream: &mut Stream<DuplexStream>) -> String {
    stream.flush().await.unwrap();
    let mut text = vec![0; 100_000];
    let length = theirs.read(&mut text).await.unwrap();
    String::from_utf8(text[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn namespaces_are_declared_once() {
    let (mut stream, mut theirs) = opened().await;
    let stanza: Element = "<message xmlns='jabber:client' to='a@b'><body>&lt;hi</body><x xmlns='urn:x'/></message>"
        .parse()
        .unwrap();
    stream.send_element(&stanza).unwrap();
    assert!(stream.pending_output() > 0);
    let text = sent(&mut theirs, &mut stream).await;
    assert_eq!(stream.pending_output(), 0);
    let (header, rest) = text.split_once("from='anna@family.example'>").unwrap();
    assert!(header.contains("to='family.example'"), "{header}");
    assert_eq!(
        rest,
        "<message to='a@b'><body>&lt;hi</body><x xmlns='urn:x'/></message>"
    );
}

#[tokio::test]
async fn what_cannot_be_written_leaves_no_trace() {
    let (mut stream, mut theirs) = opened().await;
    let good = Element::bare("presence", ns::DEFAULT_NS);
    let bad = Element::builder("message", ns::DEFAULT_NS)
        .append(Element::builder("body", ns::DEFAULT_NS).append("\u{1}").build())
        .build();
    sent(&mut theirs, &mut stream).await;
    stream.send_element(&good).unwrap();
    assert_eq!(stream.send_element(&bad), Err(Unwritable));
    stream.send_element(&good).unwrap();
    assert_eq!(sent(&mut theirs, &mut stream).await, "<presence/><presence/>");
    stream.close().await.unwrap();
    assert_eq!(sent(&mut theirs, &mut stream).await, "</stream:stream>");
    assert_eq!(stream.send_element(&good), Err(Unwritable));
}

#[tokio::test]
async fn several_stanzas_in_one_read_and_blanks_between() {
    let mut stream = reading("<presence/> \n<message id='1'><body>a&amp;b<![CDATA[<c>]]></body></message>").await;
    assert_eq!(element(stream.next().await).name(), "presence");
    let message = element(stream.next().await);
    assert_eq!(message.attr("id"), Some("1"));
    let body = message.get_child("body", ns::DEFAULT_NS).unwrap();
    assert_eq!(body.text(), "a&b<c>");
    assert_eq!(body.nodes().count(), 1);
}

#[tokio::test]
async fn one_stanza_byte_by_byte() {
    let (mut stream, mut theirs) = opened().await;
    let script = "<message xmlns:y='urn:y' y:z='\u{1F41F}'><body>h\u{e9}\u{1F600} x</body><y:n/></message>";
    for (at, byte) in script.bytes().enumerate() {
        assert_eq!(stream.try_next().await, Ok(None), "before byte {at}");
        theirs.write_all(&[byte]).await.unwrap();
    }
    let message = element(stream.next().await);
    assert_eq!(message.attr_ns("urn:y", "z"), Some("\u{1F41F}"));
    assert!(message.has_child("n", "urn:y"));
    assert_eq!(
        message.get_child("body", ns::DEFAULT_NS).unwrap().text(),
        "h\u{e9}\u{1F600} x"
    );
}

#[tokio::test]
async fn long_text_is_joined() {
    let long = "\u{e9}".repeat(1024 * 1024 + 7);
    let mut stream = reading(&format!("<message><body>{long}</body></message>")).await;
    let message = element(stream.next().await);
    let body = message.get_child("body", ns::DEFAULT_NS).unwrap();
    assert_eq!(body.nodes().count(), 1);
    assert_eq!(body.text(), long);
}

#[tokio::test]
async fn a_long_attribute_is_only_long() {
    let long = "x".repeat(9 * 1024);
    let mut stream = reading(&format!("<presence id='{long}'/>")).await;
    assert_eq!(element(stream.next().await).attr("id"), Some(long.as_str()));
}

#[tokio::test]
async fn an_absurd_attribute_costs_its_stanza_alone() {
    for megabytes in [1, 9] {
        let long = "x".repeat(megabytes * 1024 * 1024);
        let script = format!("<message from='eve@x' id='l'><a b='{long}'/></message><message id='ok'/>");
        let mut stream = reading(&script).await;
        let dropped = stream.next().await.unwrap();
        assert!(
            matches!(&dropped, Incoming::Dropped { from: Some(from), reason: Excess::Large, .. } if from == "eve@x"),
            "{megabytes}: {dropped:?}"
        );
        assert_eq!(element(stream.next().await).attr("id"), Some("ok"));
    }
}

#[tokio::test]
async fn what_is_absurd_is_dropped_and_the_stream_lives() {
    let deep = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
    let many: String = (0..1_001).map(|n| format!(" a{n}=''")).collect();
    let spaces: String = (0..1_001).map(|n| format!(" xmlns:a{n}='urn:{n}'")).collect();
    let script = format!(
        "<message id='d' from='eve@x'>{}</message><message id='ok'>{}</message>\
         <message id='m'><x{many}/></message><presence id='t'{many}/><iq id='s'><x{spaces}/></iq>\
         <message id='l'><body>{}</body></message><message id='e'>{}</message><iq id='end'/>",
        deep(4_000),
        deep(99),
        "x".repeat(11 * 1024 * 1024),
        "<a/>".repeat(200_000),
    );
    let mut stream = reading(&script).await;
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        dropped(stream.next().await),
        ("message".to_owned(), text("eve@x"), text("d"), Excess::Deep)
    );
    assert_eq!(element(stream.next().await).attr("id"), Some("ok"));
    assert_eq!(
        dropped(stream.next().await),
        ("message".to_owned(), None, text("m"), Excess::Attributes)
    );
    assert_eq!(
        dropped(stream.next().await),
        ("presence".to_owned(), None, text("t"), Excess::Attributes)
    );
    assert_eq!(dropped(stream.next().await).3, Excess::Attributes);
    assert_eq!(
        dropped(stream.next().await),
        ("message".to_owned(), None, text("l"), Excess::Large)
    );
    assert_eq!(dropped(stream.next().await).3, Excess::Large);
    assert_eq!(element(stream.next().await).attr("id"), Some("end"));
}

#[tokio::test]
async fn what_xmpp_forbids_ends_the_stream() {
    for script in [
        "<!DOCTYPE x [<!ENTITY a 'b'>]>",
        "<message><!-- x --></message>",
        "<?x y?>",
        "<message><?x y?></message>",
        "<message><body>&lol;</body></message>",
        "<message><body>&#0;</body></message>",
        "<message></presence>",
        "<message a='1' a='2'/>",
        "<message x:a='1'/>",
        "<x:message/>",
        "<message xmlns:a='urn:1' xmlns:b='urn:1' a:x='' b:x=''/>",
        "<stream:stream/>text<message/>",
        "between<message/>",
    ] {
        let mut stream = reading(script).await;
        let end = loop {
            match stream.next().await {
                Ok(_) => {}
                Err(end) => break end,
            }
        };
        assert!(matches!(end, End::NotXml(_)), "{script}: {end:?}");
        assert_eq!(stream.next().await, Err(end), "{script}");
    }
    let (mut stream, mut theirs) = opened().await;
    theirs
        .write_all(b"<message><body>\xff\xfe</body></message>")
        .await
        .unwrap();
    assert_eq!(stream.next().await, Err(End::NotXml("not UTF-8")));
}

#[tokio::test]
async fn what_is_no_xmpp_at_all_is_told_apart() {
    for script in [
        "HTTP/1.1 400 Bad Request\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' id='1'>",
    ] {
        let (ours, mut theirs) = duplex(4096);
        theirs.write_all(script.as_bytes()).await.unwrap();
        let end = Stream::new(ours).open("family.example", None).await.unwrap_err();
        assert!(matches!(end, End::NotXml(_)), "{script}: {end:?}");
    }
}

#[tokio::test]
async fn a_stream_error_is_the_end_and_says_why() {
    let mut stream = reading(
        "<presence/><stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
         <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Replaced</text></stream:error></stream:stream>",
    )
    .await;
    element(stream.next().await);
    let end = End::Error {
        condition: "conflict".to_owned(),
        text: Some("Replaced".to_owned()),
    };
    assert_eq!(stream.next().await, Err(end.clone()));
    assert_eq!(stream.next().await, Err(end));
}

#[tokio::test]
async fn the_reason_is_read_even_if_writing_fails() {
    let (mut stream, mut theirs) = opened().await;
    theirs
        .write_all(b"<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
        .await
        .unwrap();
    drop(theirs);
    stream.send_element(&Element::bare("presence", ns::DEFAULT_NS)).unwrap();
    assert!(matches!(stream.next().await, Err(End::Error { condition, .. }) if condition == "reset"));
}

#[tokio::test]
async fn a_footer_and_a_hang_up_are_both_an_end() {
    let mut stream = reading("<presence/></stream:stream>").await;
    element(stream.next().await);
    assert_eq!(stream.next().await, Err(End::Closed));
    let mut stream = reading("<presence").await;
    assert_eq!(stream.next().await, Err(End::Closed));
}

#[tokio::test]
async fn bytes_before_encryption_are_refused() {
    let proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    let (mut stream, mut theirs) = opened().await;
    stream.flush().await.unwrap();
    theirs.write_all(proceed.as_bytes()).await.unwrap();
    element(stream.next().await);
    assert!(stream.into_inner().is_ok());

    let (mut stream, mut theirs) = opened().await;
    stream.flush().await.unwrap();
    theirs
        .write_all(format!("{proceed}<stream:features/>").as_bytes())
        .await
        .unwrap();
    element(stream.next().await);
    assert_eq!(stream.into_inner().err(), Some(End::Injected));
}

#[tokio::test]
async fn after_authentication_what_was_read_ahead_is_kept() {
    let mut stream = reading(&format!("<success xmlns='{}'/>{HEADER}<stream:features/>", ns::SASL)).await;
    element(stream.next().await);
    stream.reset();
    stream.open("family.example", None).await.unwrap();
    assert!(element(stream.next().await).is("features", ns::STREAM));
}

#[tokio::test]
async fn a_batch_is_taken_without_waiting() {
    let (mut stream, mut theirs) = opened().await;
    assert_eq!(stream.try_next().await, Ok(None));
    theirs.write_all(b"<iq id='1'/><iq id='2'/><iq id='3").await.unwrap();
    let mut batch = vec![element(stream.next().await)];
    while let Some(Incoming::Element(next)) = stream.try_next().await.unwrap() {
        batch.push(next);
    }
    let ids: Vec<_> = batch.iter().map(|iq| iq.attr("id").unwrap()).collect();
    assert_eq!(ids, ["1", "2"]);
    // The wake-up is not lost: `next` waits for the rest and gets it.
    let next = stream.next();
    let write = theirs.write_all(b"'/>");
    let (next, _) = futures::join!(next, write);
    assert_eq!(element(next).attr("id"), Some("3"));
}

#[tokio::test]
async fn a_dropped_wait_loses_nothing() {
    let (mut stream, mut theirs) = opened().await;
    theirs.write_all(b"<message><body>half").await.unwrap();
    assert!(stream.next().now_or_never().is_none());
    theirs.write_all(b" whole</body></message>").await.unwrap();
    assert_eq!(
        element(stream.next().await)
            .get_child("body", ns::DEFAULT_NS)
            .unwrap()
            .text(),
        "half whole"
    );
}

#[tokio::test]
async fn two_peers_with_full_buffers_do_not_wait_for_each_other() {
    let (ours, mut theirs) = duplex(64);
    let peer = async {
        theirs.write_all(HEADER.as_bytes()).await.unwrap();
        // A peer that writes all before it reads any.
        for _ in 0..1_000 {
            theirs.write_all(b"<iq id='1'/>").await.unwrap();
        }
        let mut read = Vec::new();
        while !read.ends_with(b"</stream:stream>") {
            theirs.read_buf(&mut read).await.unwrap();
        }
        read.len()
    };
    let session = async {
        let mut stream = Stream::new(ours);
        stream.open("family.example", None).await.unwrap();
        for _ in 0..1_000 {
            stream.send_element(&Element::bare("presence", ns::DEFAULT_NS)).unwrap();
        }
        for _ in 0..1_000 {
            element(stream.next().await);
        }
        stream.close().await.unwrap();
    };
    let (read, ()) = futures::join!(peer, session);
    assert!(read > 11_000);
}
