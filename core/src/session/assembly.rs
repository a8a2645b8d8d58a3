//! From the words of the XML reader to whole stanzas, within limits (RFC 6120, sections 4 and 11).
//!
//! `rxml` keeps DTDs, entities, comments and processing instructions out; this file keeps out what is well-formed and
//! still hostile: nesting that overflows a stack, attributes by the million, elements without end. What goes beyond a
//! limit is skipped without being built, and the stream lives on: one absurd message from a stranger must not cost the
//! family its connection, now and again from the archive.
//!
//! It reads *raw* events and resolves namespaces itself, because `rxml::Parser` collects all attributes of an element
//! before anybody can object, and because it looks through all open elements for each nested one.

use minidom::Element;
use rxml::{AttrMap, Namespace, NcName, RawEvent, RawQName};
use xmpp_parsers::ns;

use super::end::End;
use crate::model::Reason;

/// Levels inside one stanza. Real stanzas stay below 20; dropping and walking a `minidom` tree recurses.
const MAX_DEPTH: usize = 100;
/// Levels at all. Each costs the reader some bytes even when it is skipped.
const MAX_OPEN: usize = 100_000;
/// What one stanza may weigh, in bytes on the wire plus what an element and an attribute cost in memory beyond that.
pub(super) const MAX_WEIGHT: usize = 10 * 1024 * 1024;
const ELEMENT_WEIGHT: usize = 100;
const ATTRIBUTE_WEIGHT: usize = 50;
/// Bytes of one attribute.
const MAX_ATTRIBUTE: usize = 256 * 1024;
/// Attributes and namespace declarations of one element.
const MAX_ATTRIBUTES: usize = 1_000;

/// Something between the stream's header and its footer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Incoming {
    /// A stanza or another element directly below the stream.
    Element(Element),
    /// An element that went beyond a limit and was not built.
    Dropped {
        /// Its name, say `message`.
        name: String,
        /// Who sent it, unchecked.
        from: Option<String>,
        /// Its id.
        id: Option<String>,
        /// The limit.
        reason: Excess,
    },
}

/// The limit that an element broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Nested more than 100 levels.
    Deep,
    /// More than 10 MB, or more than 256 KB in one attribute.
    Large,
    /// More than 1,000 attributes on one element.
    Attributes,
}

impl From<Excess> for Reason {
    fn from(excess: Excess) -> Self {
        match excess {
            Excess::Deep => Self::Deep,
            Excess::Large => Self::Large,
            Excess::Attributes => Self::Attributes,
        }
    }
}

/// A stanza in the middle of which reading ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HalfRead {
    /// Who sent it, unchecked.
    pub(crate) sender: Option<String>,
    /// The archive's id of the result (XEP-0313), if it was one.
    pub(crate) archive_id: Option<String>,
}

/// What the peer says about the stream it opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    /// The server's name for itself.
    pub(crate) from: Option<String>,
    /// The stream's id.
    pub(crate) id: Option<String>,
    /// Its version of XMPP, `1.0`.
    pub(crate) version: Option<String>,
}

/// What reading came to.
#[derive(Debug)]
pub(super) enum Step {
    Header(Header),
    Incoming(Incoming),
    Footer,
}

/// The namespaces that one open element declares.
#[derive(Debug, Default)]
struct Scope {
    default: Option<Namespace<'static>>,
    prefixes: Vec<(NcName, Namespace<'static>)>,
}

/// An element whose attributes are still coming.
#[derive(Debug)]
struct Head {
    name: RawQName,
    attributes: Vec<(RawQName, String)>,
    scope: Scope,
}

/// Builds stanzas one token at a time.
///
/// **Invariant**: while nothing is skipped, `scopes` has one entry for each open element whose head is complete and
/// `open` one for each of those below the stream; while something is skipped, only the stream's own scope is left.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    depth: usize,
    scopes: Vec<Scope>,
    head: Option<Head>,
    open: Vec<Element>,
    weight: usize,
    name: String,
    from: Option<String>,
    id: Option<String>,
    skipping: Option<Excess>,
}

impl Assembly {
    /// Whether the reader is inside a stanza, where text matters.
    pub(super) fn is_inside(&self) -> bool {
        self.depth > 1
    }

    /// What is known of the stanza that is being read.
    pub(super) fn half_read(&self) -> HalfRead {
        let result = self.open.get(1).filter(|element| element.is("result", ns::MAM));
        HalfRead {
            sender: self.from.clone().filter(|_| self.is_inside()),
            archive_id: result.and_then(|result| result.attr("id")).map(ToOwned::to_owned),
        }
    }

    /// Takes one token.
    pub(super) fn feed(&mut self, event: RawEvent) -> Result<Option<Step>, End> {
        self.weigh(event.metrics().len());
        match event {
            RawEvent::XmlDeclaration(..) => Ok(None),
            RawEvent::ElementHeadOpen(_, name) => self.head_open(name).map(|()| None),
            RawEvent::Attribute(_, name, value) => self.attribute(name, value).map(|()| None),
            RawEvent::ElementHeadClose(_) => self.head_close(),
            RawEvent::ElementFoot(_) => self.foot(),
            RawEvent::Text(_, text) => self.text(&text).map(|()| None),
        }
    }

    fn head_open(&mut self, name: RawQName) -> Result<(), End> {
        self.depth += 1;
        if self.depth > MAX_OPEN {
            return Err(End::NotXml("nested without end"));
        }
        if self.depth == 2 {
            self.weight = 0;
            self.name = name.1.to_string();
            self.from = None;
            self.id = None;
        }
        self.weigh(ELEMENT_WEIGHT);
        if self.depth > MAX_DEPTH + 1 {
            self.skip(Excess::Deep);
        }
        if self.skipping.is_none() {
            self.head = Some(Head {
                name,
                attributes: Vec::new(),
                scope: Scope::default(),
            });
        }
        Ok(())
    }

