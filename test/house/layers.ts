/**
 * The plan of the house, in one place: layers, doors, adapters and pure files.
 * The tests beside it read this table and nothing else; `biome.json` and
 * `ARCHITECTURE.md` must say the same, and a test sees to it.
 */

/** From the ground up. Modules on one layer do not know each other. */
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

/** Each dependency and the one place that may name it. An adapter of several files shares one prefix. */
export const DOORS: Readonly<Record<string, readonly string[]>> = {
  jose: ['src/keys/jwt.ts'],
  'openid-client': ['src/identity/oidc*.ts'],
  '@node-saml/node-saml': ['src/identity/saml/signature.ts'],
  'xml-encryption': ['src/identity/saml/signature.ts'],
  'ical-generator': ['src/pages/invitation.ts'],
  ldapts: ['src/identity/ldap/**'],
  yaml: ['src/config/**', 'src/identity/accounts/text.ts', 'src/cli/migrate/yaml.ts'],
  zod: ['src/config/**'],
  hono: ['src/web/**', 'src/pages/**', 'demo/**'],
  'rate-limiter-flexible': ['src/web/limits.ts'],
  '@hono/node-server': ['src/serve.ts'],
  undici: ['src/outbound/**', 'src/gateway/upstream-http*.ts'],
  pino: ['src/observe/**'],
  'prom-client': ['src/observe/**'],
  acorn: ['src/gateway/script-*.ts'],
  saxes: ['src/gateway/{bosh-body,stanza-addresses}.ts', 'src/identity/saml/xml.ts'],
  'node:sqlite': ['src/store/sqlite*.ts'],
  commander: ['src/cli/**'],
  luaparse: ['src/cli/migrate/lua.ts'],
  diff: ['src/cli/migrate/diff.ts'],
  tldts: ['src/cli/doctor/check-embed.ts'],
  'oidc-provider': ['demo/**'],
  ws: ['src/outbound/probe-socket.ts', 'demo/**'],
};

/** What talks to the world: named only by `src/app.ts`, inside its own module, or by a test. A type brings nothing along. */
export const ADAPTERS: readonly string[] = [
  'src/store/**',
  'src/observe/**',
  'src/outbound/**',
  'src/keys/{pem-files,sealing-keys,shared-secret,stored-keys}.ts',
  'src/identity/oidc*.ts',
  'src/identity/saml/**',
  'src/identity/{ldap,prosody}/**',
  'src/identity/accounts/users-file.ts',
  'src/identity/header.ts',
  'src/gateway/upstream-*.ts',
];

/** What asks nothing of the machine, whatever its header says. A header that says "Pure" adds its file. */
export const PURE: readonly string[] = ['src/base/**', 'src/policy/**', 'src/pages/**', 'src/tokens/**'];

/** The two files that bring time and chance in. */
export const IMPURE: readonly string[] = ['src/base/clock.ts', 'src/base/random.ts'];

/** What a pure file may take from Node: names that compute, and reach for nothing. */
export const PURE_NODE: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': ['createHash', 'createHmac', 'timingSafeEqual', 'createPublicKey', 'KeyObject'],
  'node:net': ['BlockList', 'isIP', 'isIPv4', 'isIPv6', 'SocketAddress'],
  'node:util': ['inspect', 'parseEnv'],
  'node:path': ['basename', 'dirname', 'isAbsolute', 'join', 'posix', 'resolve'],
  'node:url': ['domainToASCII', 'domainToUnicode'],
  'node:buffer': ['Buffer', 'isUtf8'],
};

/** The classes we wrote ourselves; everything else is functions and values. */
export const CLASSES: readonly string[] = ['Problem', 'Secret'];
