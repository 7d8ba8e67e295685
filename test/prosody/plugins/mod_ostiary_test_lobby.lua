-- On a MUC: every room has a lobby from its beginning, as muc_lobby_rooms keeps it: only members come past.
-- Works beside Jitsi's modules, and jitsi-contrib's, too.

module:hook("muc-room-created", function (event)
	event.room._data.lobbyroom = "lobby";
	event.room:set_members_only(true);
end);