    fn attribute(&mut self, name: RawQName, value: String) -> Result<(), End> {
        self.weigh(ATTRIBUTE_WEIGHT);
        if value.len() > MAX_ATTRIBUTE {
            if self.depth == 1 {
                return Err(End::NotXml("a stream header without end"));
            }
            self.skip(Excess::Large);
            return Ok(());
        }
        if self.depth == 2 && name.0.is_none() {
            match name.1.as_str() {
                "from" => self.from = Some(value.clone()),
                "id" => self.id = Some(value.clone()),
                _ => {}
            }
        }
        let Some(head) = &mut self.head else {
            return Ok(());
        };
        if head.attributes.len() + head.scope.prefixes.len() >= MAX_ATTRIBUTES {
            if self.depth == 1 {
                return Err(End::NotXml("a stream header without end"));
            }
            self.skip(Excess::Attributes);
            return Ok(());
        }
        match &name {
            (None, local) if local.as_str() == "xmlns" => {
                if head.scope.default.replace(Namespace::from(value)).is_some() {
                    return Err(End::NotXml("a namespace declared twice"));
                }
            }
            (Some(prefix), local) if prefix.as_str() == "xmlns" => {
                if head.scope.prefixes.iter().any(|(known, _)| known == local) {
                    return Err(End::NotXml("a prefix declared twice"));
                }
                head.scope.prefixes.push((local.clone(), Namespace::from(value)));
            }
            _ => head.attributes.push((name, value)),
        }
        Ok(())
    }

    fn head_close(&mut self) -> Result<Option<Step>, End> {
        let Some(head) = self.head.take() else {
            return Ok(None);
        };
        self.scopes.push(head.scope);
        let mut attributes = AttrMap::new();
        for ((prefix, local), value) in head.attributes {
            let namespace = match prefix {
                // An attribute without prefix has no namespace, whatever the default is.
                None => Namespace::NONE,
                Some(prefix) => self.resolve(Some(&prefix))?,
            };
            if attributes.insert(namespace, local, value).is_some() {
                return Err(End::NotXml("an attribute given twice"));
            }
        }
        let namespace = self.resolve(head.name.0.as_ref())?;
        if self.depth == 1 {
            return header(&namespace, &head.name.1, attributes).map(Some);
        }
        let mut element = Element::builder(&head.name.1, namespace.to_string());
        for ((namespace, name), value) in attributes {
            element = element.attr_ns(namespace, name, value);
        }
        self.open.push(element.build());
        Ok(None)
    }

    fn foot(&mut self) -> Result<Option<Step>, End> {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            return Ok(Some(Step::Footer));
        }
        if let Some(reason) = self.skipping {
            if self.depth > 1 {
                return Ok(None);
            }
            self.skipping = None;
            return Ok(Some(Step::Incoming(Incoming::Dropped {
                name: std::mem::take(&mut self.name),
                from: self.from.take(),
                id: self.id.take(),
                reason,
            })));
        }
        self.scopes.pop();
        let Some(element) = self.open.pop() else {
            return Err(End::NotXml("an end without a beginning"));
        };
        match self.open.last_mut() {
            Some(parent) => {
                parent.append_child(element);
                Ok(None)
            }
            None => Ok(Some(Step::Incoming(Incoming::Element(element)))),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), End> {
        if self.is_inside() {
            // The reader splits long text; `append_text` joins the parts to one node again.
            if let Some(element) = self.open.last_mut() {
                element.append_text(text);
            }
            return Ok(());
        }
        // Between stanzas servers send blanks to keep a connection alive.
        if text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            Ok(())
        } else {
            Err(End::NotXml("text between stanzas"))
        }
    }

    fn resolve(&self, prefix: Option<&NcName>) -> Result<Namespace<'static>, End> {
        if prefix.is_some_and(|prefix| prefix.as_str() == "xml") {
            return Ok(Namespace::XML);
        }
        for scope in self.scopes.iter().rev() {
            let found = match prefix {
                None => scope.default.as_ref(),
                Some(prefix) => scope
                    .prefixes
                    .iter()
                    .find_map(|(known, namespace)| (known == prefix).then_some(namespace)),
            };
            if let Some(namespace) = found {
                return Ok(namespace.clone());
            }
        }
        match prefix {
            None => Ok(Namespace::NONE),
            Some(_) => Err(End::NotXml("a prefix that nobody declared")),
        }
    }

    fn weigh(&mut self, bytes: usize) {
        if self.is_inside() {
            self.weight = self.weight.saturating_add(bytes);
            if self.weight > MAX_WEIGHT {
                self.skip(Excess::Large);
            }
        }
    }

    fn skip(&mut self, reason: Excess) {
        self.skipping.get_or_insert(reason);
        self.head = None;
        self.open.clear();
        self.scopes.truncate(1);
    }
}

fn header(namespace: &Namespace<'_>, name: &NcName, mut attributes: AttrMap) -> Result<Step, End> {
    if namespace.as_str() != ns::STREAM || name.as_str() != "stream" {
        return Err(End::NotXml("a document that is no XMPP stream"));
    }
    Ok(Step::Header(Header {
        from: attributes.remove(&Namespace::NONE, "from"),
        id: attributes.remove(&Namespace::NONE, "id"),
        version: attributes.remove(&Namespace::NONE, "version"),
    }))
}
