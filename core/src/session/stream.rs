//! An XML stream over any connection (RFC 6120, section 4).
//!
//! Written straight on `rxml`: `tokio_xmpp` cuts attributes at 8 KB, which one contact can use to kill the stream at
//! every resume, and takes `<stream:error/>` for an unknown stanza.
//!
//! **Invariants**: sending only appends to a buffer and never waits; [`Stream::next`] writes *and* reads, so two peers
//! with full buffers cannot wait for each other; every future here may be dropped at any await without losing a byte.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use minidom::Element;
use rxml::error::EndOrError;
use rxml::writer::{SimpleNamespaces, TrackNamespace};
use rxml::{Encoder, Item, Namespace, Options, Parse, RawParser, WithOptions, XmlVersion, xml_ncname};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use xmpp_parsers::ns;
use xso::AsXml;

use super::assembly::{Assembly, Step};
pub(crate) use super::assembly::{Header, Incoming};
pub(crate) use super::end::End;

/// The longest name, attribute or piece of text the reader hands on at once. Longer text comes in pieces.
const MAX_TOKEN: usize = 1024 * 1024;
/// One TLS record.
const READ_SIZE: usize = 16 * 1024;

/// Something that cannot be written as XML, say a control character. Nothing of it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("this cannot be written as XML")]
pub(crate) struct Unwritable;

/// A stream in both directions.
pub(crate) struct Stream<Io> {
    io: Io,
    parser: RawParser,
    assembly: Assembly,
    /// Read and not parsed yet.
    input: BytesMut,
    encoder: Encoder<SimpleNamespaces>,
    /// Written and not sent yet.
    output: BytesMut,
    unflushed: bool,
    is_open: bool,
    end: Option<End>,
}

impl<Io> Stream<Io> {
    /// A stream that is not opened yet.
    pub(crate) fn new(io: Io) -> Self {
        Self {
            io,
            parser: parser(),
            assembly: Assembly::default(),
            input: BytesMut::new(),
            encoder: encoder(),
            output: BytesMut::new(),
            unflushed: false,
            is_open: false,
            end: None,
        }
    }

    /// Starts anew on the same connection, as after authentication. What was read beyond the last element belongs to
    /// the new stream.
    pub(crate) fn reset(&mut self) {
        self.parser = parser();
        self.assembly = Assembly::default();
        self.encoder = encoder();
        self.is_open = false;
        self.end = None;
    }

    /// The bare connection, to be encrypted. Refused if the peer, or somebody between, sent anything ahead: it would
    /// count as encrypted afterwards.
    pub(crate) fn into_inner(self) -> Result<Io, End> {
        if self.input.is_empty() && self.output.is_empty() {
            Ok(self.io)
        } else {
            Err(End::Injected)
        }
    }

    /// The connection below.
    pub(crate) fn get_ref(&self) -> &Io {
        &self.io
    }

    /// How many bytes wait to be sent.
    pub(crate) fn pending_output(&self) -> usize {
        self.output.len()
    }

    /// Queues a stanza. It goes out with the next [`next`](Self::next) or [`flush`](Self::flush).
    pub(crate) fn send<T: AsXml>(&mut self, stanza: &T) -> Result<(), Unwritable> {
        if !self.is_open {
            return Err(Unwritable);
        }
        let before = self.output.len();
        let written = self.encode(stanza);
        if written.is_err() {
            // Half a stanza must neither go out nor leave the encoder inside it.
            self.output.truncate(before);
            self.encoder = encoder();
            let mut unsent = BytesMut::new();
            write_head(&mut self.encoder, &mut unsent, "", None).map_err(|_| Unwritable)?;
        }
        written
    }

    /// Queues an element.
    pub(crate) fn send_element(&mut self, element: &Element) -> Result<(), Unwritable> {
        self.send(element)
    }

    fn encode<T: AsXml>(&mut self, stanza: &T) -> Result<(), Unwritable> {
        // The end of a head waits for what follows, so that an empty element becomes `<x/>`.
        let mut is_head = false;
        for item in stanza.as_xml_iter().map_err(|_| Unwritable)? {
            let item = item.map_err(|_| Unwritable)?;
            let item = item.as_rxml_item();
            if is_head && !matches!(item, Item::ElementFoot) {
                self.encoder
                    .encode(Item::ElementHeadEnd, &mut self.output)
                    .map_err(|_| Unwritable)?;
            }
            is_head = matches!(item, Item::ElementHeadEnd);
            if !is_head {
                self.encoder.encode(item, &mut self.output).map_err(|_| Unwritable)?;
            }
        }
        Ok(())
    }

