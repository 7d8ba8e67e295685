/**
 * What people who have not signed in send: every kind that the gateway tells apart, but for what is open to all.
 */
import { SESSION_COOKIE } from '../../src/web/cookies.ts';

/** One request of theirs. */
export interface StrangersRequest {
  readonly path: string;
  readonly method?: 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
const MADE_UP = { cookie: `${SESSION_COOKIE}=${'x'.repeat(43)}` };

const KINDS: readonly ((at: number) => StrangersRequest)[] = [
  (at) => ({ path: `/room-${at}`, headers: PAGE }),
  (at) => ({ path: `/tenant-${at % 100}/room-${at}?lang=${at}`, headers: PAGE }),
  (at) => ({ path: `/room-${at}`, headers: { ...PAGE, ...MADE_UP } }),
  (at) => ({ path: '/', headers: { ...PAGE, 'x-forwarded-for': `203.0.113.${at % 250}` } }),
  (at) => ({ path: `/libs/app.bundle.min.js?v=${at}` }),
  (at) => ({ path: `/tenant-${at}/css/all.css` }),
  (at) => ({ path: `/xmpp-websocket?room=room-${at}` }),
  (at) => ({ path: `/xmpp-websocket?room=room-${at}&token=a.b.${at}`, headers: MADE_UP }),
  (at) => ({ path: `/colibri-ws/default-id/${at}/endpoint` }),
  (at) => ({ path: `/http-bind?room=room-${at}`, method: 'POST', body: bosh(`to='meet.jitsi' rid='${at}'`) }),
  (at) => ({
    path: `/tenant-${at % 100}/http-bind?room=room-${at}&token=a.b.${at}`,
    method: 'POST',
    headers: MADE_UP,
    body: bosh(`sid='${at}' rid='${at}'`),
  }),
  (at) => ({
    path: `/conference-request/v1?room=room-${at}`,
    method: 'POST',
    headers: { ...MADE_UP, 'content-type': 'application/json' },
    body: '{}',
  }),
  (at) => ({ path: `/_api/room-info?room=room-${at}`, headers: { authorization: `Bearer a.b.${at}` } }),
  (at) => ({ path: `/somewhere/else/${at}` }),
];

function bosh(attributes: string): string {
  return `<body xmlns='http://jabber.org/protocol/httpbind' ${attributes}/>`;
}

/** The next of them. Each is another every time: nothing that was answered once answers for the next. */
export function strangersRequest(at: number): StrangersRequest {
  return KINDS[at % KINDS.length]?.(at) ?? { path: '/' };
}
