//! The harness's own tests: the servers are what the other tests think they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::fs;
use std::net::TcpListener;
use std::time::Instant;

use grend_tests::{Kind, Options, Server};

/// Processes that were started with this folder in their arguments or environment.
fn processes_of(folder: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| {
            let read = |name| fs::read(entry.path().join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&[read("cmdline"), read("environ")].concat()).into_owned();
            text.contains(folder)
                .then(|| format!("{}: {text}", entry.path().display()))
        })
        .collect()
}

#[test]
fn a_dropped_server_leaves_nothing() {
    for kind in Kind::ALL {
        let started = Instant::now();
        let server = Server::start(kind, Options::default());
        println!("{kind:?} started in {:?}", started.elapsed());
        let (folder, port) = (server.folder().to_owned(), server.port());
        let name = folder.display().to_string();
        assert!(!processes_of(&name).is_empty());
        drop(server);
        assert_eq!(processes_of(&name), Vec::<String>::new());
        assert!(!folder.exists());
        TcpListener::bind(("127.0.0.1", port)).expect("the port is free again");
    }
}

#[test]
fn data_survives_a_restart() {
    for mut server in Server::both(&Options::default()) {
        server.add_user("anna", "one");
        let before = Instant::now();
        server.restart();
        println!("{:?} restarted in {:?}", server.kind(), before.elapsed());
        server.change_password("anna", "two");
        let before = Instant::now();
        server.stop();
        println!("{:?} stopped in {:?}", server.kind(), before.elapsed());
        server.resume();
        println!("{}", server.log());
    }
}
