/**
 * The made-up applications of the demo: one with a meeting in its page, one that sends people by links. Their secrets are
 * made anew at each start.
 */
import { createHmac } from 'node:crypto';
import { type Clock, unixSeconds } from '../src/base/clock.ts';
import { type Random, randomToken } from '../src/base/random.ts';

/** The application that asks for tokens; `examples/embed` is one. */
export interface DemoApp {
  readonly name: string;
  readonly secret: string;
  /** Where its pages may be. */
  readonly origins: readonly string[];
}

/** The application whose links let people in. */
export interface DemoIssuer {
  readonly iss: string;
  readonly secret: string;
  readonly room: string;
}

/** As `examples/embed` listens, by both names of this machine: one is the meeting's own site, the other is not. */
const ORIGINS = ['http://localhost:8090', 'http://127.0.0.1:8090'];
/** Seconds for which the link is good. */
const A_DAY = 86_400;

/** Makes both. */
export function demoApplications(random: Random): { readonly app: DemoApp; readonly issuer: DemoIssuer } {
  return {
    app: { name: 'example', secret: randomToken(random), origins: ORIGINS },
    issuer: { iss: 'example-lms', secret: randomToken(random), room: 'course-7' },
  };
}

/** As they would stand in `ostiary.yaml`. No rule need speak of them: an application's word is one. */
export function applicationSettings({ app, issuer }: ReturnType<typeof demoApplications>) {
  return {
    apps: [{ ...app, rooms: ['crm-*'], role: 'host', lifetime: '2h' }],
    issuers: [{ iss: issuer.iss, secret: issuer.secret, rooms: ['course-*'] }],
  };
}

/** A link as Moodle's plugin writes it, good for a day. */
export function demoLink(
  { iss, secret, room }: DemoIssuer,
  { url, domain, clock }: { readonly url: string; readonly domain: string; readonly clock: Clock },
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    ...{ iss, aud: iss, sub: domain, room, exp: unixSeconds(clock) + A_DAY },
    context: { user: { id: '17', name: 'Dorothy Vaughan', affiliation: 'owner' } },
  };
  const input = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  const signature = createHmac('sha256', secret).update(input).digest('base64url');
  return `${url}/${room}?jwt=${input}.${signature}`;
}
