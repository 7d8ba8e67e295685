/**
 * What is wrong with what rules say beside a role: what nobody would be handed, and what could not be kept.
 */
import { besideOf } from '../policy/beside.ts';
import type { Rule } from '../policy/rule.ts';
import type { Complaint } from './complaints.ts';
import type { Judged } from './finish.ts';

/** Seconds: a browser has to join before its token is over. */
const SHORTEST = 60;
/** As tokens/claims.ts cuts a group, and more than anybody types as a password. */
const LONGEST = 100;

type Tell = (where: string, wrong: string, right: string) => void;

/** Everything wrong beside the roles of the rules. */
export function besideComplaints(said: Judged): Complaint[] {
  const complaints: Complaint[] = [];
  for (const [at, rule] of (said.rules ?? []).entries()) {
    const tell: Tell = (where, wrong, right) =>
      complaints.push({ path: `rules[${at}].${where}`, wrong, right });
    const beside = besideOf(rule) ?? {};
    if (['sign-in', 'wait', 'refuse'].includes(rule.then)) {
      for (const name of Object.keys(beside))
        tell(name, 'is never handed out: this rule lets nobody in', 'it only beside a role or knock');
      continue;
    }
    if (beside.features !== undefined && Object.keys(beside.features).length === 0)
      tell(
        'features',
        'names no feature, and Jitsi would deny every one of them, to hosts too',
        'at least one feature with true or false; or no features, for what Jitsi does by itself',
      );
    lobbyComplaints(rule, tell);
    passwordComplaints(rule, said, tell);
    if ((beside.group?.length ?? 0) > LONGEST)
      tell('group', 'is longer than a token holds', `up to ${LONGEST} characters`);
    lifetimeComplaints(rule, said, tell);
  }
  return complaints;
}

const isGuests = ({ then }: Rule) => then === 'guest' || then === 'knock';

function lobbyComplaints(rule: Rule, tell: Tell): void {
  const { lobby, then } = rule;
  if (lobby === undefined) return;
  if (lobby.person === undefined && lobby.room === undefined)
    tell('lobby', 'says nothing', 'room: true or false, or person: knock or pass');
  if (lobby.person === 'pass' && then === 'knock')
    tell('lobby.person', 'contradicts then: knock', 'then: guest for a guest who passes the lobby');
  if (lobby.person === 'knock' && then === 'host')
    tell('lobby.person', 'lets a host wait for a host', 'another role, or no lobby.person');
  if (lobby.room !== undefined && isGuests(rule))
    tell('lobby.room', 'lets guests open and close the lobby for everybody', 'it beside host or participant');
}

function passwordComplaints(rule: Rule, { upstream }: Judged, tell: Tell): void {
  const { password } = rule;
  if (password === undefined) return;
  const text = password.reveal();
  if (text !== text.trim() || text.length > LONGEST || /\p{Cc}/u.test(text))
    tell('password', 'is nothing that people can type', `one line of up to ${LONGEST} characters`);
  if (isGuests(rule))
    tell('password', "lets guests set everybody's password", 'it beside host or participant');
  if (upstream !== undefined && upstream.url === undefined)
    tell(
      'password',
      'would stand in a token that browsers hold',
      'the gateway in front of Jitsi (upstream.url), which hands it to Prosody alone; or no password',
    );
  else if (upstream?.carry === 'query')
    tell(
      'password',
      'would stand in addresses, which web servers write down',
      'upstream.carry: header; or no password',
    );
}

function lifetimeComplaints({ lifetimes }: Rule, { tokens, upstream }: Judged, tell: Tell): void {
  if (lifetimes === undefined) return;
  if (lifetimes.client === undefined && lifetimes.app === undefined)
    tell('lifetimes', 'says nothing', 'client or app, each with a span of time');
  if (upstream?.url !== undefined)
    tell(
      'lifetimes',
      'changes nothing in front of Jitsi: there a token is made for each connection, for minutes',
      'no lifetimes; session.idle, session.absolute and session.strict end what is open',
    );
  for (const [name, most] of [
    ['client', tokens?.lifetime],
    ['app', tokens?.appLifetime],
  ] as const) {
    const span = lifetimes[name];
    if (span === undefined) continue;
    const setting = name === 'client' ? 'tokens.lifetime' : 'tokens.appLifetime';
    if (span < SHORTEST) tell(`lifetimes.${name}`, 'is over before a browser has joined', 'a minute or more');
    if (most !== undefined && span > most)
      tell(`lifetimes.${name}`, `is longer than ${setting}`, `at most ${setting}: a rule only shortens`);
  }
}
