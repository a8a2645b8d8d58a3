//! Questions to our archive, one page at a time, and their answers. XEP-0313, paged by XEP-0059.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Page {
    /// The newest.
    Latest,
    /// What comes after an id.
    After(String),
    /// What stands before an id.
    Before(String),
}

/// Asks for a page, of one conversation or of all.
pub(crate) fn page(queryid: &str, page: &Page, most: u32, with: Option<&BareJid>) -> Element {
    let mut set = super::with(Element::bare("set", ns::RSM), [leaf("max", &most.to_string())]);
    set.append_child(match page {
        Page::Latest => Element::bare("before", ns::RSM),
        Page::After(id) => leaf("after", id),
        Page::Before(id) => leaf("before", id),
    });
    let mut query = super::element("query", ns::MAM, &[("queryid", queryid)]);
    if let Some(with) = with {
        let form = super::element("x", ns::DATA_FORMS, &[("type", "submit")]);
        let kind = field("FORM_TYPE", ns::MAM, &[("type", "hidden")]);
        query.append_child(super::with(form, [kind, field("with", with.as_str(), &[])]));
    }
    super::with(query, [set])
}

fn leaf(name: &str, text: &str) -> Element {
    let mut element = Element::bare(name, ns::RSM);
    element.append_text_node(text);
    element
}

fn field(name: &str, value: &str, more: &[(&str, &str)]) -> Element {
    let mut text = Element::bare("value", ns::DATA_FORMS);
    text.append_text_node(value);
    let attributes: Vec<_> = [("var", name)].into_iter().chain(more.iter().copied()).collect();
    super::with(super::element("field", ns::DATA_FORMS, &attributes), [text])
}

/// How a page ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fin {
    /// Nothing comes after it in its direction.
    pub complete: bool,
    pub first: Option<String>,
    pub last: Option<String>,
}

pub(crate) fn fin(answer: &Element) -> Option<Fin> {
    let fin = answer.get_child("fin", ns::MAM)?;
    let set = fin.get_child("set", ns::RSM);
    let text = |name| {
        set.and_then(|set| set.get_child(name, ns::RSM))
            .map(Element::text)
            .filter(|id| !id.is_empty())
    };
    Some(Fin {
        complete: matches!(fin.attr("complete"), Some("true" | "1")),
        first: text("first"),
        last: text("last"),
    })
}
