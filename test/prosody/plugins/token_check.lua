-- What Prosody with Jitsi's modules checks of a token and of a join.
--
-- Our own text, written to Jitsi's behaviour, for tests on machines without Jitsi's modules. Plain Lua: it needs
-- cjson and luaossl and nothing of Prosody. Where Jitsi's code stops with a Lua error, this stops with one too.

local json = require "cjson.safe";
local digest = require "openssl.digest";
local hmac = require "openssl.hmac";
local pkey = require "openssl.pkey";

local HASH_OF = {
	HS256 = "sha256", HS384 = "sha384", HS512 = "sha512",
	RS256 = "sha256", RS384 = "sha384", RS512 = "sha512",
};

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
local SIX_BITS = {};
for place = 1, #ALPHABET do SIX_BITS[ALPHABET:sub(place, place)] = place - 1; end

-- The bytes of base64url text; `=` is passed over, bits that fill no byte are dropped. nil for anything else.
local function from_url64(text)
	if text:find("[^%w_=-]") then return nil; end
	local bytes, waiting, bits = {}, 0, 0;
	for character in text:gmatch "[^=]" do
		waiting, bits = (waiting << 6 | SIX_BITS[character]) & 0xffff, bits + 6;
		if bits >= 8 then
			bits = bits - 8;
			bytes[#bytes + 1] = string.char(waiting >> bits & 0xff);
		end
	end
	return table.concat(bytes);
end

local function refuse(text, condition)
	return { accepted = false, condition = condition or "not-allowed", text = text };
end

-- Header or body: its value and whether it is JSON. Jitsi hands cjson two arguments where the text is not
-- base64url, and cjson stops.
local function part_of(segment)
	local bytes = assert(from_url64(segment), "not base64url");
	local value, complaint = json.decode(bytes);
	return value, complaint == nil;
end

local function signature_holds(algorithm, key, input, signature)
	local hash = HASH_OF[algorithm];
	if algorithm:find("^HS") then return hmac.new(key, hash):final(input) == signature; end
	return pkey.new(key):verify(signature, digest.new(hash):update(input));
end

local function is_listed(claim, list)
	for _, entry in ipairs(list) do
		if entry == "*" or entry == claim then return true; end
	end
	return false;
end

-- With a key server the header is read ahead of everything, to learn the kid. The key, or a refusal.
local function fetched_key(token, key_for)
	local first = token:match("^([^.]*)%.");
	local bytes = first and from_url64(first);
	if not bytes then return nil, refuse "Invalid token"; end
	local header, complaint = json.decode(bytes);
	if complaint then return nil, refuse "bad token format"; end
	if header.kid == nil then return nil, refuse "'kid' claim is missing"; end
	if header.alg == nil then return nil, refuse "'alg' claim is missing"; end
	assert(type(header.alg) == "string", "alg is no text");
	if not header.alg:find("^RS") then return nil, refuse "'kid' claim only support with RS family"; end
	assert(type(header.kid) == "string" or type(header.kid) == "number", "kid is no text");
	local key = key_for(tostring(header.kid));
	if not key then return nil, refuse "could not obtain public key"; end
	return key;
end

local function expired(claims, now)
	local text = ("%s sec since expired"):format(tostring(now - claims.exp));
	if claims.iat then text = ("%s, valid for:%s sec"):format(text, tostring(claims.exp - claims.iat)); end
	return refuse(("Not acceptable by exp (%s)"):format(text));
end

local function check_claims(claims, options, now)
	for _, name in ipairs { "exp", "nbf" } do
		if claims[name] and type(claims[name]) ~= "number" then return refuse(name .. " must be number"); end
	end
	if claims.exp and now >= claims.exp then return expired(claims, now); end
	if claims.nbf and now < claims.nbf then return refuse "Not acceptable by nbf"; end
	for _, name in ipairs { "iss", "aud" } do
		if claims[name] == nil then return refuse(("'%s' claim is missing"):format(name)); end
		if not is_listed(claims[name], options[name]) then return refuse(("invalid '%s' claim"):format(name)); end
	end
	for _, name in ipairs { "room", "sub" } do
		if claims[name] == nil and (name == "sub" or options.require_room) then
			return refuse(name .. " claim is missing", "not-authorized");
		end
	end
	-- Looked into at once by Jitsi, whatever it is.
	local _ = claims.context ~= nil and claims.context.user;
	return { accepted = true, claims = claims };
end

-- Judges a token; nil is a connection without one.
-- options: algorithm, secret or key_for(kid), iss and aud (lists), require_room, allow_empty; now in unix seconds.
local function judge(token, options, now)
	if token == nil then
		return options.allow_empty and { accepted = true, claims = {} } or refuse "token required";
	end
	local key, refusal = options.secret, nil;
	if options.key_for then
		key, refusal = fetched_key(token, options.key_for);
		if refusal then return refusal; end
	end
	local segments = {};
	for segment in token:gmatch "[^.\\]+" do segments[#segments + 1] = segment; end
	if #segments ~= 3 then return refuse "Invalid token"; end
	local header, is_header = part_of(segments[1]);
	if not is_header then return refuse "Invalid header"; end
	local claims, is_body = part_of(segments[2]);
	if not is_body then return refuse "Invalid body"; end
	local signature = from_url64(segments[3]);
	if not signature then return refuse "Invalid signature"; end
	if header.typ ~= "JWT" then return refuse "Invalid typ"; end
	if header.alg ~= options.algorithm then return refuse "Invalid or incorrect alg"; end
	if not signature_holds(options.algorithm, key, segments[1] .. "." .. segments[2], signature) then
		return refuse "Invalid signature";
	end
	return check_claims(claims, options, now);
end

local function turn_away(text, child)
	return { accepted = false, condition = "not-allowed", text = text, child = child };
end

local function room_of_any_tenant(room, node)
	if room and room ~= "*" and room ~= node and node:sub(-#("]" .. room)) ~= "]" .. room then
		return turn_away("Room does not match the room from token", "room-mismatch");
	end
	return { accepted = true };
end

-- May a session with these claims join this node of the MUC? Lua patterns as claims are left out.
-- options: domain_verification, domain, require_room.
local function may_join(claims, node, options)
	local room = claims.room;
	if type(room) == "string" then room = string.lower(room); end
	if not options.domain_verification then return room_of_any_tenant(room, node); end
	if not room then
		if not options.require_room then return { accepted = true }; end
		return turn_away("Room name cannot be matched to the one from token.", "room-name-does-not-match");
	end
	-- Jitsi glues it to other texts, which stops at all but texts and numbers.
	room = "" .. room;
	local tenant, name = node:match "^%[([^%]]+)%](.+)$";
	local sub = string.lower(claims.sub);
	local is_there = sub == "*" or sub == (tenant or options.domain);
	if is_there and (room == "*" or room == (name or node)) then return { accepted = true }; end
	return turn_away "Room and token mismatched";
end

return { judge = judge, may_join = may_join };
