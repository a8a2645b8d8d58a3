//! Debian's ejabberd: how it is set up, started, and asked for things in Erlang.
//!
//! `erl` is called directly and without distribution, not through `ejabberdctl`: no epmd, no change of user, no node
//! name that two servers could fight over.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::Process;
use crate::server::{Archived, Mechanisms, Server, Setup, capitalized};

const ADVICE: &str = "install the Debian packages ejabberd and erlang-p1-sqlite3 (./run-tests does)";

/// The orderly end: clients are told.
pub(crate) const STOP: &str = "init:stop().";

/// The name of the shared group, in the server's words and in the contact list.
const GROUP: &str = "Family";

pub(crate) fn set_up(setup: &Setup<'_>) {
    // One file with both: ejabberd finds certificate and key by what is in its `certfiles`.
    let folder = setup.folder;
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("the certificate is there");
    fs::write(folder.join("server.pem"), read("server.pem") + &read("server.key")).expect("a file can be written");
    let disabled = match setup.options.mechanisms {
        Mechanisms::Scram => r#""digest-md5", "X-OAUTH2""#,
        Mechanisms::PlainOnly => {
            r#""digest-md5", "X-OAUTH2", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS""#
        }
    };
    let (mut modules, mut components) = ("", String::new());
    if setup.options.push {
        modules = "mod_push: {}\n  mod_push_keepalive: {}";
        components = format!(
            "- port: {}\n    ip: \"127.0.0.1\"\n    module: ejabberd_service\n    hosts:\n      \"push.{}\":\n        password: \"component\"",
            setup.ports.component, setup.options.domain
        );
    }
    let words = [
        ("EXTRA_MODULES", modules),
        ("COMPONENTS", components.as_str()),
        ("DISABLED_MECHANISMS", disabled),
        ("SHAPER", if setup.options.rate_limits { "normal" } else { "none" }),
        ("LOG_LEVEL", if setup.options.debug_log { "debug" } else { "info" }),
    ];
    setup.write("ejabberd.yml", include_str!("../servers/ejabberd.yml"), &words);
}

pub(crate) fn start(folder: &Path) -> Process {
    let mut command = Command::new("erl");
    command
        .args([
            "-noshell",
            "+sbwt",
            "none",
            "-ejabberd",
            "quiet",
            "true",
            "-mnesia",
            "dir",
        ])
        .arg(format!("\"{}\"", folder.join("mnesia").display()))
        .args(["-s", "ejabberd", "-eval", include_str!("../servers/console.erl")])
        .env("ERL_LIBS", libraries())
        .env("ERL_CRASH_DUMP_BYTES", "0")
        .env("EJABBERD_CONFIG_PATH", folder.join("ejabberd.yml"))
        .env("EJABBERD_LOG_PATH", folder.join("ejabberd.log"))
        .env("GREND_FOLDER", folder)
        .env("HOME", folder)
        .current_dir(folder);
    Process::start("ejabberd", &mut command, ADVICE)
}

/// Where Debian keeps ejabberd's libraries; the folder carries the processor's name, and `ejabberdctl` knows it.
fn libraries() -> String {
    let script = fs::read_to_string("/usr/sbin/ejabberdctl")
        .unwrap_or_else(|error| panic!("no /usr/sbin/ejabberdctl ({error}): {ADVICE}"));
    let line = script.lines().find_map(|line| line.strip_prefix("ERL_LIBS="));
    line.expect("ejabberdctl says where its libraries are")
        .trim_matches('\'')
        .to_owned()
}

pub(crate) fn create_user(server: &Server, name: &str, password: &str) {
    let code = format!(
        "ok = ejabberd_auth:try_register({}, {}, {}).",
        binary(name),
        binary(server.domain()),
        binary(password)
    );
    run(server, &code);
}

pub(crate) fn change_password(server: &Server, name: &str, password: &str) {
    let code = format!(
        "ok = ejabberd_auth:set_password({}, {}, {}).",
        binary(name),
        binary(server.domain()),
        binary(password)
    );
    run(server, &code);
}

pub(crate) fn create_group(server: &Server) {
    let (group, domain, nothing) = (binary(GROUP), binary(server.domain()), binary(""));
    run(
        server,
        &format!("ok = mod_admin_extra:srg_create({group}, {domain}, {group}, {nothing}, {group})."),
    );
}

