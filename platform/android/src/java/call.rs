//! Calls Java: the methods of `Phone.java`.

use std::path::Path;

use jni::objects::{JByteArray, JObject, JString, JValue};
use jni::refs::Global;
use jni::{Env, JavaVM, jni_sig, jni_str};

use crate::shell::{Field, Phone};

/// The phone, as Java implements it.
pub(super) struct Java {
    vm: JavaVM,
    phone: Global<JObject<'static>>,
}

impl Java {
    pub fn new(env: &mut Env<'_>, phone: &JObject<'_>) -> jni::errors::Result<Self> {
        Ok(Self {
            vm: env.get_java_vm()?,
            phone: env.new_global_ref(phone)?,
        })
    }

    /// Calls. What Java throws is written down and is no answer.
    fn call<T>(
        &self,
        what: &str,
        call: impl FnOnce(&mut Env<'_>, &JObject<'_>) -> jni::errors::Result<T>,
    ) -> Option<T> {
        let answer = self.vm.attach_current_thread(|env| {
            let answer = call(env, &self.phone);
            env.exception_clear();
            answer
        });
        answer
            .inspect_err(|error: &jni::errors::Error| tracing::warn!(what, %error, "the phone did not do it"))
            .ok()
    }

    fn text(&self, what: &'static jni::strings::JNIStr, text: &str) {
        self.call(&what.to_string(), |env, phone| {
            let text = env.new_string(text)?;
            env.call_method(phone, what, jni_sig!("(Ljava/lang/String;)V"), &[JValue::from(&text)])?;
            Ok(())
        });
    }

    fn nothing(&self, what: &'static jni::strings::JNIStr) {
        self.call(&what.to_string(), |env, phone| {
            env.call_method(phone, what, jni_sig!("()V"), &[])?;
            Ok(())
        });
    }

    /// Opens a web page.
    pub fn open(&self, link: &str) {
        self.text(jni_str!("open"), link);
    }

    /// Shows what is new; `None` takes it away. The number is the chat's, 0 if there are several.
    pub fn notice(&self, news: Option<(&str, &str, i64)>) {
        self.call("notice", |env, phone| {
            let (title, text, chat) = news.unwrap_or_default();
            let (title, text) = (env.new_string(title)?, env.new_string(text)?);
            let values = [
                JValue::Bool(news.is_some()),
                JValue::from(&title),
                JValue::from(&text),
                JValue::Long(chat),
            ];
            let signature = jni_sig!("(ZLjava/lang/String;Ljava/lang/String;J)V");
            env.call_method(phone, jni_str!("notice"), signature, &values)?;
            Ok(())
        });
    }

    /// There is a camera.
    pub fn has_camera(&self) -> bool {
        let has = self.call("camera", |env, phone| {
            env.call_method(phone, jni_str!("hasCamera"), jni_sig!("()Z"), &[])?.z()
        });
        has.unwrap_or_default()
    }

    /// Looks for a code with it.
    pub fn scan(&self) {
        self.nothing(jni_str!("scan"));
    }

    /// Lets the user choose a picture.
    pub fn choose_picture(&self) {
        self.nothing(jni_str!("choosePicture"));
    }

    /// What may hold Grend back: the bits of `Battery.java`.
    pub fn limits(&self) -> i32 {
        let limits = self.call("limits", |env, phone| {
            env.call_method(phone, jni_str!("limits"), jni_sig!("()I"), &[])?.i()
        });
        limits.unwrap_or_default()
    }

    /// Leads to where that is changed.
    pub fn lift(&self, limit: i32) {
        self.call("lift", |env, phone| {
            env.call_method(phone, jni_str!("lift"), jni_sig!("(I)V"), &[JValue::Int(limit)])?;
            Ok(())
        });
    }

    /// Encrypts with a key that never leaves the phone, or decrypts.
    pub fn seal(&self, bytes: &[u8], open: bool) -> Option<Vec<u8>> {
        let sealed = self.call("seal", |env, phone| {
            let bytes = env.byte_array_from_slice(bytes)?;
            let what = if open { jni_str!("unseal") } else { jni_str!("seal") };
            let answer = env
                .call_method(phone, what, jni_sig!("([B)[B"), &[JValue::from(&bytes)])?
                .l()?;
            if answer.is_null() {
                return Ok(None);
            }
            let answer = env.cast_local::<JByteArray<'_>>(answer)?;
            env.convert_byte_array(answer).map(Some)
        });
        sealed.flatten()
    }
}

impl Phone for Java {
    fn keyboard(&self, field: Option<Field>) {
        self.call("keyboard", |env, phone| {
            let values = [
                field.is_some(),
                field.is_some_and(|field| field.secret),
                field.is_some_and(|field| field.many_lines),
            ];
            let values = values.map(JValue::Bool);
            env.call_method(phone, jni_str!("keyboard"), jni_sig!("(ZZZ)V"), &values)?;
            Ok(())
        });
    }

    fn forget(&self) {
        self.nothing(jni_str!("forget"));
    }

    fn copy(&self, text: String) {
        self.text(jni_str!("copy"), &text);
    }

    fn paste(&self) -> Option<String> {
        let pasted = self.call("paste", |env, phone| {
            let answer = env
                .call_method(phone, jni_str!("paste"), jni_sig!("()Ljava/lang/String;"), &[])?
                .l()?;
            if answer.is_null() {
                return Ok(None);
            }
            env.cast_local::<JString<'_>>(answer)?.try_to_string(env).map(Some)
        });
        pasted.flatten()
    }

    fn offer(&self) {
        self.nothing(jni_str!("offer"));
    }

    fn share(&self, text: String) {
        self.text(jni_str!("share"), &text);
    }

    fn leave(&self) {
        self.nothing(jni_str!("leave"));
    }

    fn fonts(&self) -> Option<&'static Path> {
        Some(Path::new("/system/fonts"))
    }
}
