//! Copies of what our other devices send and get. XEP-0280. How they are opened: `incoming.rs`.

use minidom::Element;
use xmpp_parsers::ns;

/// Asks for copies from now on.
pub(crate) fn enable() -> Element {
    Element::bare("enable", ns::CARBONS)
}
