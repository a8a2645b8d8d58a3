-- A console on standard input for the test harness: one line of Lua in, one line "grend ok ..." or "grend error ..."
-- out. The end of the input means that the harness is gone: the server deletes its folder and leaves.
--
-- Standard input and not a port, because a pipe closes by itself when a test program dies, however it dies.

module:set_global();

local server = require "net.server";
local folder = module:get_option_string("grend_folder");

local environment = setmetatable({}, { __index = _G });

local function say(word, text)
	io.write("grend ", word, " ", (tostring(text):gsub("\\", "\\\\"):gsub("\n", "\\n")), "\n");
	io.flush();
end

local function answer(line)
	local code, problem = load(line, "=stdin", "t", environment);
	if not code then
		return say("error", problem);
	end
	local ok, value, why = pcall(code);
	if not ok then
		return say("error", value);
	end
	if value == nil and why ~= nil then -- Lua's way of saying that it did not work
		return say("error", why);
	end
	say("ok", value);
end

local function on_readable(conn)
	local line = io.read("*l");
	if line then
		return answer(line);
	end
	conn:close();
	os.execute("rm -rf '" .. folder .. "'");
	os.exit(0);
end

-- A private server must survive `kill -9`, not a power cut of the machine: waiting for the disk after every message
-- would make a hundred tests wait for each other's disk.
local function hurry_databases()
	for _, engine in pairs(module:shared("/*/sql/connections")) do
		assert(engine:connect());
		engine.conn:autocommit(true); -- the pragma does nothing inside a transaction
		assert(engine:execute("PRAGMA synchronous = OFF"));
		engine.conn:autocommit(false);
	end
end

module:hook("server-started", function ()
	hurry_databases();
	server.watchfd(0, on_readable);
	say("ready", "");
end);
