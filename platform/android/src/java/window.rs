//! Where the picture goes: the phone's window, locked for the part that changed; on a desktop a buffer of Java's, so
//! that a test in a Java machine sees the same pixels.

use iced_core::Size;
use jni::Env;
use jni::objects::JObject;

use crate::shell::{Area, Lost, Picture, Surface};

/// Copies a part of the picture, blue first, to pixels that begin with red.
///
/// # Safety
/// `bits` points to as many rows of `stride` pixels as the picture has, of four bytes each, that nobody else writes.
#[allow(unsafe_code)]
unsafe fn copy(picture: Picture<'_>, area: Area, bits: *mut u8, stride: usize) {
    let (left, right) = (area.left as usize, area.right.min(picture.size.width) as usize);
    let rows = area.top as usize..area.bottom.min(picture.size.height) as usize;
    for y in rows {
        let from = y * picture.size.width as usize * 4;
        let Some(row) = picture.bytes.get(from + left * 4..from + right * 4) else {
            return;
        };
        // SAFETY: the row is within the picture's height and the part within the stride, which is no less than its width.
        let target = unsafe { std::slice::from_raw_parts_mut(bits.add((y * stride + left) * 4), row.len()) };
        for (to, from) in target.chunks_exact_mut(4).zip(row.chunks_exact(4)) {
            if let ([red, green, blue, alpha], [b, g, r, a]) = (to, from) {
                (*red, *green, *blue, *alpha) = (*r, *g, *b, *a);
            }
        }
    }
}

#[cfg(target_os = "android")]
pub(super) use phone::Window;

#[cfg(target_os = "android")]
#[allow(unsafe_code)]
mod phone {
    use std::ffi::c_void;
    use std::ptr::NonNull;

    use super::{Area, Env, JObject, Lost, Picture, Size, Surface, copy};

    /// `WINDOW_FORMAT_RGBX_8888`: nothing shines through, so the system need not blend.
    const FORMAT: i32 = 2;

    /// `ARect` of the NDK's `android/rect.h`.
    #[repr(C)]
    struct Rect {
        left: i32,
        top: i32,
        right: i32,
        bottom: i32,
    }

    /// `ANativeWindow_Buffer` of `android/native_window.h`.
    #[repr(C)]
    struct Buffer {
        width: i32,
        height: i32,
        stride: i32,
        format: i32,
        bits: *mut c_void,
        reserved: [u32; 6],
    }

    #[link(name = "android")]
    unsafe extern "C" {
        fn ANativeWindow_fromSurface(env: *mut jni::sys::JNIEnv, surface: jni::sys::jobject) -> *mut c_void;
        fn ANativeWindow_release(window: *mut c_void);
        fn ANativeWindow_getWidth(window: *mut c_void) -> i32;
        fn ANativeWindow_getHeight(window: *mut c_void) -> i32;
        fn ANativeWindow_setBuffersGeometry(window: *mut c_void, width: i32, height: i32, format: i32) -> i32;
        fn ANativeWindow_lock(window: *mut c_void, buffer: *mut Buffer, changed: *mut Rect) -> i32;
        fn ANativeWindow_unlockAndPost(window: *mut c_void) -> i32;
    }

    /// A reference to the window of a `Surface`.
    pub(in super::super) struct Window(NonNull<c_void>);

    // SAFETY: the functions of a native window may be called from any thread; ours is the only one that draws.
    unsafe impl Send for Window {}

    impl Window {
        /// The window of a Java `Surface`. `None` if it has none any more.
        pub fn new(env: &mut Env<'_>, surface: &JObject<'_>, _size: Size<u32>) -> Option<Self> {
            // SAFETY: both are valid as long as this call of Java's lasts.
            let window = unsafe { ANativeWindow_fromSurface(env.get_raw(), surface.as_raw()) };
            let window = NonNull::new(window)?;
            // SAFETY: the reference is ours. Zeros: as large as the view.
            unsafe { ANativeWindow_setBuffersGeometry(window.as_ptr(), 0, 0, FORMAT) };
            Some(Self(window))
        }
    }

