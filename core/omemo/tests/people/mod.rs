//! Devices that talk to each other, and how a test says it.

#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use grend_omemo::{
    Decrypted, Device, Encrypted, Memory, Sealed, Unreachable, Unreadable, Version, begin, decrypt, empty, encrypt,
};

pub fn device(address: &str, id: u32) -> Memory {
    Memory::new(Device::new(address, id))
}

pub fn pair() -> (Memory, Memory) {
    (device("anna@family.example", 1), device("bob@family.example", 2))
}

pub fn meet(writer: &mut Memory, reader: &Memory, version: Version) -> Result<(), Unreachable> {
    let bundle = reader.bundle(version).expect("a bundle");
    begin(writer, &reader.own().device, &bundle).expect("memory does not fail")
}

pub fn write(writer: &mut Memory, reader: &Memory, version: Version, text: &str) -> Encrypted {
    let to = [reader.own().device.clone()];
    let sealed = encrypt(writer, version, text.as_bytes(), &to).expect("memory does not fail");
    whole(sealed)
}

pub fn say_nothing(writer: &mut Memory, reader: &Memory, version: Version) -> Encrypted {
    whole(empty(writer, version, &[reader.own().device.clone()]).expect("memory does not fail"))
}

fn whole(sealed: Sealed) -> Encrypted {
    assert_eq!(sealed.left_out, []);
    sealed.message.expect("somebody reads it")
}

pub fn open(reader: &mut Memory, writer: &Memory, message: &Encrypted) -> Result<Decrypted, Unreadable> {
    open_from(reader, &writer.own().device.address, message)
}

pub fn open_from(reader: &mut Memory, sender: &str, message: &Encrypted) -> Result<Decrypted, Unreadable> {
    decrypt(reader, sender, message).expect("memory does not fail")
}

pub fn text(decrypted: &Decrypted) -> &str {
    std::str::from_utf8(decrypted.content.as_deref().expect("a text")).expect("UTF-8")
}

pub fn read(reader: &mut Memory, writer: &Memory, message: &Encrypted) -> String {
    text(&open(reader, writer, message).expect("readable")).to_owned()
}

/// It cannot be read, for this reason, and nothing changed.
pub fn refuses(reader: &mut Memory, sender: &str, message: &Encrypted, reason: Unreadable) {
    let before = reader.clone();
    assert_eq!(open_from(reader, sender, message).map(|_| ()), Err(reason));
    assert!(before == *reader, "a message that cannot be read changed something");
}
