-- On a MUC: makes an owner of whoever comes in, as Jicofo and muc_allowners do where nobody tells them otherwise.

module:hook("muc-occupant-joined", function (event)
	event.room:set_affiliation(true, event.occupant.bare_jid, "owner");
end, -10);
