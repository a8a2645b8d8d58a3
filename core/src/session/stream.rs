//! An XML stream over any connection (RFC 6120, section 4).
//!
//! Written straight on `rxml`: `tokio_xmpp` cuts attributes at 8 KB, which one contact can use to kill the stream at
//! every resume, and takes `<stream:error/>` for an unknown stanza.
//!
//! **Invariants**: sending only appends to a buffer and never waits; [`Stream::next`] writes *and* reads, so two peers
//! with full buffers cannot wait for each other; every future here may be dropped at any await without losing a byte.

#![allow(clippy::transmute_ptr_to_ptr, reason = "inside xml_ncname!, where it is checked")]

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
use tokio::time::Instant;
use xmpp_parsers::ns;
use xso::AsXml;

use super::assembly::{Assembly, MAX_WEIGHT, Step};
pub(crate) use super::assembly::{HalfRead, Header, Incoming};
pub(crate) use super::end::End;

/// The longest name or attribute that the reader bears; a longer one ends the stream. Longer text comes in pieces.
const MAX_TOKEN: usize = MAX_WEIGHT;
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
    read_at: Instant,
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
            read_at: Instant::now(),
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

    /// The stanza in the middle of which reading ended.
    pub(crate) fn half_read(&self) -> HalfRead {
        self.assembly.half_read()
    }

    /// Whether a part of a stanza is here, and the rest is not.
    pub(crate) fn is_inside(&self) -> bool {
        self.assembly.is_inside()
    }

    /// When the last byte came.
    pub(crate) fn read_at(&self) -> Instant {
        self.read_at
    }

    /// The connection.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn get_ref(&self) -> &Io {
        &self.io
    }

    /// How many bytes wait to be sent.
    #[allow(dead_code, reason = "for whoever wants to hold back while the network is slow")]
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
    /// Sends our header and waits for theirs. `from`: who we say we are, if that may be told.
    pub(crate) async fn open(&mut self, to: &str, from: Option<&str>) -> Result<Header, End> {
        write_head(&mut self.encoder, &mut self.output, to, from)
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
        self.read_at = Instant::now();
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
    RawParser::with_options(Options {
        max_token_length: MAX_TOKEN,
        ..Options::default()
    })
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
    from: Option<&str>,
) -> Result<(), rxml::Error> {
    encoder.encode(Item::XmlDeclaration(XmlVersion::V1_0), output)?;
    let name = Item::ElementHeadStart(Namespace::from(ns::STREAM), xml_ncname!("stream"));
    encoder.encode(name, output)?;
    encoder.encode(Item::Attribute(Namespace::NONE, xml_ncname!("to"), to), output)?;
    encoder.encode(Item::Attribute(Namespace::NONE, xml_ncname!("version"), "1.0"), output)?;
    if let Some(from) = from {
        encoder.encode(Item::Attribute(Namespace::NONE, xml_ncname!("from"), from), output)?;
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
mod tests;
