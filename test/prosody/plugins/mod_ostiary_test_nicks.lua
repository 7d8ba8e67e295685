-- On a MUC: takes only names that clients of Jitsi's have there, as Jitsi's muc_resource_validate does.

local jid = require "util.jid";
local st = require "util.stanza";

module:hook("muc-occupant-pre-join", function (event)
	local name = jid.resource(event.stanza.attr.to);
	if name:find "^%w[%w_]*$" and #name <= 8 then return; end
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", "Invalid resource"));
	return true;
end, 11);
