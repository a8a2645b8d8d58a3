//! What time it is.

use std::time::{SystemTime, UNIX_EPOCH};

/// ms UTC.
pub(crate) fn now() -> i64 {
    #[cfg(test)]
    if let Some(now) = SET.get() {
        return now;
    }
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0))
}

#[cfg(test)]
thread_local! {
    static SET: std::cell::Cell<Option<i64>> = const { std::cell::Cell::new(None) };
}

/// Sets the clock of this thread; `None` lets it go again.
#[cfg(test)]
pub(crate) fn set(now: Option<i64>) {
    SET.set(now);
}
