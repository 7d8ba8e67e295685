-- On a MUC: stands in for Jicofo, which opens a room before anybody joins it. Works beside Jitsi's modules too.
-- It stays away from rooms called "unopened…", so that a test can meet one nobody opened.

local jid = require "util.jid";

local muc = module:depends "muc";

module:hook("presence/full", function (event)
	local address = jid.bare(event.stanza.attr.to);
	local is_join = event.stanza.attr.type == nil;
	if is_join and not address:find "^unopened" and not muc.get_room_from_jid(address) then
		muc.create_room(address);
	end
end, 100);
