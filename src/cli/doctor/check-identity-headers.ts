/**
 * Can somebody write into a header who they are, and be let through or be believed for it?
 */
import { headerNamesOf } from '../../app/headers.ts';
import type { ProbeAnswer } from '../../outbound/probe.ts';
import { SEEN_HEADER, SEEN_PATH } from '../../web/routes/seen.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, hindered, red, type Verdict, waiting } from './check.ts';

/** A person that is nowhere. */
const NOBODY = 'ostiary-doctor';

/** Names in which proxies say who somebody is, whatever stands in our settings: one that asks may believe its caller. */
const KNOWN = [
  ...['Remote-User', 'Remote-Name', 'Remote-Email', 'Remote-Groups', 'X-Remote-User', 'X-WebAuth-User'],
  ...['X-Forwarded-User', 'X-Forwarded-Preferred-Username', 'X-Forwarded-Email', 'X-Forwarded-Groups'],
  ...['X-Auth-Request-User', 'X-Auth-Request-Preferred-Username', 'X-Auth-Request-Email'],
  ...['X-Auth-Request-Groups', 'X-Auth-Request-Access-Token', 'X-Authentik-Username', 'Auth-User'],
  ...['Cf-Access-Authenticated-User-Email', 'X-Goog-Authenticated-User-Email', 'X-Ostiary-Id'],
];

/** Every one of them, written by a caller; the secret of the proxy is not guessed at. */
function forged({ config }: Around): Readonly<Record<string, string>> {
  const secrets = config.providers.map(({ header }) => header?.secretHeader.toLowerCase());
  const names = [...KNOWN, ...headerNamesOf(config)].map((name) => name.toLowerCase());
  return Object.fromEntries(
    [...new Set(names)].filter((name) => !secrets.includes(name)).map((name) => [name, wordFor(name)]),
  );
}

/** nginx says so of a certificate that holds. */
function wordFor(name: string): string {
  return name.endsWith('-verify') ? 'SUCCESS' : NOBODY;
}

/** What of an answer tells one who is known from a stranger. */
function outcome({ status, headers }: ProbeAnswer): string {
  const [to] = (headers['location'] ?? '').split('?');
  return `${status} ${to}`;
}

/** Where it asks: the door of a room that nobody has, and each address that a proxy guards. */
function placesOf({ config, room }: Around): readonly string[] {
  const guarded = config.providers.filter(({ kind }) => kind === 'header').map(({ id }) => `/header/${id}`);
  return [`/join?room=${room.claim}`, ...guarded].map((path) => `${config.prefix}${path}`);
}

/** The first of these headers that makes a difference alone; none where it takes several. */
async function which(
  { ours }: Around,
  path: string,
  { before, headers }: { readonly before: string; readonly headers: Readonly<Record<string, string>> },
): Promise<string> {
  for (const [name, value] of Object.entries(headers)) {
    const answer = await ours.ask({ path, headers: { accept: 'text/html', [name]: value } });
    if (outcome(answer) !== before) return name;
  }
  return 'several of them together';
}

/** As a stranger, and as a stranger who says that they are somebody. */
async function letThrough(
  around: Around,
  headers: Readonly<Record<string, string>>,
): Promise<readonly Verdict[]> {
  const found = await Promise.all(
    placesOf(around).map(async (path): Promise<readonly Verdict[]> => {
      const plain = { accept: 'text/html' };
      const before = outcome(await around.ours.ask({ path, headers: plain }));
      const after = outcome(await around.ours.ask({ path, headers: { ...plain, ...headers } }));
      if (before === after) return [];
      const name = await which(around, path, { before, headers });
      const at = `${around.ours.origin}${path.replace(/\?.*$/, '')}`;
      return [
        red(
          `Whoever writes who they are is let through at ${at}: with ${name} it answers ${after.trim()}, and ${before.trim()} without.`,
          `Let the proxy take every header about people out of what a caller sends, ${name} among them, before it looks at any.`,
        ),
      ];
    }),
  );
  return found.flat();
}

/** For whom this server takes such a request, at an address that asks for no sign-in. */
async function believed(
  { ours, config, seenProof }: Around,
  headers: Readonly<Record<string, string>>,
): Promise<readonly string[] | Verdict> {
  const proof = await seenProof();
  if (typeof proof === 'object') return hindered(proof);
  const { status, text } = await ours.ask({
    path: `${config.prefix}${SEEN_PATH}`,
    headers: { accept: 'application/json', [SEEN_HEADER]: proof, ...headers },
  });
  // Told where addresses are looked at.
  if (status !== 200 || !text.startsWith('{'))
    return waiting('Could not tell: our server is not reached with this store.', 'addresses');
  const { named = [] } = JSON.parse(text) as { readonly named?: readonly string[] };
  // What is signed cannot be written by a caller.
  const signed = config.providers.filter(({ header }) => header?.preset === 'pomerium').map(({ id }) => id);
  return named.filter((id) => !signed.includes(id));
}

/** @see CWE-290 (authentication bypass by spoofing) */
export const checkIdentityHeaders: DoctorCheck = {
  name: 'identity-headers',
  group: 'outside',
  asks: 'Does nobody get further by writing into a header who they are (Remote-User, X-Auth-Request-User and their like)?',
  docs: 'how-to/trusted-header.md',
  async run(around) {
    const headers = forged(around);
    const [through, named] = await Promise.all([letThrough(around, headers), believed(around, headers)]);
    if ('light' in named) return through.length > 0 ? through : named;
    const taken = named.map((id) =>
      red(
        `The proxy shows its secret with whatever a caller writes: ${around.ours.origin} takes a stranger for whom they say they are (${id}).`,
        `Set the secret at ${around.config.prefix}/header/${id} alone, and take every header about people out of what a caller sends, everywhere.`,
      ),
    );
    const all = [...through, ...taken];
    return all.length > 0
      ? all
      : green(`Of ${Object.keys(headers).length} headers that say who somebody is none opens anything.`);
  },
};
