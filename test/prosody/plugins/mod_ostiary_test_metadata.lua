-- A component that tells everybody who joins a meeting of the TURN servers, as Jitsi's metadata of a room does.

local json = require "util.json";
local st = require "util.stanza";

local services_of = module:depends "external_services".get_services;

local function tell(event)
	local services = {};
	for _, srv in ipairs(services_of()) do
		services[#services + 1] = {
			type = srv.type; host = srv.host; port = tostring(srv.port); transport = srv.transport;
			username = srv.username; password = srv.password; restricted = srv.restricted and "1" or nil;
		};
	end
	local text = json.encode { type = "room_metadata"; metadata = { services = services; lists = json.decode "[]" } };
	module:send(st.message({ from = module.host; to = event.stanza.attr.from })
		:tag("json-message", { xmlns = "http://jitsi.org/jitmeet" }):text(text):up());
end

local muc = module:get_option_string "muc_component";

-- Hosts come in no certain order.
local function attach(host)
	if host == muc then module:context(muc):hook("muc-occupant-session-new", tell, -10); end
end

if prosody.hosts[muc] then attach(muc); else module:hook_global("host-activated", attach); end
