-- Ostiary's side of Prosody: tells the doorkeeper who is in which room, ends whom it says, lets nobody in without a
-- verified token, and hands out TURN credentials to nobody else.
--
-- For Prosody 0.12 and 13. Listens nowhere: it asks, and what it has to do stands in the answer. Everything it knows of
-- somebody stands in their token, which Prosody verified before; nothing is taken from what a client says of itself.
--
-- modules_enabled = { "ostiary" } in the global section is enough; it finds the hosts by itself.
--
--   ostiary_url            where Ostiary's inner listener is, prefix included: "http://127.0.0.1:8081/_ostiary".
--                          Several may stand there: the next is asked when one does not answer.
--   ostiary_secret         what Ostiary has as prosodyModule.secret, or
--   ostiary_secret_file    a file with it
--   ostiary_without_token  hosts whose people need no token, as { "guest.meet.jitsi" }; {}
--   ostiary_muc            where meetings are; muc_mapper_domain_prefix and _base, as Jitsi has them
--   ostiary_token_auth     modules for `authentication` that verify tokens; { "token" }
--   ostiary_turn_ttl       seconds for which TURN credentials are good; 43200
--   ostiary_report_size    changes in one report at most; 1000
--
-- SPDX-License-Identifier: Apache-2.0

module:set_global();

local datetime = require "util.datetime";
local encodings = require "util.encodings";
local hashes = require "util.hashes";
local http = require "net.http";
local id = require "util.id";
local jid = require "util.jid";
local json = require "util.json";
local sessionmanager = require "core.sessionmanager";
local st = require "util.stanza";

local base64, valid = encodings.base64, encodings.utf8.valid;
local now = os.time;

-- Settings ---------------------------------------------------------------------------------------------------------

local function read_secret()
	local path = module:get_option_string "ostiary_secret_file";
	if not path then return module:get_option_string "ostiary_secret"; end
	local file, why = io.open(path);
	if not file then
		module:log("error", "ostiary_secret_file cannot be read: %s", why);
		return nil;
	end
	local text = file:read "*a":gsub("\r?\n$", "");
	file:close();
	return text;
end

local urls = module:get_option_array("ostiary_url", {});
local secret = read_secret();
local without_token = module:get_option_set("ostiary_without_token", {});
local token_auth = module:get_option_set("ostiary_token_auth", { "token" });
local turn_ttl = module:get_option_number("ostiary_turn_ttl", 43200);
local domain = module:get_option_string "muc_mapper_domain_base";
local muc_host = module:get_option_string("ostiary_muc",
	domain and module:get_option_string("muc_mapper_domain_prefix", "conference").."."..domain);

-- Authentication by which anybody comes in who knocks.
local ANYBODY = { anonymous = true, ["jitsi-anonymous"] = true };

-- Who is on this host: people who have to show a "token", "anybody", or machines with accounts, which are left alone.
local kinds = {};

local function kind_of(host)
	if kinds[host] == nil and prosody.hosts[host] then
		local authentication = module:context(host):get_option_string("authentication", "internal_hashed");
		kinds[host] = token_auth:contains(authentication) and "token" or ANYBODY[authentication] and "anybody" or false;
	end
	return kinds[host] or nil;
end

module:hook_global("config-reloaded", function () kinds = {}; end);

-- What a token says ------------------------------------------------------------------------------------------------

local function text_of(value, longest)
	return type(value) == "string" and #value > 0 and #value <= longest and valid(value) and value or nil;
end

local function table_of(value) return type(value) == "table" and value or {}; end

