//! When the network changed or the computer woke up: Windows calls, on threads of its own.
//!
//! Where it does not (wine), connections still find out by themselves, only later.

#![allow(unsafe_code)] // Windows wants functions to call.

use std::ffi::c_void;
use std::ptr;
use std::sync::OnceLock;

use grend_core::Core;
use windows_sys::Win32::Foundation::{HANDLE, NO_ERROR};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    MIB_NOTIFICATION_TYPE, MIB_UNICASTIPADDRESS_ROW, NotifyUnicastIpAddressChange,
};
use windows_sys::Win32::Networking::WinSock::AF_UNSPEC;
use windows_sys::Win32::System::Power::{DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS, PowerRegisterSuspendResumeNotification};
use windows_sys::Win32::UI::WindowsAndMessaging::{DEVICE_NOTIFY_CALLBACK, PBT_APMRESUMEAUTOMATIC};

/// Whom the calls are for: they bring nothing along that could be dangling.
static CORE: OnceLock<Core> = OnceLock::new();

/// Tells core from now on, as long as the program runs.
pub fn start(core: Core) {
    if CORE.set(core).is_err() {
        return;
    }
    let mut handle: HANDLE = ptr::null_mut();
    // SAFETY: a function of this program, no context, and a place for the handle that Windows fills in before it returns.
    let network =
        unsafe { NotifyUnicastIpAddressChange(AF_UNSPEC, Some(address_changed), ptr::null(), false, &raw mut handle) };
    let mut power = DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS {
        Callback: Some(power_changed),
        Context: ptr::null_mut(),
    };
    let mut registration = ptr::null_mut();
    // SAFETY: as above; the parameters are copied before it returns.
    let sleep = unsafe {
        PowerRegisterSuspendResumeNotification(DEVICE_NOTIFY_CALLBACK, (&raw mut power).cast(), &raw mut registration)
    };
    if network != NO_ERROR || sleep != NO_ERROR {
        tracing::info!(network, sleep, "nobody tells of the network or of sleep");
    }
}

fn tell() {
    if let Some(core) = CORE.get() {
        tracing::debug!("the network changed, or the computer woke up");
        core.network_changed();
    }
}

/// An address came, went or became usable.
unsafe extern "system" fn address_changed(
    _context: *const c_void,
    _row: *const MIB_UNICASTIPADDRESS_ROW,
    _kind: MIB_NOTIFICATION_TYPE,
) {
    tell();
}

/// Said before sleeping, too.
unsafe extern "system" fn power_changed(_context: *const c_void, kind: u32, _setting: *const c_void) -> u32 {
    if kind == PBT_APMRESUMEAUTOMATIC {
        tell();
    }
    NO_ERROR
}
