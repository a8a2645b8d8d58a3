//! Debian's Prosody: how it is set up, started, and asked for things in Lua.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::Process;
use crate::server::{Archived, Mechanisms, Server, Setup, capitalized};

const ADVICE: &str = "install the Debian packages prosody, prosody-modules and lua-dbi-sqlite3 (./run-tests does)";

/// The orderly end: clients are told.
pub(crate) const STOP: &str = "prosody.main_thread:run(function () prosody.shutdown('stopped by the tests') end)";

pub(crate) fn set_up(setup: &Setup<'_>) {
    let folder = setup.folder;
    for name in ["data", "plugins", "certs"] {
        fs::create_dir_all(folder.join(name)).expect("a folder can be made");
    }
    for (name, code) in [
        ("console", include_str!("../servers/mod_grend_console.lua")),
        ("binding", include_str!("../servers/mod_grend_binding.lua")),
    ] {
        let path = folder.join(format!("plugins/mod_grend_{name}.lua"));
        fs::write(path, code).expect("a file can be written");
    }
    fs::write(folder.join("groups.txt"), "[Family]\n").expect("a file can be written");
    let disabled = match setup.options.mechanisms {
        Mechanisms::Scram => "",
        Mechanisms::PlainOnly => r#""SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS""#,
    };
    let bindings: Vec<String> = setup.options.bindings.iter().map(|kind| lua(kind)).collect();
    let bindings = bindings.join(", ");
    let mut extra = String::new();
    if setup.options.rate_limits {
        extra += r#""limits"; "#;
    }
    if setup.options.modern {
        // Not mod_sasl2_sm: Debian 12's wants a newer mod_smacks.
        extra += r#""sasl2"; "sasl2_bind2"; "sasl2_fast";"#;
    }
    let (mut ports, mut components) = (String::new(), String::new());
    if setup.options.push {
        extra += r#""cloud_notify"; "#;
        ports = setup.ports.component.to_string();
        components = format!(
            "Component \"push.{}\"\n\tcomponent_secret = \"component\"\n",
            setup.options.domain
        );
    }
    let words = [
        ("HASH", setup.options.hash),
        ("BINDINGS", bindings.as_str()),
        ("DISABLED_MECHANISMS", disabled),
        ("EXTRA_MODULES", extra.as_str()),
        ("COMPONENT_PORTS", ports.as_str()),
        ("COMPONENTS", components.as_str()),
        ("LOG_LEVEL", if setup.options.debug_log { "debug" } else { "info" }),
    ];
    setup.write("prosody.cfg.lua", include_str!("../servers/prosody.cfg.lua"), &words);
}

pub(crate) fn start(folder: &Path) -> Process {
    let mut command = Command::new("prosody");
    command
        .arg("--config")
        .arg(folder.join("prosody.cfg.lua"))
        .arg("-F")
        .current_dir(folder);
    Process::start("Prosody", &mut command, ADVICE)
}

pub(crate) fn create_user(server: &Server, name: &str, password: &str) {
    let code = format!(
        "return require'core.usermanager'.create_user({}, {}, {})",
        lua(name),
        lua(password),
        lua(server.domain())
    );
    run(server, &code);
}

pub(crate) fn change_password(server: &Server, name: &str, password: &str) {
    let code = format!(
        "return require'core.usermanager'.set_password({}, {}, {})",
        lua(name),
        lua(password),
        lua(server.domain())
    );
    run(server, &code);
}

pub(crate) fn set_bindings(server: &Server, kinds: &[&str]) {
    let kinds: Vec<String> = kinds.iter().map(|kind| lua(kind)).collect();
    let code = format!(
        "prosody.hosts[{}].modules.grend_binding.kinds = require'util.set'.new({{{}}}); return true",
        lua(server.domain()),
        kinds.join(", ")
    );
    run(server, &code);
}

/// They lie in files, one for each account.
fn token_folder(server: &Server) -> PathBuf {
    let host = server.domain().replace('.', "%2e");
    server.folder().join("data").join(host).join("fast_tokens")
}

