//! The functions that `Native.java` declares. Each only hands on; what is wrong with a call is written down, and
//! nothing is thrown at Java.

#![allow(unsafe_code)] // The names that Java looks for are exported.
#![allow(clippy::too_many_arguments)] // Java's list of values, plus two.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, mpsc};
use std::time::Duration;

use grend_app::host::{Seen, Wish};
use grend_app::scan::{self, Grey};
use grend_core::model::{CatchUp, ChatId};
use iced_core::{Padding, Size};
use jni::errors::LogErrorAndDefault;
use jni::objects::{JByteArray, JClass, JIntArray, JObject, JString};
use jni::sys::{jboolean, jfloat, jint, jlong};
use jni::{Env, EnvUnowned, jni_mangle};

use super::call::Java;
use super::window::Window;
use super::{LINK, Link, Told, thread};
use crate::logging;
use crate::shell::{Input, Look, Phase, Press, Typing};

/// So long the phone's own thread waits for the shell to let a window go. It answers within a frame; a phone that
/// waits longer would call the program dead.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does something with the link, if the shell was started.
fn linked<'local, T: Default + 'local>(
    mut env: EnvUnowned<'local>,
    act: impl FnOnce(&mut Env<'local>, &Link) -> jni::errors::Result<T>,
) -> T {
    env.with_env(|env| match LINK.get() {
        Some(link) => act(env, link),
        None => Ok(T::default()),
    })
    .resolve::<LogErrorAndDefault>()
}

/// `start`: opens the folder and starts the shell. Once for a process.
#[jni_mangle("app.grend.Native")]
pub fn start<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    phone: JObject<'local>,
    context: JObject<'local>,
    folder: JString<'local>,
    locale: JString<'local>,
) {
    env.with_env(|env| -> jni::errors::Result<()> {
        if LINK.get().is_some() {
            return Ok(());
        }
        let folder = PathBuf::from(folder.try_to_string(env)?);
        let locale = locale.try_to_string(env)?;
        // Without a log the rest works all the same.
        let _ = logging::start(&folder, tracing::Level::INFO);
        std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panic")));
        system(env, &context)?;
        let java = Arc::new(Java::new(env, &phone)?);
        match thread::start(java, folder, locale) {
            Ok(link) => drop(LINK.set(link)),
            Err(error) => tracing::error!(%error, "no thread for the screens"),
        }
        Ok(())
    })
    .resolve::<LogErrorAndDefault>();
}

/// Tells the crates that ask Android themselves: for certificates and for name servers.
#[cfg(target_os = "android")]
fn system(env: &mut Env<'_>, context: &JObject<'_>) -> jni::errors::Result<()> {
    let kept = env.new_local_ref(context)?;
    rustls_platform_verifier::android::init_with_env(env, kept)?;
    let vm = env.get_java_vm()?.get_raw();
    // Kept for ever: the process has one context, the application's.
    let context = env.new_global_ref(context)?.into_raw();
    // SAFETY: both are valid as long as the process lives.
    unsafe { ndk_context::initialize_android_context(vm.cast(), context.cast()) };
    Ok(())
}

#[cfg(not(target_os = "android"))]
#[allow(clippy::unnecessary_wraps)]
fn system(_env: &mut Env<'_>, _context: &JObject<'_>) -> jni::errors::Result<()> {
    Ok(())
}

/// `surface`: where to draw; null takes it away and returns when nobody draws any more.
#[jni_mangle("app.grend.Native")]
pub fn surface<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    surface: JObject<'local>,
    width: jint,
    height: jint,
) {
    linked(env, |env, link| {
        let size = Size::new(width.max(0).unsigned_abs(), height.max(0).unsigned_abs());
        if let Some(window) = (!surface.is_null()).then(|| Window::new(env, &surface, size)).flatten() {
            link.tell(Input::Surface(Box::new(window)));
            return Ok(());
        }
        link.tell(Input::NoSurface);
        let (done, waited) = mpsc::channel();
        let _ = link.tell.send(Told::Done(done));
        if waited.recv_timeout(PATIENCE).is_err() {
            tracing::error!("the window is taken away while somebody draws");
        }
        Ok(())
    });
}

/// `look`: density, size of text, dark or light, and what bars and keyboard cover on each side.
#[jni_mangle("app.grend.Native")]
pub fn look<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    density: jfloat,
    font_scale: jfloat,
    dark: jboolean,
    left: jint,
    top: jint,
    right: jint,
    bottom: jint,
) {
    linked(env, |_, link| {
        let side = |pixels: jint| pixels.max(0) as f32;
        link.tell(Input::Look(Look {
            density,
            font_scale,
            dark,
            covered: Padding {
                top: side(top),
                right: side(right),
                bottom: side(bottom),
                left: side(left),
            },
        }));
        Ok(())
    });
}

