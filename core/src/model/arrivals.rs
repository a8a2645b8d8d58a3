//! How late messages come to this device.

/// The last messages of others that came to this device, at most 20, and how long after they were sent. What was history when it
/// came does not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// How many there are.
    pub count: u32,
    /// How many of them came more than a minute after they were sent.
    pub late: u32,
    /// How late the latest of them came, ms.
    pub longest_ms: i64,
}
