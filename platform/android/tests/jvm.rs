//! The library in a Java machine: the functions that Java declares are there, with these values, and Rust reaches the
//! methods of `Phone.java`. What the machine's `Surface` would be is a buffer.

#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Cargo laid the library: beside the folder of the tests' own programs.
fn library() -> PathBuf {
    let program = std::env::current_exe().unwrap();
    program.parent().unwrap().join("libgrend_android.so")
}

/// A code as a camera sees it: a square, one byte for each pixel.
fn code_to_see() -> Vec<u8> {
    const MODULE: i32 = 6;
    let code =
        qrcodegen::QrCode::encode_text("xmpp:anna@a.example?omemo-sid-27=9f86", qrcodegen::QrCodeEcc::Low).unwrap();
    let side = (code.size() + 8) * MODULE;
    let pixel = |at: i32| {
        let dark = code.get_module(at % side / MODULE - 4, at / side / MODULE - 4);
        if dark { 30 } else { 200 }
    };
    (0..side * side).map(pixel).collect()
}

#[test]
fn java_and_rust_understand_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::copy(library(), folder.path().join("libgrend.so")).unwrap();
    let compiled = Command::new("javac")
        .args(["--release", "8", "-Xlint:-options", "-encoding", "UTF-8", "-d"])
        .arg(folder.path())
        .arg(here.join("java/app/grend/Native.java"))
        .arg(here.join("java/app/grend/Phone.java"))
        .arg(here.join("java/app/grend/Token.java"))
        .arg(here.join("java/app/grend/Frames.java"))
        .arg(here.join("tests/jvm/Trial.java"))
        .output()
        .expect("the test needs javac: install default-jdk-headless");
    assert!(
        compiled.status.success(),
        "{}",
        String::from_utf8_lossy(&compiled.stderr)
    );
    let (data, code) = (folder.path().join("data"), folder.path().join("code"));
    std::fs::write(&code, code_to_see()).unwrap();
    let mut path = std::ffi::OsString::from("-Djava.library.path=");
    path.push(folder.path());
    let ran = Command::new("java")
        .arg(path)
        .args(["-Xcheck:jni", "-Dfile.encoding=UTF-8", "-cp"])
        .arg(folder.path())
        .arg("app.grend.Trial")
        .arg(&data)
        .arg(&code)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    let log = std::fs::read_to_string(data.join("grend.log")).unwrap_or_default();
    assert!(
        ran.status.success() && said.contains("The trial is over."),
        "{said}\n{}\n{log}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(!said.contains("FATAL ERROR in native method"), "{said}");
    assert!(!log.contains("panic") && !log.contains("the phone did not"), "{log}");
}