/// `watched`: somebody looks, or nobody.
#[jni_mangle("app.grend.Native")]
pub fn watched<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, watched: jboolean) {
    linked(env, |_, link| {
        link.tell(Input::Watched(watched));
        Ok(())
    });
}

/// `finger`: 0 down, 1 moved, 2 up, 3 taken away.
#[jni_mangle("app.grend.Native")]
pub fn finger<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, id: jint, phase: jint, x: jfloat, y: jfloat) {
    linked(env, |_, link| {
        let phase = match phase {
            0 => Phase::Down,
            1 => Phase::Move,
            2 => Phase::Up,
            _ => Phase::Cancel,
        };
        link.tell(Input::Finger(id.unsigned_abs().into(), phase, x, y));
        Ok(())
    });
}

/// `key`: a key went down or up. False if it is not ours.
#[jni_mangle("app.grend.Native")]
pub fn key<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    code: jint,
    types: jint,
    held: jint,
    down: jboolean,
) -> jboolean {
    linked(env, |_, link| {
        let press = Press::android(code, types, held, down);
        let ours = press.is_some();
        if let Some(press) = press {
            link.tell(Input::Press(press));
        }
        Ok(ours)
    })
}

/// `command`: Ctrl and a letter: `c` copies, `v` pastes, `x` cuts, `a` selects all.
#[jni_mangle("app.grend.Native")]
pub fn command<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, letter: jint) {
    linked(env, |_, link| {
        let letter = u8::try_from(letter).ok().filter(u8::is_ascii_lowercase);
        if let Some(letter) = letter {
            link.tell(Input::Press(Press::command(char::from(letter))));
        }
        Ok(())
    });
}

/// `back`: the way back.
#[jni_mangle("app.grend.Native")]
pub fn back<'local>(env: EnvUnowned<'local>, _class: JClass<'local>) {
    linked(env, |_, link| {
        link.tell(Input::Back);
        Ok(())
    });
}

/// `edit`: what the keyboard did; the numbers are `Keys.java`'s. Answers where the cursor is and what is being
/// composed, in units of UTF-16, -1 and -1 if nothing is.
#[jni_mangle("app.grend.Native")]
pub fn edit<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    what: jint,
    text: JString<'local>,
    first: jint,
    second: jint,
) -> JIntArray<'local> {
    linked(env, |env, link| {
        let text = if text.is_null() {
            String::new()
        } else {
            text.try_to_string(env)?
        };
        let units = |number: jint| number.max(0).unsigned_abs() as usize;
        let (first, second) = (units(first), units(second));
        let (edits, place) = typing(link, |typing| {
            let edits = match what {
                0 => typing.commit(&text),
                1 => typing.compose(&text),
                2 => {
                    typing.recompose(first, second);
                    Vec::new()
                }
                3 => {
                    typing.finish();
                    Vec::new()
                }
                4 => typing.delete(first, second),
                5 => typing.go(first),
                _ => Vec::new(),
            };
            (edits, typing.place())
        });
        if !edits.is_empty() {
            link.tell(Input::Edits(edits));
        }
        let number = |units: usize| jint::try_from(units).unwrap_or(jint::MAX);
        let (start, end) = place
            .composed
            .map_or((-1, -1), |(start, end)| (number(start), number(end)));
        let answer = JIntArray::new(env, 3)?;
        answer.set_region(env, 0, &[number(place.cursor), start, end])?;
        Ok(answer)
    })
}

/// `around`: what stands before the cursor (or behind it), at most so many units.
#[jni_mangle("app.grend.Native")]
pub fn around<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    before: jboolean,
    most: jint,
) -> JString<'local> {
    linked(env, |env, link| {
        let most = most.max(0).unsigned_abs() as usize;
        let text = typing(link, |typing| {
            if before {
                typing.before(most)
            } else {
                typing.after(most)
            }
        });
        env.new_string(text)
    })
}

fn typing<T>(link: &Link, act: impl FnOnce(&mut Typing) -> T) -> T {
    act(&mut link.typing.lock().unwrap_or_else(PoisonError::into_inner))
}

/// `network`: the phone is on another network, or on one again.
#[jni_mangle("app.grend.Native")]
pub fn network<'local>(env: EnvUnowned<'local>, _class: JClass<'local>) {
    linked(env, |_, link| {
        if let Some(core) = link.core.get().and_then(Option::as_ref) {
            core.network_changed();
        }
        Ok(())
    });
}

