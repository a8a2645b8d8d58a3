//! What an account remembers of how it signed in, to notice when that gets weaker.

/// What is held against a server, or against somebody who pretends to be it.
///
/// No keys and no certificates are among it: those are renewed every few months, and a channel binding notices a foreign
/// one better than a list of known ones does. Nor is TLS itself: Grend never talks without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pins {
    /// Names this installation to the server, and means nothing: a random UUID (XEP-0388). An account has its own, so that
    /// nobody can tell which accounts live together.
    pub client_id: String,
    /// The sign-in was bound to its connection once: whoever stands in between cannot do that.
    pub bound: bool,
    /// The strongest mechanism that was ever offered, say `SCRAM-SHA-256`. No PLUS: that is `bound`.
    pub strongest: Option<String>,
}
