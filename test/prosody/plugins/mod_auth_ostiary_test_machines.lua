-- Lets in whoever comes, as a machine: stands in for accounts with passwords, which are none of a doorkeeper's business.

local id = require "util.id";

local function machine()
	local handler = { username = "machine-"..id.short():lower() };
	function handler.mechanisms() return { ANONYMOUS = true }; end
	function handler.select(_, mechanism) return mechanism == "ANONYMOUS"; end
	function handler.process() return "success"; end
	function handler.clean_clone() return machine(); end
	return handler;
end

local function no_account() return nil, "There are no accounts here"; end

module:provides("auth", {
	get_sasl_handler = machine;
	test_password = no_account;
	get_password = no_account;
	set_password = no_account;
	user_exists = no_account;
	create_user = no_account;
	delete_user = no_account;
});
