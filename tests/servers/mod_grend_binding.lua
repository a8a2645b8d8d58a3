-- What Debian's Prosody 0.12 lacks: channel binding over TLS 1.3, by tls-exporter (RFC 9266) and tls-server-end-point
-- (RFC 5929, section 4), and the list of both (XEP-0440). Which of them it does is said in the setup or on the console.

local st = require "util.stanza";
local sha256 = require "util.hashes".sha256;
local base64 = require "util.encodings".base64;

kinds = module:get_option_set("grend_bindings", {}); -- global, so that the console can change it

-- Of a certificate signed with SHA-256: the first in the file, read once, as the server itself reads it.
local function end_point()
	local file = assert(io.open(module:get_option_string("grend_folder") .. "/server.pem"));
	local pem = file:read("*a"):match("BEGIN CERTIFICATE%-%-%-%-%-(.-)%-%-%-%-%-END");
	file:close();
	return sha256(base64.decode((pem:gsub("%s", ""))));
end
local certificate = end_point();
local get_unbound_handler;

local function add_bindings(session, handler)
	local socket = session.conn:socket();
	local data = {
		["tls-exporter"] = function ()
			return socket:exportkeyingmaterial("EXPORTER-Channel-Binding", 32, "");
		end;
		["tls-server-end-point"] = function ()
			return certificate;
		end;
	};
	for kind in kinds do
		handler:add_cb_handler(kind, data[kind]);
	end
	-- Prosody 0.12 offers PLUS only where it could bind by this one. Nobody can know the answer.
	handler:add_cb_handler("tls-unique", function ()
		return "undefined over TLS 1.3";
	end);
	return handler;
end

local function offer(event)
	local users = prosody.hosts[module.host].users;
	if not get_unbound_handler then
		get_unbound_handler = users.get_sasl_handler;
		users.get_sasl_handler = function (session)
			local handler = get_unbound_handler(session);
			return kinds:empty() and handler or add_bindings(session, handler);
		end
	end
	if not kinds:empty() then
		local list = st.stanza("sasl-channel-binding", { xmlns = "urn:xmpp:sasl-cb:0" });
		for kind in kinds do
			list:tag("channel-binding", { type = kind }):up();
		end
		event.features:add_child(list);
	end
end

-- What a newer Prosody's stanzas can.
local stanza = st.stanza_mt;
stanza.get_child_attr = stanza.get_child_attr or function (self, name, xmlns, attr)
	local child = self:get_child(name, xmlns);
	return child and child.attr[attr];
end

-- mod_sasl2_fast tells times in fractions of a second, which Lua 5.4 cannot print.
local datetime = require "util.datetime";
local whole = datetime.datetime;
function datetime.datetime(at)
	return whole(at and math.floor(at));
end

-- What mod_sasl2 and mod_sasl2_fast expect of a newer Prosody: the state of TLS, and who the client says it is.
local function complete(event)
	local conn = getmetatable(event.origin.conn).__index;
	conn.ssl_info = conn.ssl_info or function (self)
		return self:socket():info();
	end
	event.stream = event.stream or { from = "somebody@" .. module.host };
end

-- Before mod_saslauth asks for a handler.
module:hook("stream-features", function (event)
	if event.origin.type == "c2s_unauthed" and event.origin.secure then
		complete(event);
		offer(event);
	end
end, 1000);
