/**
 * The plan of the house as tables: layers from the ground up, the door of each
 * dependency, who is an adapter, who is pure.
 */

/** From the ground up; modules on one line do not know each other. */
export const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['policy', 'keys', 'pages', 'store', 'observe', 'outbound'],
  ['tokens'],
  ['identity', 'config'],
  ['admission'],
  ['web'],
  ['gateway'],
  ['app'],
  ['serve'],
  ['index'],
  ['demo'],
  ['cli'],
  ['main'],
];

/** Each dependency and the only files that may import it. */
export const DOORS: Readonly<Record<string, RegExp>> = {
  jose: /^src\/keys\/jwt\.ts$/,
  'openid-client': /^src\/identity\/oidc[^/]*\.ts$/,
  zod: /^src\/config\//,
  yaml: /^src\/config\//,
  hono: /^(?:src\/(?:web|pages)|demo)\//,
  '@hono/node-server': /^src\/serve\.ts$/,
  undici: /^src\/outbound\//,
  pino: /^src\/observe\//,
  'prom-client': /^src\/observe\//,
  'node:sqlite': /^src\/store\/sqlite[^/]*\.ts$/,
  'rate-limiter-flexible': /^src\/web\/limits\.ts$/,
  commander: /^src\/cli\//,
  'oidc-provider': /^demo\//,
  ws: /^demo\//,
};

/** Adapters: named only by the composition root, or inside their own module. */
export const ADAPTERS =
  /^src\/(?:store\/|observe\/|outbound\/|identity\/(?:oidc|saml|ldap|sasl|users-file|header)[^/]*\.ts$|keys\/(?:stored-keys|sealing-keys|pem-files|shared-secret)\.ts$|gateway\/upstream-)/;

/** What an adapter's module offers that is none: types and tables others may read. */
export const NO_ADAPTER = /^src\/observe\/redact\.ts$/;

/** Modules and files that ask nothing of the machine. */
export const PURE =
  /^src\/(?:policy|pages|tokens)\/|^src\/base\/(?!clock\.ts|random\.ts)|^src\/keys\/(?:rotation|publish|ring-text)\.ts$|^src\/identity\/(?:profile|claim-path|session-record)\.ts$|^src\/web\/(?:jitsi-state|way-back|origin|csrf|cookies)\.ts$/;

/** Asking the machine: a clock, chance, the environment, the network, a timer. */
export const IMPURE =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bfetch\(|\bset(?:Timeout|Interval|Immediate)\b|\bperformance\.now\b|from 'node:(?:fs|http|https|child_process|dns|timers)|import \{(?! BlockList, isIP \})[^}]*\} from 'node:net'|\brandomBytes\b|\brandomUUID\b|\bgetRandomValues\b/;
