/**
 * What does somebody find who has not signed in, at every path by which something of a Jitsi answers?
 */
import { isProblem } from '../../base/problem.ts';
import type { ProbeAnswer } from '../../outbound/probe.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, grey, red, type Verdict, yellow } from './check.ts';
import { STRANGE_PATHS, type StrangePath } from './strange-paths.ts';

/** nothing: refused, sent away, or the page · handed-on: to somebody who is not there · reached: something answers */
type Found = 'nothing' | 'handed-on' | 'reached';

/** What Prosody says to whoever comes without XMPP. @see prosody, plugins/mod_bosh.lua, mod_websocket.lua */
const PROSODY = /It works!|Prosody (?:BOSH|WebSocket)|websocket endpoint|BOSH client|XMPP over/i;

const AT_ONCE = 5;
const OURS = 'urn:ostiary:problem:';

/** The same answer as to a name that nobody has: a page, or the word that there is nothing. */
function isLike({ status, text, headers }: ProbeAnswer, other: ProbeAnswer): boolean {
  return (
    status === other.status &&
    (text === other.text ||
      (isPage(headers) && isPage(other.headers) && Math.abs(text.length - other.text.length) < 64))
  );
}

function isPage(headers: ProbeAnswer['headers']): boolean {
  return headers['content-type']?.startsWith('text/html') === true;
}

/** What an answer tells, held against those to names that nobody has. */
export function judgedAnswer(answer: ProbeAnswer, nothing: readonly ProbeAnswer[]): Found {
  const { status, text } = answer;
  if (text.includes(OURS)) return 'nothing';
  if (status === 101 || PROSODY.test(text)) return 'reached';
  if (status >= 502 && status <= 504) return 'handed-on';
  if ((status >= 300 && status < 400) || [401, 403, 404, 410, 421, 429].includes(status)) return 'nothing';
  if (text.includes('app.bundle') || nothing.some((other) => isLike(answer, other))) return 'nothing';
  return 'reached';
}

/** A gate may take an upgrade and say by itself that a token is needed: what Prosody alone says is another thing. */
async function xmppReached({ front, config }: Around, path: string): Promise<boolean> {
  const { toProsody } = await import('../../app.ts');
  return (await toProsody.visitAt(front, { path, domain: config.jitsi.xmppDomain })) === 'prosody';
}

async function find(around: Around, { path }: StrangePath, nothing: readonly ProbeAnswer[]): Promise<Found> {
  const headers = { accept: '*/*' };
  const found = judgedAnswer(await around.front.ask({ path, headers }), nothing);
  const isXmpp = /http-bind$|xmpp-websocket$/.test(path);
  // What stands behind a gate of ours may answer a socket where it has no page.
  if (found !== 'nothing' || !isXmpp || !path.endsWith('xmpp-websocket')) return found;
  return (await xmppReached(around, path)) ? 'reached' : 'nothing';
}

function verdictOf(
  { path, what, open, fix, stock }: StrangePath,
  found: Found,
  { gated, inStages }: Around,
): Verdict | undefined {
  if (found === 'nothing' || (open === 'without-gate' && !gated)) return undefined;
  const at = path.replace(/\?.*$/, '');
  const isStock = stock !== undefined && !gated;
  const usual = isStock ? ` Stock Jitsi has it; it gives a stranger ${stock}.` : '';
  const todo = isStock ? `With us beside Jitsi (token service) you may leave it. Or else: ${fix}` : fix;
  if (found === 'handed-on')
    return yellow(`${at} (${what}) is handed on, though nobody answers there now.${usual}`, todo);
  const says = `A stranger reaches ${at}: ${what}.${usual}`;
  if (gated && inStages) return yellow(says, `As the settings say, not everything is guarded yet. ${fix}`);
  return open === 'never' || gated ? red(says, fix) : yellow(says, todo);
}

/** Each path by GET, as any browser could; a few with an upgrade. */
export const checkStrangers: DoctorCheck = {
  name: 'strangers',
  group: 'outside',
  asks: 'Does nobody who has not signed in reach what is not for them?',
  docs: 'how-to/doctor.md#what-strangers-find',
  async run(around) {
    const ask = (path: string) => around.front.ask({ path, headers: { accept: '*/*' } });
    const { claim } = around.room;
    const nothing = await Promise.all([
      ask(`/${claim}`),
      ask(`/${claim}/${claim}`),
      ask(`/${claim}/${claim}/${claim}`),
    ]);
    const found: Verdict[] = [];
    const unsure: string[] = [];
    const look = async (one: StrangePath) => {
      try {
        const verdict = verdictOf(one, await find(around, one, nothing), around);
        if (verdict !== undefined) found.push(verdict);
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
        unsure.push(one.path);
      }
    };
    // A few at a time: whoever knocks thirty times at once is taken for somebody else.
    for (let at = 0; at < STRANGE_PATHS.length; at += AT_ONCE)
      await Promise.all(STRANGE_PATHS.slice(at, at + AT_ONCE).map(look));
    if (unsure.length > 0) found.push(grey(`Could not tell of ${unsure.join(', ')}: no answer.`));
    return found.length > 0
      ? found
      : green(`Of ${STRANGE_PATHS.length} paths none leads a stranger to what is not for them.`);
  },
};
