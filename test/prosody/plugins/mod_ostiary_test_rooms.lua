-- On a MUC: lets in whom the claims of mod_auth_ostiary_test let in, and answers the others as Jitsi's modules do.

local check = require "token_check";
local jid = require "util.jid";
local st = require "util.stanza";

local muc = module:depends "muc";
local options = {
	domain_verification = module:get_option_boolean("enable_domain_verification", true);
	domain = module:get_option_string "muc_mapper_domain_base";
	require_room = module:get_option_boolean("asap_require_room_claim", true);
};
local allow_empty = module:get_option_boolean("allow_empty_token", false);

local function verdict_on(session, address)
	if not muc.get_room_from_jid(jid.bare(address)) then
		return { text = "Room does not exist", child = "room-does-not-exist" };
	end
	local claims = session.ostiary_claims or {};
	-- Whoever showed nothing is asked for no room. @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, Util:verify_room
	if allow_empty and not next(claims) then return { accepted = true }; end
	local ok, verdict = pcall(check.may_join, claims, (jid.split(address)), options);
	return ok and verdict or { text = "unanswered" };
end

local function check_join(event)
	local session, stanza = event.origin, event.stanza;
	local verdict = verdict_on(session, stanza.attr.to);
	if verdict.accepted then return; end
	local reply = st.error_reply(stanza, "cancel", "not-allowed", verdict.text);
	if verdict.child then reply:tag(verdict.child, { xmlns = "http://jitsi.org/jitmeet" }); end
	session.send(reply);
	return true;
end

module:hook("muc-room-pre-create", check_join, 99);
module:hook("muc-occupant-pre-join", check_join, 99);
