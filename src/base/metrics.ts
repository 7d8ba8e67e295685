/**
 * The port for what we count. Labels come from fixed sets, never from a caller.
 */

import type { ProblemCode } from './problem.ts';

/** Every metric and its labels; what is not in this table cannot be counted. */
export const METRICS = {
  ostiary_sign_ins_total: {
    kind: 'counter',
    help: 'Sign-ins by provider and outcome',
    labels: ['provider', 'outcome'],
  },
  ostiary_entries_total: { kind: 'counter', help: 'Decisions at the door by outcome', labels: ['outcome'] },
  ostiary_refused_total: {
    kind: 'counter',
    help: 'Requests answered with a problem, by its code',
    labels: ['reason'],
  },
  ostiary_tokens_total: { kind: 'counter', help: 'Tokens minted, by kind', labels: ['as'] },
  ostiary_turn_credentials_total: {
    kind: 'counter',
    help: "Asked for TURN credentials, by what became of it: `given`, or a problem's code",
    labels: ['outcome'],
  },
  ostiary_outbound_seconds: {
    kind: 'histogram',
    help: 'Time of outbound requests',
    labels: ['purpose', 'outcome'],
  },
  ostiary_provider_up: { kind: 'gauge', help: '1 if the provider answered last', labels: ['provider'] },
  ostiary_provider_clock_skew_seconds: {
    kind: 'gauge',
    help: "Our clock less the provider's",
    labels: ['provider'],
  },
  ostiary_request_seconds: {
    kind: 'histogram',
    help: 'Time of our own answers',
    labels: ['route', 'status'],
  },
  ostiary_gate_requests_total: {
    kind: 'counter',
    help: 'Requests at the gateway, each counted once, by what they asked for and what became of them',
    labels: ['surface', 'verdict'],
  },
  ostiary_gate_connections: {
    kind: 'gauge',
    help: 'Connections open through the gateway, by kind',
    labels: ['kind'],
  },
  ostiary_gate_connections_ended_total: {
    kind: 'counter',
    help: 'Connections the gateway ended, by why',
    labels: ['why'],
  },
  ostiary_nothing_guarded_until_seconds: {
    kind: 'gauge',
    help: 'The moment until which nothing is guarded (`insecureObserveOnly`), in Unix seconds; 0 as soon as it is over, and where there is none',
    labels: [],
  },
  ostiary_part_guarded: {
    kind: 'gauge',
    help: '1 while no more than a part is guarded (`rollout`), 0 otherwise',
    labels: [],
  },
  ostiary_unguarded_total: {
    kind: 'counter',
    help: "Requests that passed unguarded, by what would have become of them: `passed`, `sign-in`, `no-token`, `outside`, a problem's code, or `not-judged` where there were too many at once",
    labels: ['verdict'],
  },
  ostiary_prosody_reports_total: {
    kind: 'counter',
    help: 'Reports of our Prosody module, by what became of them: `taken`, `resync` (tell everything), `refused` (wrong secret, or no report)',
    labels: ['outcome'],
  },
  ostiary_prosody_connections: {
    kind: 'gauge',
    help: 'Connections to Prosody, as our module there reports them',
    labels: [],
  },
  ostiary_prosody_ended_total: {
    kind: 'counter',
    help: 'Connections that our Prosody module was told to end, by why',
    labels: ['why'],
  },
  ostiary_links_total: {
    kind: 'counter',
    help: "Links of other applications, by what became of them: `opened`, or a problem's code",
    labels: ['outcome'],
  },
  ostiary_bearers_total: {
    kind: 'counter',
    help: "Requests with a token of somebody else's, by what became of it: `began` a session, `known`, or a problem's code",
    labels: ['outcome'],
  },
  ostiary_config_reloads_total: {
    kind: 'counter',
    help: 'Configurations read again, by outcome',
    labels: ['outcome'],
  },
} as const satisfies Record<
  string,
  { kind: 'counter' | 'gauge' | 'histogram'; help: string; labels: readonly string[] }
>;

/** What became of a request at the gateway, where it was not refused. */
export const GATE_VERDICTS = {
  passed: 'went on to Jitsi, for somebody who is let in',
  open: 'answered for anybody: an open path',
  machine: "went on to Jitsi, for a machine of the operator's list",
  unguarded: 'went on to Jitsi as if we were not there (`insecureObserveOnly`, `rollout`)',
  'sign-in': 'a browser was sent to sign in',
  'no-token': 'a client was told in XMPP that a token is required',
  moved: "a browser was sent to the room's own address, without a token in it",
  link: "another application's link was opened: a browser was sent on without its token",
  app: "a browser was asked whether to open Jitsi's app",
  outside: 'a frame was shown the way out of it',
} as const satisfies Record<string, string>;

/** A refusal goes by its code. */
export type GateVerdict = keyof typeof GATE_VERDICTS | ProblemCode;

/** The name of something we count. */
export type MetricName = keyof typeof METRICS;

/** Label values for one observation. */
export type Labels = Readonly<Record<string, string>>;

/** Where counts go. */
export interface Metrics {
  /** Adds one to a counter. */
  count(name: MetricName, labels: Labels): void;
  /** Sets a gauge, or adds a value to a histogram. */
  observe(name: MetricName, labels: Labels, value: number): void;
}

/** Counts nothing. */
export const noMetrics: Metrics = { count: () => {}, observe: () => {} };