/// `woken`: a push message or the phone's start woke the process. Returns when what is new is here and what was written has
/// left, or after so many seconds; whether it is.
#[jni_mangle("app.grend.Native")]
pub fn woken<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, seconds: jint) -> jboolean {
    linked(env, |_, link| {
        let deadline = Duration::from_secs(seconds.max(0).unsigned_abs().into());
        let caught_up = link.core.wait().as_ref().map(|core| core.catch_up(deadline));
        let caught_up = caught_up.map(iced_futures::futures::executor::block_on);
        Ok(caught_up == Some(CatchUp::Done))
    })
}

/// `endpoint`: where a push service reaches this phone; null: nowhere any more.
#[jni_mangle("app.grend.Native")]
pub fn endpoint<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, endpoint: JString<'local>) {
    linked(env, |env, link| {
        let there = (!endpoint.is_null()).then(|| endpoint.try_to_string(env));
        link.wishes.tell(Wish::Endpoint(there.transpose()?));
        Ok(())
    });
}

/// `show`: a notice was pressed: this chat is wanted.
#[jni_mangle("app.grend.Native")]
pub fn show<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, chat: jlong) {
    linked(env, |_, link| {
        link.wishes.tell(Wish::Open(ChatId(chat)));
        Ok(())
    });
}

/// `link`: an `xmpp:` link is to be followed, from whoever made it.
#[jni_mangle("app.grend.Native")]
pub fn link<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, text: JString<'local>) {
    linked(env, |env, link| {
        link.wishes.tell(Wish::Link(text.try_to_string(env)?));
        Ok(())
    });
}

/// `shared`: another program hands over a text.
#[jni_mangle("app.grend.Native")]
pub fn shared<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, text: JString<'local>) {
    linked(env, |env, link| {
        link.wishes.tell(Wish::Share(text.try_to_string(env)?));
        Ok(())
    });
}

/// What is bright in a picture that Java hands over.
fn grey(
    env: &mut Env<'_>,
    brightness: &JByteArray<'_>,
    width: jint,
    height: jint,
) -> jni::errors::Result<Option<Grey>> {
    if brightness.is_null() {
        return Ok(None);
    }
    let mut pixels = env.convert_byte_array(brightness)?;
    let side = |side: jint| usize::try_from(side).unwrap_or_default();
    let (width, height) = (side(width), side(height));
    // The colours of a frame come after what is bright in it.
    pixels.truncate(width.saturating_mul(height));
    Ok(Grey::new(width, height, pixels))
}

/// `frame`: what the camera sees. True if there was a code in it, and it was handed on.
#[jni_mangle("app.grend.Native")]
pub fn frame<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    brightness: JByteArray<'local>,
    width: jint,
    height: jint,
) -> jboolean {
    linked(env, |env, link| {
        let seen = grey(env, &brightness, width, height)?.and_then(scan::read);
        let found = seen.is_some();
        if let Some(text) = seen {
            link.wishes.tell(Wish::Seen(Seen::Code(text)));
        }
        Ok(found)
    })
}

/// `picture`: the one that the user chose; null if it cannot be opened.
#[jni_mangle("app.grend.Native")]
pub fn picture<'local>(
    env: EnvUnowned<'local>,
    _class: JClass<'local>,
    brightness: JByteArray<'local>,
    width: jint,
    height: jint,
) {
    linked(env, |env, link| {
        let seen = match grey(env, &brightness, width, height)? {
            Some(grey) => scan::read(grey).map_or(Seen::NoCode, Seen::Code),
            None => Seen::NoPicture,
        };
        link.wishes.tell(Wish::Seen(seen));
        Ok(())
    });
}

/// `noCamera`: there is none, or it may not be used.
#[jni_mangle("app.grend.Native")]
pub fn no_camera<'local>(env: EnvUnowned<'local>, _class: JClass<'local>) {
    linked(env, |_, link| {
        link.wishes.tell(Wish::Seen(Seen::NoCamera));
        Ok(())
    });
}

/// `share`: what is selected is to be given to another program.
#[jni_mangle("app.grend.Native")]
pub fn share<'local>(env: EnvUnowned<'local>, _class: JClass<'local>) {
    linked(env, |_, link| {
        link.tell(Input::Share);
        Ok(())
    });
}

/// `reply`: an answer was typed into a notice. It is written down before this returns, or shown again.
#[jni_mangle("app.grend.Native")]
pub fn reply<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, chat: jlong, text: JString<'local>) {
    linked(env, |env, link| {
        let (chat, text) = (ChatId(chat), text.try_to_string(env)?);
        link.wishes.fulfil(chat, Wish::Reply(chat, text));
        Ok(())
    });
}

/// `read`: a chat was read in a notice. That is written down before this returns.
#[jni_mangle("app.grend.Native")]
pub fn read<'local>(env: EnvUnowned<'local>, _class: JClass<'local>, chat: jlong) {
    linked(env, |_, link| {
        let chat = ChatId(chat);
        link.wishes.fulfil(chat, Wish::Read(chat));
        Ok(())
    });
}
