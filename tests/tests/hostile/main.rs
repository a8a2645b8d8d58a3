//! What a hostile contact, stranger or server may try, each test named after its row in `tests/hostile.tsv`. The server is
//! a fake, because real ones filter most of it, and a family's server may be an old one. `docs/hostile.md` is generated
//! from here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod addresses;
mod floods;
mod page;
mod silence;
mod spoofing;
mod stream;
mod words;
mod world;
