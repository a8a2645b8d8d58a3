//! What Grend is tested with: private Prosody and ejabberd servers, a DNS server, clients written by others,
//! `grend headless` and a demo family. Everything on loopback, in temporary folders, ended by handle.
//!
//! ```no_run
//! use grend_tests::{Kind, Options, Server};
//!
//! let server = Server::start(Kind::Prosody, Options::default());
//! let anna = server.add_user("anna", "secret");
//! println!("{} on 127.0.0.1:{}, CA in {}", anna.address, server.port(), server.ca().display());
//! ```

// A harness that cannot do its work must stop the test with a sentence, not hand the error on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]
#![allow(clippy::missing_panics_doc)]

pub mod bus;
pub mod chaos;
pub mod desktop;
pub mod dialogue;
pub mod dns;
pub mod doctor;
mod ejabberd;
pub mod fake;
pub mod family;
pub mod headless;
pub mod https;
pub mod interceptor;
pub mod oracle;
pub mod peer;
pub mod picture;
pub mod pki;
pub mod portal;
mod ports;
pub mod process;
pub mod profanity;
mod prosody;
pub mod proxy;
pub mod screen;
pub mod server;
pub mod wayland;
pub mod window;

pub use bus::Bus;
pub use desktop::Desktop;
pub use dialogue::Dialogue;
pub use dns::{Dns, Record};
pub use fake::Fake;
pub use headless::Headless;
pub use https::Https;
pub use interceptor::Interceptor;
pub use oracle::Oracle;
pub use peer::Peer;
pub use picture::Picture;
pub use pki::{Pki, Proof};
pub use portal::Portal;
pub use process::Process;
pub use profanity::Profanity;
pub use proxy::Proxy;
pub use screen::Screen;
pub use server::{Archived, Kind, Mechanisms, Options, Server, User, shared};
pub use wayland::Weston;
pub use window::Window;
