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

/// A number from 0 up to, not including, 1: for jitter.
pub(crate) fn unit() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / (f64::from(u32::MAX) + 1.0)
}
