//! Network and sleep.

use grend_core::Core;

/// Nobody tells of them here: connections find out by themselves.
pub fn start(_core: Core) {}
