//! Grend: the program. Without a command it opens its window; `grend headless` is core without one.

// Windows opens no terminal beside its window.
#![cfg_attr(windows, windows_subsystem = "windows")]

mod args;
mod desktop;
mod doctor;
mod files;
mod headless;
mod logging;
mod notices;
mod picture;
mod single;
mod system;
mod vault;
mod wishes;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use args::{Args, Command};
use desktop::{Desk, Place};
use grend_app::app::Grend;
use grend_app::host::Wish;
use grend_core::{Cause, Config, Core, Storage};
use single::Opened;

fn main() -> ExitCode {
    system::find_terminal();
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(args) => args.portable(std::env::current_exe().ok()),
        Err(text) => return say(&text, ExitCode::from(2)),
    };
    if let Command::Help = args.command {
        let _ = std::io::stdout().write_all(args::HELP.as_bytes());
        return ExitCode::SUCCESS;
    }
    if let Command::Doctor(examination) = &args.command {
        return doctor::run(examination, args.dns);
    }
    let Some(folder) = args.folder() else {
        return say(
            "Grend does not know where to keep its data. Name a folder with --data.",
            ExitCode::FAILURE,
        );
    };
    if let Err(cause) = logging::start(&folder, args.log) {
        let cause = Cause::from(Storage::Folder(format!("{} ({cause})", folder.display())));
        return match args.command {
            Command::Headless => refuse(&cause),
            _ => say(&cause.to_string(), ExitCode::FAILURE),
        };
    }
    // A folder of one's own holds everything, passwords too: it can be moved, and a try-out leaves no traces.
    let vault = Arc::new(vault::Passwords::new(&folder, args.data.is_none()));
    let open = || {
        Core::open(Config {
            folder: folder.clone(),
            vault: vault.clone(),
            dns: args.dns,
        })
    };
    if args.command == Command::Headless {
        return match open() {
            Ok(core) => headless::run(core),
            Err(cause) => refuse(&cause),
        };
    }
    let wish = args.link.clone().map(Wish::Link);
    let shown = wish.clone().or((!args.hidden).then_some(Wish::Show));
    match single::open_or_hand_over(&folder, shown.as_ref(), open) {
        Opened::Here(core) => {
            let place = Place {
                named: args.data.is_some(),
                hidden: args.hidden && wish.is_none(),
                folder,
            };
            window(core, place, vault, wish)
        }
        Opened::There => ExitCode::SUCCESS,
    }
}

/// The program with its screens.
fn window(core: Result<Core, Cause>, place: Place, vault: Arc<vault::Passwords>, wish: Option<Wish>) -> ExitCode {
    let hidden = place.hidden;
    let desk = Arc::new(Desk::new(place, vault, core.is_ok()));
    if let Ok(core) = &core {
        system::hints::start(core.clone());
    }
    if let Some(wish) = wish {
        desk.wish(wish);
    }
    let grend = Grend::new(core, desk);
    match iced_winit::run(if hidden { grend.hidden() } else { grend }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(&format!("Grend cannot open a window: {error}"), ExitCode::FAILURE),
    }
}

/// Headless programs read answers, not sentences.
fn refuse(cause: &Cause) -> ExitCode {
    let answer = serde_json::json!({ "error": { "kind": cause.kind(), "text": cause.to_string() } });
    let _ = writeln!(std::io::stdout(), "{answer}");
    ExitCode::FAILURE
}

/// A sentence for whoever started us from a terminal.
fn say(text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{text}");
    code
}
