-- On a MUC: reads of a token what the modules of that name read, as far as they let somebody in or not.
--
-- For tests on machines without jitsi-contrib's modules. Those of token_lobby_bypass stand for two versions of it in
-- the field, which look for the same word in two places.

local it = require "util.iterators";
local st = require "util.stanza";

local here = module:get_option_set("ostiary_test_fields", {});

local function context_of(session)
	local claims = session.ostiary_claims;
	if claims then return claims.context or {}; end
	return { user = session.jitsi_meet_context_user, features = session.jitsi_meet_context_features };
end

local function let_past(event)
	event.occupant.role = "participant";
	event.room:set_affiliation(true, event.occupant.bare_jid, "member");
end

local function leads(user)
	return user.affiliation == "owner" or user.moderator == true;
end

module:hook("muc-occupant-pre-join", function (event)
	local context = context_of(event.origin);
	for _, place in ipairs { "user", "features" } do
		local said = context[place];
		if here:contains("token_lobby_bypass " .. place) and said and said.lobby_bypass == true then let_past(event); end
	end
	if here:contains "token_lobby_ondemand" and not (context.user and context.user.lobby == true) then let_past(event); end
end, -3);

module:hook("muc-occupant-pre-join", function (event)
	if not here:contains "token_owner_party" or leads(context_of(event.origin).user or {}) then return; end
	if it.count(event.room:each_occupant()) >= 2 then return; end
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed"));
	return true;
end);

module:hook("muc-occupant-joined", function (event)
	if not here:contains "token_affiliation" then return; end
	local rank = leads(context_of(event.origin).user or {}) and "owner" or "member";
	event.room:set_affiliation(true, event.occupant.bare_jid, rank);
end);
