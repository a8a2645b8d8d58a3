-- A family's Prosody: what somebody's uncle would run, on loopback and with everything in one temporary folder.
-- The words in double braces are filled in by tests/src/prosody.rs.

run_as_root = true -- a private process of whoever runs the tests; root in a container, a person elsewhere
daemonize = false
pidfile = "{{FOLDER}}/prosody.pid"
data_path = "{{FOLDER}}/data"
plugin_paths = { "{{FOLDER}}/plugins" }
grend_folder = "{{FOLDER}}"
log = { { levels = { min = "{{LOG_LEVEL}}" }, to = "file", filename = "{{FOLDER}}/prosody.log" } }

interfaces = { "127.0.0.1" }
c2s_ports = { {{PORT}} }
c2s_direct_tls_ports = { {{TLS_PORT}} }
http_ports = {}
https_ports = { {{HTTPS_PORT}} }
https_interfaces = { "127.0.0.1" }
component_ports = { {{COMPONENT_PORTS}} }
component_interfaces = { "127.0.0.1" }
modules_disabled = { "s2s" } -- nobody else to talk to

modules_enabled = {
	"grend_console";
	"grend_binding";
	-- what an account needs
	"roster", "saslauth", "tls", "disco", "ping", "time", "version", "uptime", "lastactivity";
	-- what people expect today
	"carbons", "smacks", "csi_simple", "mam", "blocklist", "bookmarks", "pep", "private", "vcard4", "vcard_legacy";
	"user_account_management"; -- change one's own password; nobody can register
	"groups"; -- the contacts the family shares
	{{EXTRA_MODULES}}
}

limits = { c2s = { rate = "10kb/s" } } -- only in force when "limits" is among the extra modules

c2s_require_encryption = true
allow_unencrypted_plain_auth = false
authentication = "internal_hashed"
password_hash = "{{HASH}}"
grend_bindings = { {{BINDINGS}} }
disable_sasl_mechanisms = { {{DISABLED_MECHANISMS}} }

ssl = { certificate = "{{FOLDER}}/server.pem", key = "{{FOLDER}}/server.key" }
c2s_direct_tls_ssl = ssl
https_ssl = ssl

-- One SQLite file for what grows; `internal` would cost seconds of CPU for a page of a large archive.
storage = { archive = "sql", muc_log = "sql", uploads = "sql" }
sql = { driver = "SQLite3", database = "family.sqlite" }

default_archive_policy = true
archive_expires_after = "never"
max_archive_query_results = {{ARCHIVE_PAGE}}

groups_file = "{{FOLDER}}/groups.txt"

VirtualHost "{{DOMAIN}}"

Component "rooms.{{DOMAIN}}" "muc"
	name = "Group chats"
	modules_enabled = { "muc_mam", "vcard_muc" }
	restrict_room_creation = "local"
	muc_log_by_default = true
	muc_log_expires_after = "never"
	max_archive_query_results = {{ARCHIVE_PAGE}}

Component "upload.{{DOMAIN}}" "http_file_share"
	name = "Files"
	http_host = "127.0.0.1"
	http_external_url = "https://127.0.0.1:{{HTTPS_PORT}}/"
	http_file_share_size_limit = 100 * 1024 * 1024
	http_file_share_daily_quota = 1024 * 1024 * 1024
	http_file_share_expires_after = 365 * 86400

{{COMPONENTS}}
