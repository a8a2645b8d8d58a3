//! The family's devices.

use grend_app::app::{Message, State};
use grend_core::model::{Device, DeviceId, Readers, Trust};

use super::{DAY, ME, MINUTE, NOW, address};

pub const THEIRS: &str = "bestemor@familien.example";
pub const OURS: &str = "kari@familien.example";

pub fn device(id: i64, of: &str, trust: Option<Trust>) -> Device {
    let digits = |number: i64| format!("{:016x}", (number + 7).wrapping_mul(0x5bd1_e995_9e37_79b9));
    let fingerprint: String = (0..4).map(|part| digits(id * 4 + part)).collect();
    Device {
        id: DeviceId(id),
        account: ME,
        address: address(of),
        number: 1_000_000_000 + u32::try_from(id).unwrap(),
        name: None,
        this: false,
        new: false,
        listed: true,
        fingerprint: trust.map(|_| fingerprint),
        trust,
        broken: false,
        seen_at: NOW - 30 * DAY,
        used_at: trust.map(|_| NOW - 4 * MINUTE),
    }
}

/// Grandmother has a telephone and a tablet that cannot read; we have this device and a telephone.
pub fn readers() -> Readers {
    let mut tablet = device(2, THEIRS, None);
    (tablet.broken, tablet.name) = (true, Some("nettbrettet".to_owned()));
    let mut this = device(3, OURS, Some(Trust::Blind));
    this.this = true;
    Readers {
        decided: Some(true),
        since: Some(NOW - DAY),
        theirs: vec![device(1, THEIRS, Some(Trust::Blind)), tablet],
        ours: vec![this, device(4, OURS, Some(Trust::Verified))],
    }
}

/// Core's answer to who can read.
pub fn know(state: &mut State, of: &str, readers: Readers) {
    let _ = state.update(Message::Known(Ok(vec![((ME, address(of)), readers)])));
}
