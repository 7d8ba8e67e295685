-- SASL ANONYMOUS with a token from the header or the query, judged by token_check.lua.
--
-- For tests on machines without Jitsi's modules; the options bear the names Jitsi's have. Where Jitsi's modules
-- stop with an error and leave the client waiting, this refuses with the text "unanswered".

local async = require "util.async";
local base64 = require "util.encodings".base64;
local check = require "token_check";
local form = require "util.http";
local hashes = require "util.hashes";
local http = require "net.http";
local id = require "util.id";
local json = require "util.json";

local function get(url)
	local answer = async.wait_for(http.request(url, { headers = { ["User-Agent"] = "Prosody test" } }));
	return answer and answer.code == 200 and answer.body or nil;
end

local function der(tag, body)
	local length = #body;
	if length < 128 then return string.char(tag, length) .. body; end
	local digits = string.pack(">I4", length):gsub("^\0+", "");
	return string.char(tag, 0x80 + #digits) .. digits .. body;
end

local function bytes_of_url64(text)
	return base64.decode((text:gsub("-", "+"):gsub("_", "/")) .. ("="):rep(-#text % 4));
end

local function unsigned(bytes)
	return der(0x02, bytes:byte(1) > 0x7f and "\0" .. bytes or bytes);
end

-- A SubjectPublicKeyInfo in PEM. @see RFC 8017, appendix A.1.1
local function pem_of_jwk(jwk)
	local rsa = der(0x30, unsigned(bytes_of_url64(jwk.n)) .. unsigned(bytes_of_url64(jwk.e)));
	local algorithm = der(0x30, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
	local text = base64.encode(der(0x30, algorithm .. der(0x03, "\0" .. rsa)));
	return ("-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"):format(text:gsub(("."):rep(64), "%0\n"));
end

-- Kept until Prosody restarts, as Jitsi keeps them.
local known = {};

local function key_from_jwks(url, kid)
	local document = json.decode(get(url) or "null");
	for _, jwk in ipairs(type(document) == "table" and document.keys or {}) do
		if jwk.kid == kid and jwk.kty == "RSA" then return pem_of_jwk(jwk); end
	end
end

local jwks_url = module:get_option_string "cache_keys_url";
local asap_url = module:get_option_string "asap_key_server";

local function key_for(kid)
	if not known[kid] and jwks_url then known[kid] = key_from_jwks(jwks_url, kid); end
	if not known[kid] and asap_url then known[kid] = get(("%s/%s.pem"):format(asap_url, hashes.sha256(kid, true))); end
	return known[kid];
end

local is_fetched = jwks_url or asap_url;
local options = {
	algorithm = module:get_option_string("signature_algorithm", is_fetched and "RS256" or "HS256");
	secret = module:get_option_string "app_secret";
	key_for = is_fetched and key_for or nil;
	iss = module:get_option_array("asap_accepted_issuers", { module:get_option_string "app_id" });
	aud = module:get_option_array("asap_accepted_audiences", { "*" });
	require_room = module:get_option_boolean("asap_require_room_claim", true);
	allow_empty = module:get_option_boolean("allow_empty_token", false);
};

local function take_token(event)
	local session, request = event.session, event.request;
	local header, query = request.headers.authorization, request.url.query;
	-- Jitsi counts seven characters off and never looks at the scheme.
	local token = header and header:sub(8);
	local fields = query and form.formdecode(query);
	if type(fields) == "table" and fields.token then token = fields.token; end
	session.auth_token = token;
	session.ostiary_previd = type(fields) == "table" and fields.previd or nil;
end
module:hook_global("bosh-session", take_token);
module:hook_global("websocket-session", take_token);

local function authenticate(session)
	local ok, verdict = pcall(check.judge, session.auth_token, options, os.time());
	if not ok then
		module:log("warn", "Judging stopped: %s", verdict);
		return "failure", "not-allowed", "unanswered";
	end
	if not verdict.accepted then return "failure", verdict.condition, verdict.text; end
	session.ostiary_claims = verdict.claims;
	return "success";
end

-- Who names the stream they had is who they were: only so can they resume it, as with Jitsi's mod_auth_token.
local function username_for(session)
	for _, other in pairs(session.ostiary_previd and prosody.full_sessions or {}) do
		if other.resumption_token == session.ostiary_previd then return other.username; end
	end
	return id.medium():lower();
end

local function sasl_handler(session)
	local handler = { username = username_for(session) };
	function handler.mechanisms() return { ANONYMOUS = true }; end
	function handler.select(_, mechanism) return mechanism == "ANONYMOUS"; end
	function handler.process() return authenticate(session); end
	function handler.clean_clone() return sasl_handler(session); end
	return handler;
end

local function no_account() return nil, "There are no accounts here"; end

module:provides("auth", {
	get_sasl_handler = sasl_handler;
	test_password = no_account;
	get_password = no_account;
	set_password = no_account;
	user_exists = no_account;
	create_user = no_account;
	delete_user = no_account;
});