pub(crate) fn share(server: &Server, name: &str) {
    // The group's list shows people under the names in their vCards.
    let called = binary(&capitalized(name));
    let (group, domain, name) = (binary(GROUP), binary(server.domain()), binary(name));
    let set_name = format!(
        "ok = mod_admin_extra:set_vcard({name}, {domain}, {}, {called}).",
        binary("NICKNAME")
    );
    run(server, &set_name);
    run(
        server,
        &format!("ok = mod_admin_extra:srg_user_add({name}, {domain}, {group}, {domain})."),
    );
}

pub(crate) fn add_room(server: &Server, name: &str, title: &str, members: &[&str]) {
    let (name, rooms, domain) = (binary(name), binary(&server.rooms()), binary(server.domain()));
    let options = [
        ("title", title),
        ("persistent", "true"),
        ("members_only", "true"),
        ("anonymous", "false"),
        ("public", "false"),
        ("mam", "true"),
    ];
    let options: Vec<_> = options
        .iter()
        .map(|(option, value)| format!("{{{}, {}}}", binary(option), binary(value)))
        .collect();
    let options = options.join(", ");
    run(
        server,
        &format!("ok = mod_muc_admin:create_room_with_opts({name}, {rooms}, {domain}, [{options}])."),
    );
    for (index, member) in members.iter().enumerate() {
        let affiliation = binary(if index == 0 { "owner" } else { "member" });
        let address = binary(&format!("{member}@{}", server.domain()));
        run(
            server,
            &format!("ok = mod_muc_admin:set_room_affiliation({name}, {rooms}, {address}, {affiliation})."),
        );
    }
}

/// The messages go in as one Erlang script: a line of the console for each would be a round trip for each.
pub(crate) fn import(server: &Server, messages: &[Archived]) {
    let domain = server.domain();
    let mut code = String::from(
        "Put = fun(Host, Owner, Stanza, Type, Peer, Nick, Direction, At) -> \
         ok = mod_mam_sql:store(fxml_stream:parse_element(Stanza), Host, Owner, Type, jid:decode(Peer), Nick, Direction, At) \
         end,\n",
    );
    let host = binary(domain);
    let owner = |name: &str, host: &str| format!("{{{}, {}}}", binary(name), binary(host));
    for message in messages {
        let stanza = binary(&message.stanza(domain));
        let at = message.at * 1000;
        let from = binary(&format!("{}@{domain}", message.from));
        let to = binary(&format!("{}@{domain}", message.to));
        let nothing = binary("");
        if message.room {
            let rooms = server.rooms();
            let (owner, nick) = (owner(&message.to, &rooms), binary(&capitalized(&message.from)));
            let _ = writeln!(
                code,
                "Put({host}, {owner}, {stanza}, groupchat, {from}, {nick}, recv, {at}),"
            );
        } else {
            let (mine, theirs) = (owner(&message.from, domain), owner(&message.to, domain));
            let _ = writeln!(
                code,
                "Put({host}, {mine}, {stanza}, chat, {to}, {nothing}, send, {at}),"
            );
            let _ = writeln!(
                code,
                "Put({host}, {theirs}, {stanza}, chat, {from}, {nothing}, recv, {at}),"
            );
        }
    }
    code.push_str("ok.\n");
    let path = server.folder().join("import.erl");
    fs::write(&path, code).expect("a file can be written");
    run(
        server,
        &format!("{{ok, ok}} = file:script({}).", string(&path.display().to_string())),
    );
}

fn run(server: &Server, code: &str) {
    server
        .console(code)
        .unwrap_or_else(|error| panic!("ejabberd refuses {code}: {error}"));
}

/// An Erlang binary, whatever is in it.
fn binary(text: &str) -> String {
    let bytes: Vec<_> = text.bytes().map(|byte| byte.to_string()).collect();
    format!("<<{}>>", bytes.join(","))
}

/// An Erlang string, for what wants lists: paths.
fn string(text: &str) -> String {
    let chars: Vec<_> = text.chars().map(|char| u32::from(char).to_string()).collect();
    format!("[{}]", chars.join(","))
}