local function part(text)
	local plain = base64.decode((text:gsub("-", "+"):gsub("_", "/"))..("="):rep(-#text % 4));
	local ok, value = pcall(json.decode, plain or "");
	return ok and type(value) == "table" and value or nil;
end

-- As Jitsi names the room in its MUC. @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, Util:verify_room
local function node_of(room, sub, host)
	if not room then return nil; end
	room = room:lower();
	if not sub or sub == "*" or sub:lower() == (domain or host) then return room; end
	return ("[%s]%s"):format(sub:lower(), room);
end

-- What of a token for this host is of use here. Verifies nothing.
local function claims_in(token, host)
	local head, body = tostring(token):match "^([%w_-]+)%.([%w_-]+)%.[%w_-]*$";
	local header, claims = head and part(head), body and part(body);
	if not header or not claims then return nil; end
	local user = table_of(table_of(claims.context).user);
	local leads = user.moderator == true or user.moderator == "true" or user.affiliation == "owner";
	return {
		kid = text_of(header.kid, 256);
		iss = text_of(claims.iss, 256);
		jti = text_of(claims.jti, 256);
		sid = text_of(claims.sid, 256);
		room = node_of(text_of(claims.room, 1023), text_of(claims.sub, 256), host);
		person = text_of(user.id, 512);
		host = leads or nil;
	};
end

-- What Ostiary said of whom ----------------------------------------------------------------------------------------
-- A word names somebody by what their token says (iss, sid, jti, kid, person, room); whom all of it fits is out.

local FIELDS = { "iss", "sid", "jti", "kid", "person", "room" };
local INDEXED = { "sid", "jti" };
local MOST_WORDS = 20000;

local function fits(word, claims, node)
	local names = false;
	for _, field in ipairs(FIELDS) do
		local said = word[field];
		if said ~= nil then
			names = names or field ~= "iss";
			if said ~= claims[field] and not (field == "room" and node == said) then return false; end
		end
	end
	return names and word["until"] > now();
end

-- Words about one session or one token are looked up by it; all others are few, and looked at one by one.
local function new_book()
	local book = { others = {} };
	local size = 0;
	for _, field in ipairs(INDEXED) do book[field] = {}; end

	local function place_of(word)
		for _, field in ipairs(INDEXED) do
			if type(word[field]) == "string" then return book[field], word[field]; end
		end
		local names = {};
		for at, field in ipairs(FIELDS) do names[at] = tostring(word[field]); end
		return book.others, table.concat(names, "\n");
	end

	local function sweep(shelf)
		for key, word in pairs(shelf) do
			if word["until"] <= now() then
				shelf[key] = nil;
				size = size - 1;
			end
		end
	end

	function book.add(word)
		if type(word) ~= "table" or type(word["until"]) ~= "number" then return; end
		local shelf, key = place_of(word);
		if shelf[key] == nil then
			if size >= MOST_WORDS then
				sweep(book.others);
				for _, field in ipairs(INDEXED) do sweep(book[field]); end
			end
			if size >= MOST_WORDS then
				module:log("warn", "There are too many words about people: one is obeyed and not remembered");
				return;
			end
			size = size + 1;
		end
		shelf[key] = word;
	end

	function book.about(claims, node)
		for _, field in ipairs(INDEXED) do
			local word = claims[field] and book[field][claims[field]];
			if word and fits(word, claims, node) then return word; end
		end
		for _, word in pairs(book.others) do
			if fits(word, claims, node) then return word; end
		end
	end
	return book;
end

-- What was said once and holds until its time is over, and what holds until it is taken back.
local ended = new_book();
local standing, standing_tag = new_book(), nil;

local function word_about(claims, node)
	if not claims then return nil; end
	return ended.about(claims, node) or standing.about(claims, node);
end

-- Nobody without a verified token ----------------------------------------------------------------------------------

local SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
local TOKEN_REQUIRED = "token required";
local ENDED = "This session was ended";

-- What XML cannot hold would end the stream, and whatever else was to be done.
local function text_about(word) return (text_of(word.text, 500) or ENDED):gsub("[^\9\10\13\32-\255]", " "); end

-- The verified token of a session: of the host that it signed in to, and of no other.
local function verified(session)
	local known = session and session.ostiary;
	return known and known.of == session.host and known or nil;
end

local function refuse_sasl(session, text)
	session.send(st.stanza("failure", { xmlns = SASL }):tag "not-allowed":up():tag "text":text(text));
	return true;
end

-- Prosody hands SASL to whatever host `to` names, and that host's way of signing in would open this one.
local function guard_sasl(event)
	local session, to = event.origin, event.stanza.attr.to;
	if not to or to == session.host then return; end
	session.sasl_handler = nil;
	return refuse_sasl(session, "Not for another host");
end

local function before_sign_in(event)
	local session = event.origin;
	if session.type ~= "c2s_unauthed" then return; end
	local kind = kind_of(session.host);
	if not kind or without_token:contains(session.host) then return; end
	if kind == "anybody" or not session.auth_token then return refuse_sasl(session, TOKEN_REQUIRED); end
	local word = word_about(claims_in(session.auth_token, session.host));
	if word then return refuse_sasl(session, text_about(word)); end
end

-- Only where Prosody verified it: by the handler of this very host, for a session of this very host.
local function after_sign_in(host, session)
	session.ostiary = nil;
	if session.host ~= host or kind_of(host) ~= "token" or not session.auth_token then return; end
	local realm = session.sasl_handler and session.sasl_handler.realm;
	if realm ~= nil and realm ~= host then return; end
	session.ostiary = claims_in(session.auth_token, host);
	if session.ostiary then session.ostiary.of = host; end
end

local function before_bind(event)
	local session = event.session;
	local known = verified(session);
	if not kind_of(session.host) or (not known and without_token:contains(session.host)) then return; end
	local word = word_about(known);
	if known and not word then return; end
	event.error = { type = "auth", condition = "not-allowed", text = word and text_about(word) or TOKEN_REQUIRED };
	return false;
end

local function before_join(event)
	local session, stanza = event.origin, event.stanza;
	if not session or session.type ~= "c2s" or not kind_of(session.host) then return; end
	local known = verified(session);
	local word = known and word_about(known, (jid.split(stanza.attr.to)));
	if word or not (known or without_token:contains(session.host)) then
		session.send(st.error_reply(stanza, "cancel", "not-allowed", word and text_about(word) or TOKEN_REQUIRED));
		return true;
	end
end

-- Who is where -----------------------------------------------------------------------------------------------------
-- Kept up by events, so that a report costs as much as there is to tell; every so often everything is looked at anew.

local people = {};        -- by an id of ours: their session, and the rooms they may be in
local by_jid = {};        -- the same, by their full JID
local count = 0;
local touched = {};       -- ids of those of whom there may be something new to tell

local function muc_of_meetings()
	local host = muc_host and prosody.hosts[muc_host];
	return host and host.modules.muc;
end

local function id_of(session)
	if not session.ostiary_id then session.ostiary_id = id.medium(); end
	return session.ostiary_id;
end

local function come(session)
	if not kind_of(session.host) then return; end
	local key, full_jid = id_of(session), session.full_jid;
	if not people[key] then
		count = count + 1;
		people[key] = { key = key, jid = full_jid, session = session, rooms = {} };
	end
	by_jid[full_jid] = people[key];
	touched[key] = true;
end

local function gone(one)
	if people[one.key] ~= one then return; end
	count = count - 1;
	people[one.key] = nil;
	if by_jid[one.jid] == one then by_jid[one.jid] = nil; end
	touched[one.key] = true;
end

local function left(session)
	local one = people[session.ostiary_id or ""];
	if one then gone(one); end
end

local function maybe_in(node, full_jid)
	local one = by_jid[full_jid or ""];
	if one then
		one.rooms[node] = true;
		touched[one.key] = true;
	end
end

-- Somebody was seen to come into a room, or to leave it: which of it, the room itself says when it is told.
local function seen_in_room(event)
	local node = jid.split(event.room.jid);
	for full_jid in event.occupant:each_session() do maybe_in(node, full_jid); end
	maybe_in(node, event.stanza and event.stanza.attr.from);
end

local function is_in(muc, one, node)
	local room = muc.get_room_from_jid(jid.join(node, muc_host));
	return room and room:get_occupant_by_real_jid(one.jid) ~= nil;
end

-- The rooms they are in.
local function rooms_of(one)
	local nodes, muc = {}, muc_of_meetings();
	for node in pairs(one.rooms) do
		if muc and is_in(muc, one, node) then nodes[#nodes + 1] = node; else one.rooms[node] = nil; end
	end
	table.sort(nodes);
	for at = #nodes, 9, -1 do nodes[at] = nil; end
	return nodes;
end

-- What no event told of.
local function look_around()
	for _, session in pairs(prosody.full_sessions) do
		if not people[session.ostiary_id or ""] then come(session); end
	end
	local muc = muc_of_meetings();
	for _, one in pairs(people) do
		if prosody.full_sessions[one.jid] ~= one.session or not kind_of(one.session.host) then
			gone(one);
		else
			for node in pairs(one.rooms) do
				if not muc or not is_in(muc, one, node) then touched[one.key] = true; end
			end
		end
	end
	if not muc then return; end
	for room in muc.each_room(true) do
		local node = jid.split(room.jid);
		for _, occupant in room:each_occupant() do
			for full_jid in occupant:each_session() do
				local one = by_jid[full_jid];
				if one and not one.rooms[node] then maybe_in(node, full_jid); end
			end
		end
	end
end

local function described(one)
	local claims, rooms = verified(one.session) or {}, rooms_of(one);
	return {
		iss = claims.iss; sid = claims.sid; jti = claims.jti; person = claims.person; room = claims.room;
		host = claims.host; rooms = #rooms > 0 and rooms or nil;
	};
end

local function fingerprint(entry)
	return table.concat({
		entry.iss or "", entry.sid or "", entry.jti or "", entry.person or "", entry.room or "",
		tostring(entry.host), table.concat(entry.rooms or {}, " ");
	}, "\n");
end

-- Ends on Ostiary's word -------------------------------------------------------------------------------------------

-- Whoever is put out of a room is told so there: a client that only loses its connection comes back.
local function put_out(session, node, text)
	local host = prosody.hosts[muc_host];
	local room = host.modules.muc.get_room_from_jid(jid.join(node, muc_host));
	local occupant = room and room:get_occupant_by_real_jid(session.full_jid);
	if occupant then room:set_role(true, occupant.nick, nil, text); end
end

-- Whoever waits to be resumed is ended too: closing takes their right to resume away, and where there is no connection
-- to close, some kinds of session would stay for ever.
local function close(session, text)
	session:close { condition = "not-authorized", text = text };
	if not session.destroyed and not session.conn then sessionmanager.destroy_session(session, text); end
end

local function end_one(one, word)
	module:log("info", "Ending %s: %s", one.jid, text_of(word.why, 64) or "no reason");
	local text = text_about(word);
	if word.why == "kicked" then
		for _, node in ipairs(rooms_of(one)) do put_out(one.session, node, text); end
	end
	close(one.session, text);
end

-- One of them must not keep the others.
local function obey(words)
	if #words == 0 then return; end
	local book = new_book();
	for _, word in ipairs(words) do book.add(word); end
	local all = {};
	for _, one in pairs(people) do all[#all + 1] = one; end
	for _, one in ipairs(all) do
		local claims = verified(one.session) or {};
		local word = book.about(claims);
		for _, node in ipairs(not word and next(book.others) and rooms_of(one) or {}) do
			word = word or book.about(claims, node);
		end
		if word then
			local ok, why = pcall(end_one, one, word);
			if not ok then module:log("error", "%s could not be ended: %s", one.jid, why); end
		end
	end
end

-- Asking -----------------------------------------------------------------------------------------------------------

local PATIENCE = 5;       -- seconds; an answer that takes longer is none

-- Posts, and hands on what came: a status, and a table where it was JSON.
local function ask(what, body, heard)
	local request = {
		method = "POST"; body = json.encode(body);
		headers = { ["Content-Type"] = "application/json"; Authorization = "Bearer "..secret };
	};
	http.request(urls[1]..what, request, function (text, code)
		local ok, answer = pcall(json.decode, code == 200 and text or "");
		heard(code, ok and type(answer) == "table" and answer or nil);
	end);
end

-- TURN servers that know nobody but by Ostiary: for them credentials are asked for, and none are made.
local turn_hosts = nil;

local function turn_told(hosts)
	turn_hosts = nil;
	for _, host in ipairs(table_of(hosts)) do
		turn_hosts = turn_hosts or {};
		if type(host) == "string" then turn_hosts[host] = true; end
	end
end

-- Reports ----------------------------------------------------------------------------------------------------------

local MOST_CHANGES = module:get_option_number("ostiary_report_size", 1000);
local MOST_BYTES = 2^18;  -- of what they say, as far as it is no JSON yet
local EVERY = 1;          -- seconds between two reports while anybody is here
local EVERY_ALONE = 2;    -- and while nobody is
local LOOK_EVERY = 5;     -- everything is looked at anew, though no event told of a change,
local LOOK_SHARE = 200;   -- and so many times as seldom as it takes long, if that is more
local TICK = 0.2;

local boot = id.long();
local acked = {};         -- fingerprints, as the other side has them
local after, full = nil, true;
local asked_at, look_at, failures, asking, told_refusal = 0, 0, 0, nil, false;
local clock = require "util.time".now;

-- What changed since the last report that was taken, as much of it as one report holds.
local function changes()
	local told, over, prints, size, bytes = {}, {}, {}, 0, 0;
	for key in pairs(touched) do
		if size >= MOST_CHANGES or bytes >= MOST_BYTES then return told, over, prints, true; end
		local one = people[key];
		local entry = one and described(one);
		local print = entry and fingerprint(entry);
		touched[key] = nil;
		if acked[key] ~= print then
			prints[key], size, bytes = print or false, size + 1, bytes + #(print or "");
			if entry then told[key] = entry; else over[#over + 1] = key; end
		end
	end
	return told, over, prints, false;
end

local function taken(answer, prints)
	failures = 0;
	after = text_of(answer.after, 128);
	turn_told(answer.turn);
	if answer.resync == true then
		acked, full = {}, true;
		for key in pairs(people) do touched[key] = true; end
	else
		full = false;
		for key, print in pairs(prints) do acked[key] = print or nil; end
	end
	local refused = type(answer.refuse) == "table" and answer.refuse;
	if refused then
		standing, standing_tag = new_book(), text_of(refused.tag, 128);
		for _, word in ipairs(table_of(refused.words)) do standing.add(word); end
		obey(table_of(refused.words));
	end
	local over = table_of(answer["end"]);
	for _, word in ipairs(over) do ended.add(word); end
	obey(over);
end

-- What it told is to be told again.
local function failed(code, prints)
	failures = failures + 1;
	for key in pairs(prints) do touched[key] = true; end
	table.insert(urls, table.remove(urls, 1));
	if code == 401 and not told_refusal then
		told_refusal = true;
		module:log("error", "Ostiary does not take our secret: prosodyModule.secret and ostiary_secret differ");
	elseif failures == 1 then
		module:log("warn", "Ostiary did not take a report (%s); it is tried again", code);
	end
end

local function report()
	local told, over, prints, more = changes();
	local mine = { prints = prints };
	asked_at, asking = clock(), mine;
	ask("/prosody", {
		v = 1; from = boot; after = after; full = full or nil; more = more or nil; refuse = standing_tag;
		come = next(told) and told or nil; gone = over[1] and over or nil;
	}, function (code, answer)
		-- Given up meanwhile: what it says is about another state than ours.
		if asking ~= mine then return; end
		asking = nil;
		if answer then taken(answer, prints); else failed(code, prints); end
	end);
end

local function look_if_due()
	if clock() < look_at then return; end
	local from = clock();
	look_around();
	look_at = from + math.max(LOOK_EVERY, LOOK_SHARE * (clock() - from));
end

local function due()
	local since = clock() - asked_at;
	if asking then
		if since < PATIENCE then return false; end
		local prints = asking.prints;
		asking = nil;
		failed("no answer", prints);
	end
	if failures > 0 then return since >= math.min(failures, 2); end
	look_if_due();
	return next(touched) ~= nil or since >= (count > 0 and EVERY or EVERY_ALONE);
end

if urls[1] and secret and secret ~= "" then
	module:add_timer(TICK, function ()
		if due() then
			local ok, why = pcall(report);
			if not ok then
				asking, look_at = nil, 0;
				module:log("error", "A report could not be made: %s", why);
			end
		end
		return TICK;
	end);
else
	module:log("warn", "Without ostiary_url and ostiary_secret nobody learns who is here, nor says who has to go");
end

-- TURN -------------------------------------------------------------------------------------------------------------
-- Jitsi hands out what mod_external_services makes, on request and in the metadata of a room, to whoever is there. Here
-- only who showed a token gets what opens a TURN server, in their own name and for their room: made here with the
-- secret of the TURN server, or fetched from Ostiary where the TURN server is told of everybody by it.

local JITMEET = "http://jitsi.org/jitmeet";

-- The same names that Ostiary makes. @see src/tokens/turn.ts, turnSafe
local function hex(char) return ("%%%02x"):format(char:byte()); end

local function turn_safe(text)
	local safe = text:gsub("[^A-Za-z0-9._-]", hex):gsub("([Uu])([Nn][Ii][Oo][Nn])", function (u, rest)
		return hex(u)..rest;
	end);
	return #safe > 200 and "sha256-"..hashes.sha256(text, true) or safe;
end

-- Every secret that credentials of this host may be made with.
local function turn_secrets(host)
	local here, secrets = module:context(host), {};
	secrets[1] = here:get_option_string "external_service_secret";
	-- What stands in the settings, and what modules as turn_external add.
	for _, items in ipairs { here:get_option_array("external_services", {}), here:get_host_items "external_service" } do
		for _, item in ipairs(items) do
			if type(item) == "table" and type(item.secret) == "string" then secrets[#secrets + 1] = item.secret; end
		end
	end
	return secrets;
end

local function made_with(given, host)
	for _, one in ipairs(type(given.username) == "string" and turn_secrets(host) or {}) do
		if base64.encode(hashes.hmac_sha1(one, given.username)) == given.password then return one; end
	end
end

-- In the name of whoever asks. A password that was written down for everybody stays what it is.
local function in_the_name_of(claims, given, host)
	local with = made_with(given, host);
	if not with then return; end
	local expires = now() + turn_ttl;
	given.expires = type(given.expires) == "string" and datetime.datetime(expires) or expires;
	given.username = ("%d:%s@%s"):format(expires, turn_safe(claims.person or ""), turn_safe(claims.room or ""));
	given.password = base64.encode(hashes.hmac_sha1(with, given.username));
end

-- What was fetched is good for a whole connection; what could not be is asked for again after a while.
local AGAIN = 10;         -- seconds
local LEAST = 60;         -- seconds; what is good for less is fetched anew

-- What Ostiary said may stand in XML, and in JSON, as it is.
local function credentials_in(answer)
	local username, password = text_of(answer.username, 512), text_of(answer.password, 256);
	local expires = answer.expires;
	if not (username and username:match "^[%w%%:@~._-]+$") then return nil; end
	if not (password and password:match "^[%w+/=]+$") then return nil; end
	if type(expires) ~= "number" or expires ~= expires or math.abs(expires) > 2^40 then return nil; end
	return { username = username; password = password; expires = math.floor(expires) };
end

local function must_be_fetched(session)
	local known = turn_hosts and session and kind_of(session.host) and verified(session);
	if not known then return false; end
	local fetched = known.turn;
	return not fetched or (fetched.waiting or now() >= fetched.again) and true;
end

-- Asks once for a connection, and tells whoever waits for it. Waits for nobody itself.
local function fetch_turn(session, heard)
	local known = verified(session);
	if known.turn and known.turn.waiting then
		table.insert(known.turn.waiting, heard);
		return;
	end
	local mine = { waiting = { heard } };
	known.turn = mine;
	local function over(answer)
		if not mine.waiting then return; end
		local waiting, given = mine.waiting, answer and credentials_in(answer);
		mine.waiting, mine.given = nil, given;
		mine.again = given and math.max(given.expires - LEAST, now() + AGAIN) or now() + AGAIN;
		for _, one in ipairs(waiting) do
			local ok, why = pcall(one);
			if not ok then module:log("error", "What waited for TURN credentials failed: %s", why); end
		end
	end
	if not (known.iss and known.sid and known.room) then over(); return; end
	module:add_timer(PATIENCE, function () over(); end);
	ask("/prosody/turn", { v = 1; iss = known.iss; sid = known.sid; room = known.room }, function (code, answer)
		if not answer then module:log("warn", "No TURN credentials for %s (%s)", session.full_jid, code); end
		over(answer);
	end);
end

-- What Ostiary gave, for one of its TURN servers; false where it gave nothing.
local function fetched_for(session, given)
	if not turn_hosts or not turn_hosts[tostring(given.host):lower()] then return nil; end
	if given.type ~= "turn" and given.type ~= "turns" then return nil; end
	-- A password that was written down for everybody stays what it is.
	if given.password and not made_with(given, session.host) then return nil; end
	local known = verified(session);
	return known.turn and known.turn.given or false;
end

-- Changes the list as it is: others hold it too.
local function only_for(session, services)
	if not session or not kind_of(session.host) then return; end
	local known, kept = verified(session), 0;
	for at = 1, #services do
		local one = services[at];
		local opens = one.username or one.password or one.restricted;
		local fetched;
		if known then fetched = fetched_for(session, one); end
		if fetched then
			local expires = fetched.expires;
			one.username, one.password, one.restricted = fetched.username, fetched.password, one.restricted or true;
			one.expires = type(one.expires) == "string" and datetime.datetime(expires) or expires;
		elseif known and opens and fetched == nil then
			in_the_name_of(known, one, session.host);
		end
		if (known or not opens) and fetched ~= false then
			kept = kept + 1;
			services[kept] = one;
		end
	end
	for at = #services, kept + 1, -1 do services[at] = nil; end
end

local function asked_for_services(event) only_for(event.origin, event.services); end

-- Lets a question wait until there is something to answer, and asks it once more then.
local function wait_for_turn(host, name, event)
	local session = event.origin;
	if event.ostiary_waited or not must_be_fetched(session) then return; end
	fetch_turn(session, function ()
		if session.destroyed or not prosody.hosts[host] then return; end
		event.ostiary_waited = true;
		module:context(host):fire_event(name, event);
	end);
	return true;
end

local function bound(event)
	come(event.session);
	if must_be_fetched(event.session) then fetch_turn(event.session, function () end); end
end

-- @see jitsi-meet, resources/prosody-plugins/mod_room_metadata_component.lua, send_metadata
local function told_of_services(host, event)
	-- A component says that by its own name; who has a name in it is somebody in a room, who may say what they like.
	local from = event.stanza.attr.from;
	if not from or from:find("@", 1, true) then return; end
	local text = event.stanza:get_child_text("json-message", JITMEET);
	if not text then return; end
	-- Whoever sent it may send the same to others.
	event.stanza = st.clone(event.stanza);
	local message = event.stanza:get_child("json-message", JITMEET);
	local session = prosody.full_sessions[event.stanza.attr.to];
	-- What comes behind one that waits would be older than it to the client.
	local waits = session and session.ostiary_waits;
	local of_services = text:find("services", 1, true) ~= nil;
	if not event.ostiary_waited and (waits or of_services and must_be_fetched(session)) then
		if waits then
			table.insert(waits, event);
			return true;
		end
		waits = { event };
		session.ostiary_waits = waits;
		fetch_turn(session, function ()
			session.ostiary_waits = nil;
			if session.destroyed or not prosody.hosts[host] then return; end
			for _, one in ipairs(waits) do
				one.ostiary_waited = true;
				module:context(host):fire_event("message/full", one);
			end
		end);
		return true;
	end
	if not of_services then return; end
	local ok, told = pcall(json.decode, text);
	local services = ok and type(told) == "table" and table_of(told.metadata).services;
	if type(services) ~= "table" then return; end
	only_for(session, services);
	for at = #message, 1, -1 do message[at] = nil; end
	message:text(json.encode(told));
end

-- Hosts ------------------------------------------------------------------------------------------------------------

local attached = {};

local function attach(host)
	if attached[host] then return; end
	attached[host] = true;
	local here = module:context(host);
	for _, step in ipairs { "auth", "response", "abort" } do
		here:hook("stanza/"..SASL..":"..step, guard_sasl, 200);
	end
	if prosody.hosts[host].type == "component" then
		for _, event in ipairs { "muc-room-pre-create", "muc-occupant-pre-join" } do
			here:hook(event, before_join, 101);
		end
		if host ~= muc_host then return; end
		for _, event in ipairs { "muc-occupant-session-new", "muc-occupant-left" } do
			here:hook(event, seen_in_room);
		end
		return;
	end
	here:hook("stanza/"..SASL..":auth", before_sign_in, 100);
	here:hook("authentication-success", function (event) after_sign_in(host, event.session); end, 100);
	here:hook("pre-resource-bind", before_bind, 100);
	here:hook("external_service/services", asked_for_services, -100);
	here:hook("external_service/credentials", asked_for_services, -100);
	for _, version in ipairs { "1", "2" } do
		for _, what in ipairs { "services", "credentials" } do
			local name = ("iq-get/host/urn:xmpp:extdisco:%s:%s"):format(version, what);
			here:hook(name, function (event) return wait_for_turn(host, name, event); end, 10);
		end
	end
	here:hook("message/full", function (event) return told_of_services(host, event); end, 1000);
	here:hook("resource-bind", bound);
	here:hook("resource-unbind", function (event) left(event.session); end);
	-- Whoever takes a stream up again may have signed in anew since.
	here:hook("smacks-hibernation-end", function (event)
		local fresh, session = verified(event.origin), event.resumed;
		if fresh and session and session.host == fresh.of then session.ostiary = fresh; end
		if session then come(session); end
	end);
end

for host in pairs(prosody.hosts) do attach(host); end
module:hook_global("host-activated", attach, -10);
module:hook_global("host-deactivated", function (host) attached[host] = nil; end);