pub(crate) fn tokens(server: &Server) -> String {
    let Ok(files) = fs::read_dir(token_folder(server)) else {
        return String::new();
    };
    let files = files.flatten().map(|file| fs::read_to_string(file.path()));
    files.map(|text| text.expect("a token file is text")).collect()
}

pub(crate) fn forget_tokens(server: &Server) {
    let folder = token_folder(server);
    fs::remove_dir_all(&folder).unwrap_or_else(|error| panic!("no tokens in {}: {error}", folder.display()));
}

/// `mod_groups` reads its file when it is loaded.
pub(crate) fn share(server: &Server, name: &str) {
    let path = server.folder().join("groups.txt");
    // Tests that share a server do this at the same time: a line is added in one go.
    let line = format!("{name}@{}={}\n", server.domain(), capitalized(name));
    let mut groups = OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("the groups file is there");
    groups
        .write_all(line.as_bytes())
        .expect("the groups file can be written");
    run(
        server,
        &format!(
            "return require'core.modulemanager'.reload({}, 'groups')",
            lua(server.domain())
        ),
    );
}

pub(crate) fn add_room(server: &Server, name: &str, title: &str, members: &[&str]) {
    let room = format!("{name}@{}", server.rooms());
    let mut code = format!(
        "local muc = prosody.hosts[{}].modules.muc; local room = muc.create_room({}); room:set_name({}); \
         room:set_persistent(true); room:set_members_only(true); room:set_whois('anyone'); room:set_public(false);",
        lua(&server.rooms()),
        lua(&room),
        lua(title)
    );
    for (index, member) in members.iter().enumerate() {
        let affiliation = if index == 0 { "owner" } else { "member" };
        let address = lua(&format!("{member}@{}", server.domain()));
        let _ = write!(code, " room:set_affiliation(true, {address}, '{affiliation}');");
    }
    code.push_str(" return room:save(true)");
    run(server, &code);
}

/// The messages go in as one Lua file: a line of the console for each would be a round trip for each.
pub(crate) fn import(server: &Server, messages: &[Archived]) {
    let domain = server.domain();
    let mut code = format!(
        "local xml = require 'util.xml'.parse\nlocal open = require 'core.storagemanager'.open\n\
         local personal, rooms = open({}, 'archive', 'archive'), open({}, 'muc_log', 'archive')\n\
         local function put(store, owner, stanza, at, with) assert(store:append(owner, nil, xml(stanza), at, with)) end\n",
        lua(domain),
        lua(&server.rooms())
    );
    for message in messages {
        // Whole seconds, as Prosody itself keeps them; it cannot print others.
        let at = message.at / 1000;
        let stanza = lua(&message.stanza(domain));
        if message.room {
            let _ = writeln!(
                code,
                "put(rooms, {}, {stanza}, {at}, 'message<groupchat')",
                lua(&message.to)
            );
        } else {
            let (from, to) = (format!("{}@{domain}", message.from), format!("{}@{domain}", message.to));
            let _ = writeln!(
                code,
                "put(personal, {}, {stanza}, {at}, {})",
                lua(&message.from),
                lua(&to)
            );
            let _ = writeln!(
                code,
                "put(personal, {}, {stanza}, {at}, {})",
                lua(&message.to),
                lua(&from)
            );
        }
    }
    let path = server.folder().join("import.lua");
    fs::write(&path, code).expect("a file can be written");
    run(
        server,
        &format!("dofile({}); return true", lua(&path.display().to_string())),
    );
}

fn run(server: &Server, code: &str) {
    server
        .console(code)
        .unwrap_or_else(|error| panic!("Prosody refuses {code}: {error}"));
}

/// A Lua string, whatever is in it.
fn lua(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b" @.-_<>/=':".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            let _ = write!(quoted, "\\{byte:03}");
        }
    }
    quoted.push('"');
    quoted
}
