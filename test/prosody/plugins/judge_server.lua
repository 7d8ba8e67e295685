-- Judges tokens for a test: a JSON line in, a JSON line out, for as long as there are any.
--
-- in:  { token, now, algorithm, secret | keys = { kid = PEM }, iss, aud, require_room }
--      { join = claims as JSON text, node, domain, domain_verification, require_room }
-- out: { accepted } | { condition, text, child } | { unanswered } where Prosody would stop with an error
-- Its first line, unasked, is the version of Lua.
--
-- By default token_check.lua judges. With Jitsi's prosody-plugins as first argument their luajwtjitsi.lib.lua does,
-- for shared secrets; what stands around it in token/util.lib.lua needs Prosody and is told here again.

local json = require "cjson.safe";
local check = require "token_check";

local plugins = ...;
local jitsi = plugins and assert(loadfile(plugins .. "/luajwtjitsi.lib.lua"))();

local function judge_by_jitsi(asked)
	local real_time = os.time;
	os.time = function () return asked.now; end
	local ok, claims, text = pcall(jitsi.verify, asked.token, asked.algorithm, asked.secret, asked.iss, asked.aud);
	os.time = real_time;
	if not ok then error(claims, 0); end
	if not claims then return { condition = "not-allowed", text = text }; end
	if asked.require_room and claims.room == nil then
		return { condition = "not-authorized", text = "room claim is missing" };
	end
	if claims.sub == nil then return { condition = "not-authorized", text = "sub claim is missing" }; end
	local _ = claims.context ~= nil and claims.context.tenant;
	return { accepted = true };
end

local function judge(asked)
	if asked.join then return check.may_join(json.decode(asked.join), asked.node, asked); end
	if jitsi and asked.secret then return judge_by_jitsi(asked); end
	if asked.keys then asked.key_for = function (kid) return asked.keys[kid]; end end
	local verdict = check.judge(asked.token, asked, asked.now);
	return { accepted = verdict.accepted, condition = verdict.condition, text = verdict.text };
end

io.write(json.encode { version = _VERSION }, "\n");
io.flush();
for line in io.lines() do
	local asked = assert(json.decode(line));
	-- As os.time gives it.
	asked.now = asked.now and math.tointeger(asked.now);
	local ok, verdict = pcall(judge, asked);
	io.write(json.encode(ok and verdict or { unanswered = true, error = tostring(verdict) }), "\n");
	io.flush();
end
