//! Whether somebody looks at Grend, so that the server may hold back what can wait. XEP-0352.

use minidom::Element;
use xmpp_parsers::ns;

pub(crate) fn stanza(active: bool) -> Element {
    Element::bare(if active { "active" } else { "inactive" }, ns::CSI)
}