    impl Drop for Window {
        fn drop(&mut self) {
            // SAFETY: the reference is ours, and given back once.
            unsafe { ANativeWindow_release(self.0.as_ptr()) }
        }
    }

    impl Surface for Window {
        fn size(&self) -> Size<u32> {
            // SAFETY: the reference is ours. A window that is gone answers with a negative number.
            let (width, height) = unsafe {
                (
                    ANativeWindow_getWidth(self.0.as_ptr()),
                    ANativeWindow_getHeight(self.0.as_ptr()),
                )
            };
            Size::new(width.max(0).unsigned_abs(), height.max(0).unsigned_abs())
        }

        fn show(&mut self, picture: Picture<'_>, changed: Area) -> Result<(), Lost> {
            let edge = |edge: u32| i32::try_from(edge).unwrap_or(i32::MAX);
            let mut rect = Rect {
                left: edge(changed.left),
                top: edge(changed.top),
                right: edge(changed.right),
                bottom: edge(changed.bottom),
            };
            let mut buffer = Buffer {
                width: 0,
                height: 0,
                stride: 0,
                format: 0,
                bits: std::ptr::null_mut(),
                reserved: [0; 6],
            };
            // SAFETY: the reference is ours; both structures are as the NDK has them.
            if unsafe { ANativeWindow_lock(self.0.as_ptr(), &raw mut buffer, &raw mut rect) } != 0 {
                return Err(Lost);
            }
            // The window says which part it wants: more, if the buffer it found is older.
            let within = |edge: i32, most: i32| edge.clamp(0, most.max(0)).unsigned_abs();
            let area = Area {
                left: within(rect.left, buffer.width),
                top: within(rect.top, buffer.height),
                right: within(rect.right, buffer.width),
                bottom: within(rect.bottom, buffer.height),
            };
            let fits = buffer.width.unsigned_abs() >= picture.size.width
                && buffer.height.unsigned_abs() >= picture.size.height
                && buffer.stride >= buffer.width;
            if fits && !buffer.bits.is_null() {
                let stride = buffer.stride.unsigned_abs() as usize;
                // SAFETY: the buffer is locked, and no smaller than the picture.
                unsafe { copy(picture, area, buffer.bits.cast(), stride) };
            }
            // SAFETY: it was locked above.
            let posted = unsafe { ANativeWindow_unlockAndPost(self.0.as_ptr()) } == 0;
            if fits && posted { Ok(()) } else { Err(Lost) }
        }
    }
}

#[cfg(not(target_os = "android"))]
pub(super) use desktop::Window;

#[cfg(not(target_os = "android"))]
#[allow(unsafe_code)]
mod desktop {
    use jni::objects::JByteBuffer;
    use jni::refs::Global;

    use super::{Area, Env, JObject, Lost, Picture, Size, Surface, copy};

    /// A direct `ByteBuffer`, as long as Java keeps it.
    pub(in super::super) struct Window {
        bits: *mut u8,
        size: Size<u32>,
        _buffer: Global<JObject<'static>>,
    }

    // SAFETY: the buffer is kept by the reference beside it, and a test reads it after the shell was waited for.
    unsafe impl Send for Window {}

    impl Window {
        pub fn new(env: &mut Env<'_>, surface: &JObject<'_>, size: Size<u32>) -> Option<Self> {
            let kept = env.new_global_ref(surface).ok()?;
            let surface = env.new_local_ref(surface).ok()?;
            let buffer = env.cast_local::<JByteBuffer<'_>>(surface).ok()?;
            let room = env.get_direct_buffer_capacity(&buffer).ok()?;
            let bits = env.get_direct_buffer_address(&buffer).ok()?;
            (room >= size.width as usize * size.height as usize * 4).then_some(Self {
                bits,
                size,
                _buffer: kept,
            })
        }
    }

    impl Surface for Window {
        fn size(&self) -> Size<u32> {
            self.size
        }

        fn show(&mut self, picture: Picture<'_>, changed: Area) -> Result<(), Lost> {
            if picture.size != self.size {
                return Err(Lost);
            }
            // SAFETY: the buffer has room for this size, and only this thread writes to it.
            unsafe { copy(picture, changed, self.bits, self.size.width as usize) };
            Ok(())
        }
    }
}
