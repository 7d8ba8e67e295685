-- Our module as Prosody loads it, in a Prosody that is made up: so many sessions, in meetings of ten. Says what a report
-- cost, in looks at sessions and rooms, and in milliseconds of the processor.
--
--   lua5.4 module-cost.lua <mod_ostiary.lua> <sessions>

package.path = "/usr/lib/prosody/?.lua;"..package.path;
package.cpath = "/usr/lib/prosody/?.so;"..package.cpath;

local file, size = arg[1], tonumber(arg[2]);
local json = require "util.json";
local set = require "util.set";

local HOST, MUC = "meet.jitsi", "muc.meet.jitsi";
local looks = 0;
-- A table of which every reading is counted.
local function counted(real)
	return setmetatable({}, {
		__index = function (_, key) looks = looks + 1; return real[key]; end;
		__newindex = function (_, key, value) real[key] = value; end;
	});
end

-- What is around the module -----------------------------------------------------------------------------------------

local clock = 1000;
local asked, answer = {}, nil;
package.loaded["util.time"] = { now = function () return clock; end };
package.loaded["core.sessionmanager"] = { destroy_session = function () end };
package.loaded["net.http"] = { request = function (_, request, heard)
	asked[#asked + 1] = json.decode(request.body);
	local said = answer or { after = "a"..#asked };
	answer = nil;
	if said == "silence" then return; end
	heard(said ~= "failure" and json.encode(said) or "", said == "failure" and 500 or 200);
end };

local hooks, timer = {}, nil;
local options = {
	ostiary_url = { "http://127.0.0.1:1/_ostiary" }; ostiary_secret = "x"; authentication = "token";
	muc_mapper_domain_base = HOST; muc_mapper_domain_prefix = "muc";
};
local function option(_, name, default) if options[name] == nil then return default; end return options[name]; end
local function here(host)
	return {
		get_option_string = option; get_option_array = option;
		hook = function (_, event, handler) hooks[host.." "..event] = handler; end;
	};
end
module = {
	set_global = function () end; log = function () end;
	get_option_string = option; get_option_array = option; get_option_number = option;
	get_option_set = function (_, _, default) return set.new(default); end;
	hook_global = function () end;
	context = function (_, host) return here(host); end;
	add_timer = function (_, _, tick) timer = tick; end;
};

local rooms, by_name, sessions, by_jid = {}, {}, {}, {};
local muc = {
	each_room = function () local at = 0; return function () at = at + 1; return rooms[at]; end; end;
	get_room_from_jid = function (jid) looks = looks + 1; return by_name[jid]; end;
};
prosody = {
	full_sessions = setmetatable({}, {
		__index = function (_, jid) looks = looks + 1; return by_jid[jid]; end;
		__pairs = function () return function (_, jid)
			local next_jid, session = next(by_jid, jid);
			if next_jid ~= nil then looks = looks + 1; end
			return next_jid, session;
		end, nil, nil; end;
	});
	hosts = { [HOST] = { type = "local"; modules = {} }; [MUC] = { type = "component"; modules = { muc = muc } } };
};

local function fire(host, event, what) if hooks[host.." "..event] then hooks[host.." "..event](what); end end

local function room_at(number)
	local jid = ("r%d@%s"):format(number, MUC);
	if not by_name[jid] then
		local occupants = {};
		local room = { jid = jid; occupants = occupants;
			each_occupant = function () looks = looks + 1; return next, occupants, nil; end;
			get_occupant_by_real_jid = function (_, real)
				looks = looks + 1;
				return occupants[jid.."/"..real];
			end;
		};
		rooms[#rooms + 1], by_name[jid] = room, room;
	end
	return by_name[jid];
end

local function comes(number)
	local jid = ("u%d@%s/x"):format(number, HOST);
	local session = counted {
		type = "c2s"; host = HOST; full_jid = jid; close = function () end;
		ostiary = { of = HOST; iss = "us"; sid = "s"..number; jti = "j"..number; person = "p"..number; room = "r" };
	};
	sessions[number], by_jid[jid] = session, session;
	fire(HOST, "resource-bind", { session = session });
	local room = room_at(number // 10);
	local occupant = { nick = room.jid.."/"..jid; each_session = function ()
		looks = looks + 1;
		return next, { [jid] = true }, nil;
	end };
	room.occupants[occupant.nick] = occupant;
	fire(MUC, "muc-occupant-session-new", { room = room; occupant = occupant; jid = jid });
end

local function goes(number)
	local session = sessions[number];
	local jid = session.full_jid;
	local room = room_at(number // 10);
	local occupant = room.occupants[room.jid.."/"..jid];
	room.occupants[occupant.nick] = nil;
	fire(MUC, "muc-occupant-left", { room = room; occupant = occupant });
	sessions[number], by_jid[jid] = nil, nil;
	fire(HOST, "resource-unbind", { session = session });
end

assert(loadfile(file))();

-- One tick, a second later: what it cost, and what was reported.
local function tick(seconds)
	clock = clock + seconds;
	local before, from, heard = looks, os.clock(), #asked;
	timer();
	return { looks = looks - before; ms = (os.clock() - from) * 1000; told = asked[heard + 1] };
end

local function length(of) local n = 0; for _ in pairs(of or {}) do n = n + 1; end return n; end
local function told(what)
	return { looks = what.looks; ms = what.ms; come = length(what.told and what.told.come);
		gone = length(what.told and what.told.gone) };
end

for number = 1, size do comes(number); end
local filled = 0;
repeat
	local said = told(tick(0.2));
	filled = filled + said.come;
until said.come == 0;

local results = { filled = filled };
-- The net below the events is cast every so often: here it has just been.
local function quiet() tick(60); tick(0.2); end

quiet();
comes(size + 1);
results.one_comes = told(tick(0.2));
quiet();
goes(size + 1);
results.one_goes = told(tick(0.2));
quiet();
results.nobody = told(tick(1));
quiet();
answer = { after = "w"; ["end"] = { { iss = "us"; sid = "s7"; why = "session-ended"; ["until"] = os.time() + 60 } } };
results.one_is_ended = told(tick(1));
quiet();
-- What was told to nobody is told again.
for number, how in ipairs { "failure", "silence" } do
	comes(size + 2 + number);
	answer = how;
	tick(0.2);
	results["after_"..how] = told(tick(6));
end
quiet();
-- One that no event told of.
by_jid[("u%d@%s/x"):format(8, HOST)] = nil;
results.unseen = told(tick(60));
answer = { after = "x"; resync = true };
tick(1);
results.all_again = told(tick(0.2));
print(json.encode(results));
