//! Grend's icon: `SIDE` by `SIDE` pixels, RGBA. `assets/icon/make` draws it.

/// Pixels from edge to edge.
pub const SIDE: u32 = 48;
/// As it usually is.
pub const USUAL: &[u8] = include_bytes!("../../assets/icon/grend.rgba");
/// While messages wait to be read.
pub const UNREAD: &[u8] = include_bytes!("../../assets/icon/grend-unread.rgba");
