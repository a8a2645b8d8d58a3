//! Hexadecimal digits, as fingerprints and links to files have them.

use zeroize::Zeroizing;

/// Two lowercase digits for each byte.
pub(crate) fn write(bytes: &[u8]) -> String {
    let digit = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// A byte for each two digits, capital or not; `None` if there is anything else, or an odd digit.
pub(crate) fn read(digits: impl Iterator<Item = char>) -> Option<Zeroizing<Vec<u8>>> {
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(
        digits
            .map(|char| Some(char.to_digit(16)? as u8))
            .collect::<Option<_>>()?,
    );
    let pairs = digits.chunks_exact(2);
    let whole = pairs.remainder().is_empty();
    whole.then(|| {
        Zeroizing::new(
            pairs
                .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
                .collect(),
        )
    })
}
