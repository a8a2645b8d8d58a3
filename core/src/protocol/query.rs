//! Questions to our archive, one page at a time, and their answers. XEP-0313, paged by XEP-0059.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

use super::{element, leaf, with};

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
pub(crate) fn page(queryid: &str, page: &Page, most: u32, chat: Option<&BareJid>) -> Element {
    let mut set = with(Element::bare("set", ns::RSM), [leaf("max", ns::RSM, &most.to_string())]);
    set.append_child(match page {
        Page::Latest => Element::bare("before", ns::RSM),
        Page::After(id) => leaf("after", ns::RSM, id),
        Page::Before(id) => leaf("before", ns::RSM, id),
    });
    let mut query = element("query", ns::MAM, &[("queryid", queryid)]);
    if let Some(chat) = chat {
        let form = element("x", ns::DATA_FORMS, &[("type", "submit")]);
        let kind = field("FORM_TYPE", ns::MAM, &[("type", "hidden")]);
        query.append_child(with(form, [kind, field("with", chat.as_str(), &[])]));
    }
    with(query, [set])
}

fn field(name: &str, value: &str, more: &[(&str, &str)]) -> Element {
    let attributes: Vec<_> = [("var", name)].into_iter().chain(more.iter().copied()).collect();
    with(
        element("field", ns::DATA_FORMS, &attributes),
        [leaf("value", ns::DATA_FORMS, value)],
    )
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
