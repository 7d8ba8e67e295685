/**
 * What an operator does about each problem: who sees it, what it mostly comes from, and where to begin.
 *
 * By code, so that no code is without. What people themselves are told stands in src/pages/words.
 */
import type { ProblemCode } from '../src/base/problem.ts';

/** Where a problem shows first. */
export const SEEN = {
  person: 'the person, on a page with a reference',
  host: 'somebody who leads a room, on the page of their room; an application in JSON',
  application: 'an application, in JSON; nobody on a page',
  client:
    'a browser’s script, an app or a proxy, in JSON; the person where they open that address themselves',
  service: 'the sign-in service, in the answer to what it sent',
  operator: 'you: in the log, or from a command at the terminal; people see that nothing works',
} as const;

/** What is told of one code. Markdown; links are those of docs/reference. */
export interface Advice {
  readonly seen: keyof typeof SEEN;
  /** What it mostly comes from. */
  readonly mostly: string;
  /** What to do; where nothing is to be done it says so, and when that stops being true. */
  readonly do: string;
}

const TRIES = 'Nothing, for one person now and then: the page leads them back.';

/** Of every code. */
export const ADVICE: Readonly<Record<ProblemCode, Advice>> = {
  'request.malformed': {
    seen: 'client',
    mostly: 'a link that was cut off in a mail or a chat; otherwise somebody who tries what happens',
    do: 'Send the link again, whole. If every link does it, a proxy before us rewrites addresses: `ostiary doctor`.',
  },
  'request.not-found': {
    seen: 'person',
    mostly: 'a typing slip below `/_ostiary/`, or an address of a version that is not running',
    do: 'Compare with [routes](routes.md). As a gateway, also a path that Jitsi’s web server would not serve.',
  },
  'request.method': {
    seen: 'client',
    mostly: 'an address for forms that was opened by hand, or a program that asks with the wrong method',
    do: 'The method of each address: [routes](routes.md).',
  },
  'request.too-large': {
    seen: 'client',
    mostly: 'a form or a token far larger than any real one; a SAML response with hundreds of groups',
    do: 'Nothing, unless it meets everybody of one service: let that service send fewer groups.',
  },
  'request.wrong-host': {
    seen: 'client',
    mostly: 'a proxy that changes `Host`, or a name that is missing in `aliases`',
    do: '`host` in the log line (`refused-early`) is the name that came. In nginx `proxy_set_header Host $http_host;`; or add the name to `aliases`.',
  },
  'request.cross-site': {
    seen: 'person',
    mostly: 'our pages are reached by two names; or another site really did post a form here',
    do: 'Send people to one name, and put the other into `aliases`.',
  },
  'request.too-many': {
    seen: 'person',
    mostly:
      'everybody seems to come from one address, because the proxy is not named; or somebody guesses passwords or codes',
    do: 'Look whether `address` in the log is the proxy’s: then `trustedProxies`. One address that is a stranger’s: [fail2ban](../how-to/gateway.md).',
  },

  'room.missing': {
    seen: 'person',
    mostly: 'a link without its end, or a `tokenAuthUrl` without `{room}`',
    do: 'If it meets everybody: take `tokenAuthUrl` from `ostiary jitsi-config` as it stands.',
  },
  'room.unusable': {
    seen: 'person',
    mostly: 'a name that Jitsi itself would not serve, or would change on the way',
    do: 'Another name for the room: letters, digits, hyphens.',
  },
  'room.reserved': {
    seen: 'person',
    mostly: 'a room called like a file or folder of Jitsi’s own (`static`, `libs`, …)',
    do: 'Another name for the room.',
  },
  'room.mismatch': {
    seen: 'person',
    mostly:
      '`{room}` and `{state}` speak of different rooms: a template written by hand, or a link somebody put together',
    do: 'Take `tokenAuthUrl` from `ostiary jitsi-config` as it stands.',
  },
  'tenant.unusable': {
    seen: 'person',
    mostly:
      'the part before the room’s name holds a star or a character Jitsi would change, or is the domain of Prosody itself',
    do: 'Another name there: letters, digits, dots, hyphens.',
  },
  'state.unusable': {
    seen: 'person',
    mostly: 'an app or a client older or newer than any we know, or a template written by hand',
    do: '`why` in the log line. Update the app; take `tokenAuthUrl` from `ostiary jitsi-config`. By version: [tokenAuthUrl](../explain/token-auth-url.md).',
  },

  'entry.refused': {
    seen: 'person',
    mostly: 'a rule says so, or none speaks of this person',
    do: '`ostiary why REFERENCE` names the rule, and what would have let them in. For the hour: `ostiary pass --room …`. For good: [roles](../how-to/roles.md).',
  },
  'entry.wait': {
    seen: 'person',
    mostly: 'nobody who leads is there yet, or a rule says `wait`',
    do: 'Nothing, if it is early. Are hosts inside and people wait all the same? Then nobody sees them: `ostiary check` (module in Prosody), [waiting](../how-to/roles.md#waiting-for-a-host).',
  },
  'entry.early': {
    seen: 'person',
    mostly: 'the room has [times](../how-to/room-times.md), and they have not begun',
    do: '`ostiary times list`; mind the zone. A host comes in `hostsEarly` before.',
  },
  'entry.closed': {
    seen: 'person',
    mostly: 'the last of the room’s [times](../how-to/room-times.md) is over',
    do: '`ostiary times list`, then `ostiary times set --room … --times …` for another one.',
  },
  'entry.kicked': {
    seen: 'person',
    mostly: 'an operator or a host put this person out of this room for a time',
    do: '`ostiary kicks` says who, by whom and until when; `ostiary kick --undo --person … --room …` ends it.',
  },
  'entry.turned-away': {
    seen: 'person',
    mostly: 'a host of the room did not let this person in',
    do: 'The host’s page: *Allow again*. It ends by itself after a quarter of an hour.',
  },
  'waiting.full': {
    seen: 'person',
    mostly: 'more people wait than `waiting.most` allows, or half as many from one address',
    do: 'Let the host come in: who waits goes in, and makes place. Are such crowds usual, raise `waiting.most`; behind one address for everybody, see `trustedProxies`.',
  },
  'host.required': {
    seen: 'host',
    mostly: 'somebody opened a room’s page for hosts whom no rule makes host there',
    do: '`ostiary policy explain --room … --person …`; [roles](../how-to/roles.md).',
  },
  'host.gone': {
    seen: 'host',
    mostly: 'another host was quicker, or who waited has left',
    do: 'Nothing: the page shows what is there now when it is opened again.',
  },
  'host.unusable': {
    seen: 'host',
    mostly: 'a time in the past, too long a span, an address that is none, or oneself',
    do: '`what` in the log line is the field. The limits: [lead a room](../how-to/hosts.md).',
  },
  'session.required': {
    seen: 'client',
    mostly:
      'a request for one of Jitsi’s files or for its XMPP without a session: a page left open over night, a bookmark, a scanner',
    do: 'Nothing for strangers. If it meets people who have just signed in, their cookie does not come back: https, `publicUrl`, a proxy that strips cookies.',
  },
  'session.ended': {
    seen: 'client',
    mostly:
      'signed out here or at the provider, ended by `ostiary sessions end`, unused for too long, or over by `session.absolute`',
    do: 'The log has `audit.session-ended` with the reason. Too early for everybody: `session.idle`, `session.absolute`; or a store in memory and a restart.',
  },

  'sign-in.no-cookie': {
    seen: 'person',
    mostly:
      'the browser keeps none (private window with cookies off, a frame of another site); or the page was opened over `http`',
    do: 'If it meets everybody: https, and `publicUrl` to match. In a frame: [embedding](../how-to/embedding.md).',
  },
  'sign-in.used': {
    seen: 'person',
    mostly: 'back or reload in the middle of a sign-in',
    do: `${TRIES} If it meets everybody, something fetches every link before people do: a proxy, a mail scanner.`,
  },
  'sign-in.not-yours': {
    seen: 'person',
    mostly:
      'the link from the middle of a sign-in was sent around, or begun in one browser and ended in another',
    do: 'Send the meeting’s own link.',
  },
  'sign-in.expired': {
    seen: 'person',
    mostly: 'the sign-in page was left open longer than a sign-in may take',
    do: `${TRIES} If it meets everybody, look at the clock of this machine.`,
  },
  'sign-in.cancelled': {
    seen: 'person',
    mostly: 'they pressed “cancel” at the sign-in service, or did not consent',
    do: 'Nothing, unless the service asks for a consent that people cannot give: an administrator consents for all (Entra).',
  },
  'sign-in.wrong-password': {
    seen: 'person',
    mostly:
      'what it says; `why` in the log line tells a wrong password from an account that is closed or unknown, which the page does not',
    do: '[Directories](../how-to/ldap.md#when-it-does-not-work), [accounts](../how-to/accounts.md#when-it-does-not-work).',
  },
  'sign-in.busy': {
    seen: 'person',
    mostly: 'everybody types a password in the same minute: hashing them takes its time on purpose',
    do: 'Nothing, if it is over in a minute. If not, somebody guesses: `address` in the log.',
  },

  'provider.unknown': {
    seen: 'person',
    mostly: 'an `id` that was renamed or taken out of `providers`, in an old link or at the service',
    do: 'Never change an `id`: it stands in the redirect URI. Put the old one back, or register the new redirect URI.',
  },
  'provider.member-unknown': {
    seen: 'person',
    mostly: 'the federation’s metadata has no such identity provider, or your filter leaves it out',
    do: '[Federation](../how-to/federation.md): the filter, and how old the metadata is (`ostiary check`).',
  },
  'provider.unreachable': {
    seen: 'person',
    mostly: 'name, network, proxy, certificate between us and the service – or the service is down',
    do: '`ostiary check` says which; `outbound.caFile`, `outbound.proxy`, `internalIssuer`. Is it down and the meeting now? `ostiary pass --room … --role host --for 2h`.',
  },
  'provider.misconfigured': {
    seen: 'person',
    mostly:
      '`issuer` is not to the letter what the service says; client id or secret is wrong, or the secret ran out; no published key',
    do: '`ostiary check`; compare with [providers](../how-to/providers.md). Worked until today? Secrets at Entra expire.',
  },
  'provider.refused': {
    seen: 'person',
    mostly: 'the redirect URI is not registered exactly; a scope the client may not have',
    do: 'The `error` in the log line; the service’s own log. The URI is `publicUrl`, then `/_ostiary/callback/` and the provider’s `id`.',
  },
  'provider.response-invalid': {
    seen: 'person',
    mostly: 'the answer was not for us: wrong audience, signature, nonce, `iss`',
    do: 'The `why` in the log line. Is there a second client of that name, or a cache between us and the service?',
  },
  'provider.groups-missing': {
    seen: 'person',
    mostly: 'no mapper, no scope, too many groups (Entra)',
    do: '[Providers](../how-to/providers.md), by service.',
  },
  'provider.id-missing': {
    seen: 'person',
    mostly: '`subject` names a claim or an attribute that is not there',
    do: 'Take `subject` out, or let the service send it. For SAML: [which attribute](../how-to/saml.md).',
  },
  'provider.reauthentication': {
    seen: 'person',
    mostly: '`acrValues` or `maxAge` is not met: no second factor, or a sign-in that is too old',
    do: 'Make the service ask for it; or take the setting out, if it was never meant.',
  },
  'provider.clock': {
    seen: 'person',
    mostly: 'clocks more than a minute apart',
    do: 'NTP on both machines; `ostiary doctor` says by how much.',
  },

  'saml.unacceptable': {
    seen: 'person',
    mostly: 'a signature, an audience or a time that does not hold; a certificate that was changed there',
    do: 'The `why` in the log line, step by step in [SAML](../explain/saml.md). After a change of their certificate: fetch their metadata anew.',
  },
  'saml.unsolicited': {
    seen: 'person',
    mostly: 'a portal of the identity provider sends people here without our having asked',
    do: 'Let the portal link to a meeting instead; or name that identity provider in `saml.allowUnsolicited`, and read what it [costs](../how-to/saml.md) first.',
  },
  'saml.logout-unacceptable': {
    seen: 'service',
    mostly: 'an unsigned or foreign logout message, or one for a session that is over',
    do: 'The `why` in the log line; let the identity provider sign its logout messages.',
  },
  'saml.busy': {
    seen: 'person',
    mostly: 'hundreds of SAML answers in the same seconds; `why` in the log line says what was full',
    do: 'Nothing, if it is over in a minute. One address behind all of them is somebody who tries to fill it.',
  },

  'header.not-believed': {
    seen: 'person',
    mostly:
      '`why: address`: it came from elsewhere than `from`; `why: secret`: it shows no secret, the wrong one, or two',
    do: 'The proxy has to guard that address and set the secret there: [trusted headers](../how-to/trusted-header.md).',
  },
  'header.unacceptable': {
    seen: 'person',
    mostly:
      'a header twice or spelled otherwise, no UTF-8, too long; a certificate or assertion that does not hold',
    do: 'The `header` and `why` in the log line.',
  },
  'logout-token.unacceptable': {
    seen: 'service',
    mostly: 'a logout token of another client, too old, or sent twice',
    do: '`why` in the log line. The URI for it is `/_ostiary/backchannel-logout/` and the provider’s `id`; does the service sign for this client?',
  },
  'guest.name': {
    seen: 'person',
    mostly: 'an empty name, or nothing in it that can be shown',
    do: 'Nothing: they give another one.',
  },
  'pass.unknown': {
    seen: 'person',
    mostly: 'a code that was used, is over, or was mistyped',
    do: 'Make another: `ostiary pass --room … --for 2h`.',
  },
  'invite.unknown': {
    seen: 'person',
    mostly: 'a link that was cut off, or an invitation somebody took back',
    do: '`ostiary invite list`; make another one.',
  },
  'invite.expired': {
    seen: 'person',
    mostly: 'its `--until` is over',
    do: 'Make another one, with a later `--until`.',
  },
  'invite.used': {
    seen: 'person',
    mostly: 'as many people came by it as it was made for; or the same person comes in another browser',
    do: '`ostiary invite show ID` says how many. Make another one, with more `--uses`.',
  },
  'invite.lapsed': {
    seen: 'person',
    mostly: 'the host who made it leads that room no longer',
    do: 'Somebody who leads it makes another one; or you, with `ostiary invite make`.',
  },
  'invite.not-yet': {
    seen: 'person',
    mostly: 'its `--from` has not come',
    do: 'Nothing: the link stays good. Mind the zone: `ostiary invite show ID`.',
  },
  'invite.other-person': {
    seen: 'person',
    mostly: 'it is for one e-mail address, and they signed in with another, or with one that is not verified',
    do: 'They sign in with that account; or make one for the other address.',
  },
  'link.unacceptable': {
    seen: 'person',
    mostly: 'a link of another application whose token does not hold: another secret, another `iss` or `aud`',
    do: '[Links](../how-to/links-from-other-applications.md#when-it-does-not-work), by the `why` in the log line `link-refused`.',
  },
  'link.expired': {
    seen: 'person',
    mostly: 'a link that was kept: mailed, bookmarked, open since yesterday; or clocks apart',
    do: 'They open the meeting where the link is made. Everybody at once: the clocks of both machines.',
  },
  'link.other-room': {
    seen: 'person',
    mostly: 'the token is for one room, the address names another',
    do: '[Links](../how-to/links-from-other-applications.md#when-it-does-not-work).',
  },
  'link.not-allowed': {
    seen: 'person',
    mostly: 'the application’s entry in `issuers` does not have this room, or this tenant',
    do: 'If it is meant to, widen `rooms` of that entry: [links](../how-to/links-from-other-applications.md).',
  },
  'issuer.unreachable': {
    seen: 'person',
    mostly: 'the address of the application’s keys (`jwksUri`) does not answer',
    do: '`ostiary check` asks it, and says why.',
  },
  'bearer.unacceptable': {
    seen: 'client',
    mostly: 'a token in the header that is not for us, or of somebody we do not know',
    do: '[A token in the header](../how-to/bearer.md#when-it-does-not-work), by the `why` in the log line.',
  },
  'bearer.expired': {
    seen: 'client',
    mostly: 'the program keeps a token longer than it is good',
    do: 'The program fetches a new one before each request, or on 401.',
  },
  'bearer.graph': {
    seen: 'client',
    mostly: 'a token Entra made for Microsoft Graph, which only Graph can check',
    do: 'Ask Entra for a scope of this service: [a token in the header](../how-to/bearer.md#when-it-does-not-work).',
  },
  'bearer.unreachable': {
    seen: 'client',
    mostly: 'the keys of whoever signed it cannot be fetched',
    do: '`ostiary check` asks for them, and says why.',
  },
  'token.unacceptable': {
    seen: 'client',
    mostly: 'a token of ours that is over, or signed with a key that was revoked',
    do: 'Nothing for one: the meeting link makes a new one. Everybody at once: was a key revoked (`ostiary keys list`)? Then restart Prosody.',
  },

  'client.unknown': {
    seen: 'application',
    mostly: 'the id or the secret is not that of an entry in `apps`; or the secret came in the body',
    do: 'Compare the name and the secret on both sides; `Authorization: Basic`, as in [embedding](../how-to/embedding.md).',
  },
  'client.grant-type': {
    seen: 'application',
    mostly: 'a `grant_type` we do not have',
    do: '`client_credentials`, or token exchange: [embedding](../how-to/embedding.md).',
  },
  'client.not-allowed': {
    seen: 'application',
    mostly: 'its entry does not allow this (`roomTimes`), or a page in a browser asked instead of the server',
    do: '`why` in the log line; the entry in `apps`: [settings](config.md).',
  },
  'client.room': {
    seen: 'application',
    mostly: '`rooms` or `tenants` of its entry do not have this room',
    do: 'If it is meant to, widen them.',
  },
  'client.role': {
    seen: 'application',
    mostly: 'it asks for a higher role than its entry has, or for one there is none of',
    do: 'Ask for a lower one, or raise `role` of its entry.',
  },
  'client.subject': {
    seen: 'application',
    mostly: '`subject_id` is missing, or has other characters than an id may have',
    do: 'Send the application’s own id of the person, no name and no address.',
  },

  'ticket.unacceptable': {
    seen: 'client',
    mostly:
      'as a gateway: the ticket of an app, or of a page, whose session is over, or that is for another room',
    do: `${TRIES} Everybody at once: was the store lost, or are there two of us that do not share it?`,
  },
  'socket.too-many': {
    seen: 'client',
    mostly: 'one session in a great many tabs, or a program that opens connections and never ends them',
    do: 'Close the others. A room system or load test of yours belongs under [`machines`](../how-to/gateway.md).',
  },
  'stream.unusable': {
    seen: 'client',
    mostly:
      'XMPP to another host or room than the session is for, or not XMPP at all; recorders and load tests that come by the front door',
    do: '`why` in the log line. Machines get an entry under [`machines`](../how-to/gateway.md), or Jitsi’s inner address.',
  },

  'jitsi.refused': {
    seen: 'person',
    mostly: 'the rules let this person in, and Jitsi did not: a lobby, a password, a ban, a full room',
    do: '`ostiary why REFERENCE`: which rule let them in. Then Prosody’s log, as in [when Jitsi says no](../how-to/troubleshoot.md#jitsi-says-no-after-the-sign-in).',
  },
  'jitsi.token-refused': {
    seen: 'person',
    mostly: 'our settings and Prosody’s do not fit: secret, key, audience, issuer, domain',
    do: "`ostiary doctor` names it; Prosody’s log has the reason: [by its words](../how-to/troubleshoot.md#jitsi-says-no-after-the-sign-in). What Jitsi reported stands under `check` in the browser’s `sessionStorage['ostiary.problem']`.",
  },
  'jitsi.token-expired': {
    seen: 'person',
    mostly: 'Prosody’s clock is ahead of ours; or the page was open longer than the token is good',
    do: 'NTP on both machines: Prosody has no leeway. Otherwise `tokens.lifetime`.',
  },

  'upstream.unreachable': {
    seen: 'person',
    mostly: 'as a gateway: Jitsi’s web server is down, or not at `upstream.url`',
    do: '`ostiary check`; `curl -k` to that address from our machine.',
  },
  'upstream.slow': {
    seen: 'person',
    mostly: 'as a gateway: Jitsi’s web server took the connection and did not answer in time',
    do: 'Load and log of that machine; `to` in the log line says which part.',
  },
  'upstream.unusable': {
    seen: 'person',
    mostly:
      'something else than Jitsi answers there, or we ourselves do; or plain HTTP meets TLS; or a `config.js` that cannot be read',
    do: '`ostiary check`; the `why` and `what` in the log line.',
  },
  'outbound.forbidden': {
    seen: 'operator',
    mostly:
      'a setting, or what a service publishes about itself, names an address that we do not ask: another scheme, a name with a password, another service’s',
    do: '`origin` and `why` in the log line. Mend it where it stands; plain http is for this machine alone, with `insecureHttp: true`.',
  },
  'outbound.failed': {
    seen: 'operator',
    mostly: 'what is asked for did not answer, or not in time: `reason` in the log line',
    do: '`ostiary check` asks everything once, and says which.',
  },
  'outbound.too-large': {
    seen: 'operator',
    mostly: 'something else than keys or metadata answers at that address: a download, an endless page',
    do: 'Open the address in a browser. For the whole document of a federation: [federation](../how-to/federation.md).',
  },

  'key.unusable': {
    seen: 'operator',
    mostly:
      'a file in `tokens.keyFiles` or a `publicKeyFile` that cannot be read or is no such key; or the store’s keys, after the store of another machine was put in its place',
    do: 'An unencrypted RSA key of 2048 bits or more, as PEM; for others a public key. `file` and `why` in the log line.',
  },
  'key.none': {
    seen: 'operator',
    mostly: 'the keys could not be made, mostly because the store cannot be written',
    do: '`ostiary check`, then `ostiary keys list`; a start makes the first one.',
  },
  'store.unavailable': {
    seen: 'operator',
    mostly: 'the folder, its owner, or the disk; or a file of another program at `store.path`',
    do: '`ostiary check` as the server’s user.',
  },
  'store.newer': {
    seen: 'operator',
    mostly: 'an older version was started again',
    do: 'The newer one; or `ostiary restore` with the copy it made beside the file (`….version-N`).',
  },
  'store.full': {
    seen: 'operator',
    mostly: 'the disk is full, a quota, or a file system that is read-only',
    do: 'Make room; nothing else has to be started again.',
  },
  'prosody.secret': {
    seen: 'operator',
    mostly:
      '`prosodyModule.secret` here and `ostiary_secret_file` in Prosody differ; or somebody else asks at the inner listener',
    do: 'Copy the file anew, restart Prosody, look with `ostiary check`. Nobody but Prosody should reach that listener.',
  },
  'config.unusable': {
    seen: 'operator',
    mostly: 'a setting, or a file that a setting names',
    do: '`ostiary check` names every one, and what would be right. On SIGHUP a running server keeps what it had.',
  },
  'server.draining': {
    seen: 'person',
    mostly: 'we are being stopped or started again',
    do: 'Nothing; if it lasts, `systemctl status ostiary`.',
  },
  'server.bug': {
    seen: 'person',
    mostly: 'a fault of ours',
    do: 'The log has a line `bug` of level error with the same reference. Please report it with that line ([how](../../SECURITY.md), if it could hurt somebody); no token and no secret stands in it.',
  },
};
