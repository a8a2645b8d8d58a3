//! Ids that nobody can guess.

/// 128 random bits as 32 hexadecimal digits.
pub(crate) fn token() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness there is no TLS either; a constant id would only make answers ambiguous.
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "no randomness");
    }
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// A random UUID (RFC 9562, version 4).
pub(crate) fn uuid() -> String {
    let token = token();
    let [a, b, c, d] = [0..8, 8..12, 13..16, 17..20].map(|range| token.get(range).unwrap_or_default());
    // The version, and the variant: 8, 9, a or b. The digits in their places are left out.
    format!("{a}-{b}-4{c}-8{d}-{}", token.get(20..).unwrap_or_default())
}

/// A number from 0 up to, not including, 1: for jitter.
pub(crate) fn unit() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_form() {
        let uuid = uuid();
        let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
        assert_eq!((&uuid[14..15], &uuid[19..20]), ("4", "8"), "{uuid}");
    }
}
