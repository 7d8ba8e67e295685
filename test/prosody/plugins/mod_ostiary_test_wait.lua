-- On a MUC: whoever has shown no token waits in a lobby for somebody who has, as with Jitsi's muc_wait_for_host.
-- With ostiary_test_wait_all whoever does not lead waits.

local st = require "util.stanza";

local wait_all = module:get_option_boolean("ostiary_test_wait_all", false);

module:hook("muc-occupant-pre-join", function (event)
	local claims = event.origin.ostiary_claims;
	local user = claims and claims.context and claims.context.user or {};
	local is_host = claims ~= nil and (not wait_all or user.moderator == true);
	if is_host or event.room._data.has_host then
		event.room._data.has_host = true;
		return;
	end
	local reply = st.error_reply(event.stanza, "auth", "registration-required");
	reply:tag("lobbyroom", { xmlns = "http://jitsi.org/jitmeet" }):text("lobby"):up();
	reply:tag("waiting-for-host", { xmlns = "http://jitsi.org/jitmeet" }):up();
	event.origin.send(reply);
	return true;
end, -4);