    /// Parses what was read, up to one whole thing.
    fn parse(&mut self) -> Result<Option<Step>, End> {
        loop {
            self.parser.set_text_buffering(self.assembly.is_inside());
            let mut rest: &[u8] = &self.input;
            let event = self.parser.parse(&mut rest, false);
            let parsed = self.input.len() - rest.len();
            self.input.advance(parsed);
            match event {
                Ok(Some(event)) => {
                    if let Some(step) = self.assembly.feed(event)? {
                        return Ok(Some(step));
                    }
                }
                Ok(None) => return Err(End::Closed),
                Err(EndOrError::NeedMoreData) => return Ok(None),
                Err(EndOrError::Error(error)) => return Err(End::NotXml(in_words(error))),
            }
        }
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Stream<Io> {
    /// Sends our header and waits for theirs.
    pub(crate) async fn open(&mut self, to: &str, lang: Option<&str>) -> Result<Header, End> {
        write_head(&mut self.encoder, &mut self.output, to, lang)
            .map_err(|_| End::NotXml("an address that is no XML text"))?;
        self.is_open = true;
        match poll_fn(|cx| self.poll_step(cx)).await? {
            Step::Header(header) if header.version.as_deref().is_some_and(|v| v.starts_with("1.")) => Ok(header),
            Step::Header(_) => Err(End::NotXml("XMPP older than 1.0")),
            Step::Incoming(_) => Err(End::NotXml("a stanza before the header")),
            Step::Footer => Err(End::Closed),
        }
    }

    /// The next element. Sends what waits to be sent as long as it waits itself.
    pub(crate) async fn next(&mut self) -> Result<Incoming, End> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The next element if it is here already. Never waits, and does not swallow a wake-up: call `next` afterwards.
    pub(crate) async fn try_next(&mut self) -> Result<Option<Incoming>, End> {
        poll_fn(|cx| match self.poll_next(cx) {
            Poll::Ready(next) => Poll::Ready(next.map(Some)),
            Poll::Pending => Poll::Ready(Ok(None)),
        })
        .await
    }

    /// Waits until everything queued is sent. Does not read meanwhile: for a farewell, not for a session's loop.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        poll_fn(|cx| self.poll_write(cx)).await
    }

    /// Says goodbye. The peer's own footer may follow.
    pub(crate) async fn close(&mut self) -> Result<(), End> {
        if self.is_open {
            self.is_open = false;
            self.encoder
                .encode(Item::ElementFoot, &mut self.output)
                .map_err(|_| End::Closed)?;
        }
        self.flush().await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Incoming, End>> {
        Poll::Ready(match ready!(self.poll_step(cx))? {
            Step::Incoming(Incoming::Element(element)) => match End::announced(&element) {
                None => Ok(Incoming::Element(element)),
                Some(end) => Err(self.ended(end)),
            },
            Step::Incoming(dropped) => Ok(dropped),
            Step::Header(_) => Err(self.ended(End::NotXml("a header inside the stream"))),
            Step::Footer => Err(self.ended(End::Closed)),
        })
    }

    /// An end is an end: whoever asks again gets the same answer.
    fn ended(&mut self, end: End) -> End {
        tracing::debug!(%end, "the stream ended");
        self.end.insert(end).clone()
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step, End>> {
        if let Some(end) = &self.end {
            return Poll::Ready(Err(end.clone()));
        }
        // A failure to write is told only when there is nothing left to read: a server that throws us out says why,
        // and then closes.
        let written = self.poll_write(cx);
        loop {
            match self.parse() {
                Ok(Some(step)) => return Poll::Ready(Ok(step)),
                Ok(None) => {}
                Err(end) => return Poll::Ready(Err(self.ended(end))),
            }
            match self.poll_read(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(end)) => return Poll::Ready(Err(self.ended(end))),
                Poll::Pending => break,
            }
        }
        match written {
            Poll::Ready(Err(end)) => Poll::Ready(Err(self.ended(end))),
            _ => Poll::Pending,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        let mut space = [MaybeUninit::<u8>::uninit(); READ_SIZE];
        let mut space = ReadBuf::uninit(&mut space);
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut space))?;
        if space.filled().is_empty() {
            return Poll::Ready(Err(End::Closed));
        }
        self.input.extend_from_slice(space.filled());
        Poll::Ready(Ok(()))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        while !self.output.is_empty() {
            let sent = ready!(Pin::new(&mut self.io).poll_write(cx, &self.output))?;
            if sent == 0 {
                return Poll::Ready(Err(End::Closed));
            }
            self.output.advance(sent);
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

fn parser() -> RawParser {
    let mut options = Options::default();
    options.max_token_length = MAX_TOKEN;
    RawParser::with_options(options)
}

/// Declares once, in the header, what would otherwise be declared on every stanza.
fn encoder() -> Encoder<SimpleNamespaces> {
    let mut encoder = Encoder::new();
    let namespaces = encoder.ns_tracker_mut();
    namespaces.declare_fixed(Some(xml_ncname!("stream")), Namespace::from(ns::STREAM));
    namespaces.declare_fixed(None, Namespace::from(ns::DEFAULT_NS));
    encoder
}

fn write_head(
    encoder: &mut Encoder<SimpleNamespaces>,
    output: &mut BytesMut,
    to: &str,
    lang: Option<&str>,
) -> Result<(), rxml::Error> {
    encoder.encode(Item::XmlDeclaration(XmlVersion::V1_0), output)?;
    let name = Item::ElementHeadStart(Namespace::from(ns::STREAM), xml_ncname!("stream"));
    encoder.encode(name, output)?;
    encoder.encode(Item::Attribute(Namespace::NONE, xml_ncname!("to"), to), output)?;
    encoder.encode(Item::Attribute(Namespace::NONE, xml_ncname!("version"), "1.0"), output)?;
    if let Some(lang) = lang {
        encoder.encode(Item::Attribute(Namespace::XML, xml_ncname!("lang"), lang), output)?;
    }
    encoder.encode(Item::ElementHeadEnd, output)
}

/// The reader's complaint without what it complains about.
fn in_words(error: rxml::Error) -> &'static str {
    match error {
        rxml::Error::RestrictedXml(what) => what,
        rxml::Error::InvalidUtf8Byte(_) => "not UTF-8",
        rxml::Error::InvalidChar(..) => "a character that XML forbids",
        rxml::Error::UndeclaredEntity => "an undeclared entity",
        rxml::Error::ElementMismatch => "ends and beginnings that do not match",
        _ => "not well-formed",
    }
}

#[cfg(test)]
mod tests {
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
        let header = stream.open("family.example", Some("en")).await.unwrap();
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
        let (header, rest) = text.split_once("xml:lang='en'>").unwrap();
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
        let long = "\u{e9}".repeat(MAX_TOKEN + 7);
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
}
