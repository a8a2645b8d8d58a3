//! Whether the computer saves power.

use windows_sys::Win32::System::Power::{GetSystemPowerStatus, SYSTEM_POWER_STATUS};

/// Whether battery saver is on.
#[allow(unsafe_code)]
pub fn is_saved() -> Option<bool> {
    let mut status = SYSTEM_POWER_STATUS::default();
    // SAFETY: it fills in the structure that it is given, which outlives the call.
    let answered = unsafe { GetSystemPowerStatus(&raw mut status) };
    (answered != 0).then_some(status.SystemStatusFlag == 1)
}

/// Whether the network costs by use: only WinRT knows, and that part of it is not in this program.
pub fn is_metered() -> Option<bool> {
    None
}
