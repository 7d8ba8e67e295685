/**
 * The configuration of a HAProxy that asks us before it serves anything, and the small Lua file by which it asks:
 * HAProxy 2.6 has no directive for that. Pure: a plan in, text out.
 */
import type { ForwardPlan } from './forward-plan.ts';

/** `haproxy.cfg`, whole. */
export function haproxyFile({ behind, host, prefix, inner, pages, jitsi }: ForwardPlan): string {
  const tls = jitsi.tls ? ` ssl verify required ca-file @system-ca sni str(${host}) verifyhost ${host}` : '';
  return `# Printed by "ostiary proxy-config haproxy --${behind}": /etc/haproxy/haproxy.cfg. With it comes a Lua file:
# "ostiary proxy-config haproxy-lua --${behind}", as /etc/haproxy/ostiary.lua.
#
# Before anything is served, Ostiary is asked (${inner}). Only its 200 lets a request pass; an Ostiary that is away is
# 503 for everybody. Jitsi's web server behind HAProxy needs a file too, and must be reached by nobody else:
# "ostiary proxy-config behind --${behind}".

global
    log /dev/log local0
    maxconn 4096
    lua-load-per-thread /etc/haproxy/ostiary.lua

defaults
    mode http
    log global
    # Of an address the path alone is written down: Jitsi's client writes a token into the query of every XMPP request.
    log-format "%ci:%cp [%tr] %ft %b/%s %ST %B %TR/%Tw/%Tc/%Tr/%Ta %HM %HPO"
    timeout connect 5s
    timeout client 900s
    timeout server 900s
    timeout tunnel 1h
    timeout http-request 15s

frontend plain
    bind :80
    # Somebody's first word may be a link with a token in it.
    no log
    http-request redirect scheme https code 301

frontend meetings
    # One request after another as HTTP/1.1: for HTTP/2 the lines on WebSockets below would not do.
    option disable-h2-upgrade
    bind :443 ssl crt /etc/haproxy/${host}.pem alpn http/1.1
    http-request deny deny_status 421 unless { req.hdr(host),field(1,:),lower -m str ${host} }
    http-request set-var(txn.ours) bool(true) if { path_beg ${prefix}/ }
    acl ours var(txn.ours) -m bool

    # Path and query alone, however they came; and what has no path is nothing that anybody here would serve.
    http-request deny deny_status 400 unless { path_beg / }
    http-request set-uri %[pathq]

    # A WebSocket, with the key by which Ostiary knows it for one, and nothing else becomes a tunnel. Over HTTP/2 it would
    # have none.
    acl socket req.hdr(upgrade) -i -m str websocket
    http-request deny deny_status 400 if socket !{ req.hdr(sec-websocket-key) -m reg ^[A-Za-z0-9+/]{22}==$ }
    http-request del-header Upgrade unless socket
    http-request del-header Connection unless socket
    http-request set-header Connection Upgrade if socket

    # Who somebody is, and what was asked for, nobody says of themselves, however it is spelled.
    http-request del-header ^x[-_.](original|forwarded|auth[-_.]request|ostiary) -m reg
    http-request del-header ^remote[-_.] -m reg
    http-request set-header X-Forwarded-For %[src]
    http-request set-header X-Forwarded-Proto https

    # The question. It leaves its answer in variables, and no answer is no.
    http-request lua.ostiary unless ours
    http-request deny deny_status 503 unless ours or { var(txn.ostiary) -m str yes no }
    acl passes var(txn.ostiary) -m str yes

    # Who does not pass hears from Ostiary why: a sign-in, a page, or "token required" in XMPP.
    http-request set-path ${prefix}/answer%[path] unless ours or passes

    # Good for one room, made for this request; empty where none is needed.
    http-request del-header Authorization if passes
    http-request set-header Authorization %[var(txn.ostiary_authorization)] if passes { var(txn.ostiary_authorization) -m len gt 0 }
    # What may go on of the query takes its place: no token, no prefix, nothing twice.
    http-request set-query %[var(txn.ostiary_query)] if passes
    http-request set-header X-Ostiary-Query %[var(txn.ostiary_query)] if passes
    http-request set-header X-Ostiary-Surface %[var(txn.ostiary_surface)] if passes
    http-request set-header X-Ostiary-Framers %[var(txn.ostiary_framers)] if passes
    acl page var(txn.ostiary_surface) -m str page
    http-request del-header If-None-Match if page
    http-request del-header If-Modified-Since if page
    # XMPP needs no cookie, and ours is nobody else's business.
    acl xmpp var(txn.ostiary_surface) -m str xmpp-websocket bosh
    http-request del-header Cookie if passes xmpp
    http-after-response set-header Strict-Transport-Security max-age=31536000

    use_backend ostiary_pages if ours
    use_backend ostiary_answers unless passes
    default_backend jitsi

backend jitsi
    server jitsi ${jitsi.address}${tls}

backend ostiary_pages
    server ostiary ${pages}

backend ostiary_answers
    server ostiary ${inner}
`;
}

/** The Lua file: asks, and leaves what was said in variables. */
export function haproxyLua({ behind, prefix, inner, machineHeaders }: ForwardPlan): string {
  const brought = [
    ...['cookie', 'authorization', 'origin', 'accept', 'accept-language', 'user-agent'],
    ...['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest', 'sec-websocket-key'],
    ...machineHeaders.map((name) => name.toLowerCase()),
  ];
  return `-- Printed by "ostiary proxy-config haproxy-lua --${behind}": /etc/haproxy/ostiary.lua.
-- Asks Ostiary about a request. 200 is yes, 401 and 403 are no, and everything else is neither.
local asked = "http://${inner}${prefix}/auth"
-- Of the caller's headers these and no others.
local brought = { ${brought.map((name) => `"${name}"`).join(', ')} }
local told = {
  ["authorization"] = "authorization",
  ["x-ostiary-query"] = "query",
  ["x-ostiary-framers"] = "framers",
  ["x-ostiary-surface"] = "surface",
}

core.register_action("ostiary", { "http-req" }, function(txn)
  local from = txn.http:req_get_headers()
  local host = from["host"] and from["host"][0] or ""
  local headers = {
    ["host"] = { host },
    ["x-original-uri"] = { txn.f:pathq() },
    ["x-original-method"] = { txn.f:method() },
    ["x-forwarded-for"] = { txn.f:src() },
  }
  for _, name in ipairs(brought) do
    local lines = from[name]
    if lines then
      local values = {}
      for at = 0, #lines do values[#values + 1] = lines[at] end
      headers[name] = { table.concat(values, name == "cookie" and "; " or ", ") }
    end
  end
  local answer = core.httpclient():get({ url = asked, headers = headers, timeout = 30000 })
  if answer.status == 200 then
    for name, variable in pairs(told) do
      local values = answer.headers[name]
      txn:set_var("txn.ostiary_" .. variable, values and values[0] or "")
    end
    txn:set_var("txn.ostiary", "yes")
  elseif answer.status == 401 or answer.status == 403 then
    txn:set_var("txn.ostiary", "no")
  end
end)
`;
}
