//! What an identity key is worth to the user: blind trust before verification. People who verify nothing are protected from
//! everybody who only reads; who has verified one device of somebody is asked about every new one.

/// What an identity key of a device is worth. It belongs to account, address, device and key, and is the same in both versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trust {
    /// New, and waits for the user. Reads nothing that we write.
    Undecided,
    /// The user said no.
    Refused,
    /// Nobody has looked, and nothing of this person was verified: trusted.
    Blind,
    /// The user has compared it.
    Verified,
}

impl Trust {
    /// Of a new key of an address whose other keys are worth `others`.
    pub fn of_new(others: impl IntoIterator<Item = Self>) -> Self {
        let verified = others.into_iter().any(|other| other == Self::Verified);
        if verified { Self::Undecided } else { Self::Blind }
    }

    /// Whether a device with such a key reads what we write.
    pub fn reads(self) -> bool {
        matches!(self, Self::Blind | Self::Verified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h48_a_ghost_device_waits_once_somebody_was_verified() {
        assert_eq!(Trust::of_new([]), Trust::Blind);
        assert_eq!(Trust::of_new([Trust::Blind, Trust::Refused]), Trust::Blind);
        assert_eq!(Trust::of_new([Trust::Blind, Trust::Verified]), Trust::Undecided);
        assert!(!Trust::Undecided.reads());
        assert!(!Trust::Refused.reads());
    }
}
