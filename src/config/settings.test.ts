/** One test a setting, made from the schema: what the reference promises is what parsing does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { configOf, LEAST, leastWith, load, valueAt } from '../../test/support/config.ts';
import { parseDuration } from '../base/duration.ts';
import { Secret } from '../base/secret.ts';
import { readTimeWindow } from '../policy/times.ts';
import { fallbackText } from './reference.ts';
import { listSettings, namesOfSetting, type Setting } from './walk.ts';

const SECRET = 'a perfectly random secret of 43 characters';
const all = listSettings();

/** What a section of one kind of provider cannot stand without, beside what is said in it. */
const AROUND_KIND: Readonly<Record<string, (said: Record<string, unknown>) => Record<string, unknown>>> = {
  ldap: (said) => ({
    ...{ urls: ['ldaps://dir.example.org'], base: 'dc=x' },
    ...('bindDn' in said && { bindPassword: SECRET }),
    ...('bindPassword' in said && { bindDn: 'cn=x' }),
    ...('groups' in said && { groupBase: 'ou=groups,dc=x' }),
    ...('groupFilter' in said && { groups: 'search', groupBase: 'ou=groups,dc=x' }),
  }),
  prosody: (said) => ({
    domain: 'people.example.org',
    ...('url' in said && { insecurePlainHttp: true }),
  }),
  saml: (said) => ({
    ...{ metadataCertFile: '/federation.pem' },
    ...(!('metadataFile' in said || 'metadataQuery' in said) && { metadataUrl: 'https://idp.example.org/' }),
    ...('metadataQuery' in said && { entityId: 'https://idp.example.org/' }),
  }),
  header: (said) => ({
    ...{ from: ['127.0.0.1'], secret: SECRET },
    ...(['jwksUri', 'issuer', 'audience'].some((name) => name in said) && {
      ...{ preset: 'pomerium', jwksUri: 'https://p.example.org/', issuer: 'p', audience: 'p' },
    }),
  }),
};

/** The provider with the example in it, as one of the kind that reads it. */
function ofItsKind(setting: Setting, provider: Record<string, unknown>): Record<string, unknown> {
  const [, name = ''] = /^providers\[\]\.(\w+)/.exec(setting.path) ?? [];
  if (name === 'usersFile') return { id: 'campus', kind: 'file', usersFile: setting.example };
  const around = AROUND_KIND[name];
  if (around === undefined) return provider;
  const said = provider[name] as Record<string, unknown>;
  return { id: 'campus', kind: name, [name]: { ...around(said), ...said } };
}

/** What an example cannot stand without. */
function aroundIt(setting: Setting): string {
  const alone = leastWith(setting.path, setting.example);
  const tree = parse(alone);
  tree.providers[0] = ofItsKind(setting, tree.providers[0]);
  if (setting.path === 'listen.public.host' || setting.path === 'forwardAuth.enabled')
    tree.trustedProxies = ['127.0.0.1'];
  if (setting.path === 'providers[].tokenEndpointAuth') tree.providers[0].clientSecret = 'x';
  if (setting.path.startsWith('rules[].when.providers')) tree.providers[0].id = 'keycloak';
  if (setting.path === 'rules[].when.hostPresent') {
    tree.upstream = { url: 'https://jitsi.internal' };
    tree.hosts = ['staff'];
  }
  const attributes = tree.rules?.[0]?.when?.attributes;
  if (attributes !== undefined)
    tree.providers[0].attributes = Object.fromEntries(Object.keys(attributes).map((name) => [name, name]));
  if (tree.rules !== undefined) {
    const then = /^rules\[\]\.(?:features|lobby|password|group|lifetimes)/.test(setting.path)
      ? 'participant'
      : 'refuse';
    tree.rules[0] = { name: 'a rule', then, ...tree.rules[0] };
  }
  if (isStage(setting)) tree.upstream = { url: 'https://jitsi.internal' };
  if (setting.path === 'rules[].password') tree.upstream = { url: 'https://jitsi.internal' };
  const exception = tree.providers[0].saml?.legacy?.[0];
  if (exception !== undefined)
    tree.providers[0].saml.legacy[0] = { algorithm: 'cbc', until: '2027-06-30', ...exception };
  if (tree.saml?.keys !== undefined)
    tree.saml.keys[0] = { keyFile: '/sp.key', certFile: '/sp.pem', ...tree.saml.keys[0] };
  if (setting.path === 'tokens.keyFiles[].kid') tree.tokens.keyFiles[0].file = 'a.pem';
  const appLinks = tree.jitsi?.appLinks?.android;
  if (appLinks !== undefined)
    appLinks[0] = {
      package: 'org.example.meet',
      fingerprints: [Array(32).fill('B2').join(':')],
      ...appLinks[0],
    };
  if (setting.path.startsWith('listen.public.tls'))
    tree.listen.public.tls = { certFile: '/a.pem', keyFile: '/a.key', ...tree.listen.public.tls };
  if (tree.issuers !== undefined) {
    const [issuer] = tree.issuers;
    tree.upstream = { url: 'https://jitsi.internal' };
    tree.issuers[0] = { iss: 'moodle', ...issuer };
    if (issuer.algorithm !== undefined) tree.issuers[0].jwksUri = 'https://booking.example.org/jwks.json';
    else if (issuer.jwksUri === undefined && issuer.publicKeyFile === undefined)
      tree.issuers[0].secret = issuer.secret ?? SECRET;
  }
  if (tree.bearer?.issuers !== undefined) tree.bearer.issuers[0] = bearerIssuer(tree.bearer.issuers[0]);
  if (tree.bearer?.issuers?.[0].provider !== undefined) tree.providers[0].id = 'keycloak';
  if (tree.rooms !== undefined) tree.rooms[0] = { names: ['exam'], times: [], ...tree.rooms[0] };
  if (setting.path === 'turn.urls') tree.turn.secret = SECRET;
  if (setting.path === 'turn.cliPassword') tree.turn.database = '/turndb';
  if (/^turn\.(?:cert|key)File$/.test(setting.path))
    tree.turn = { certFile: '/a.pem', keyFile: '/a.key', ...tree.turn };
  if (tree.machines !== undefined) {
    const [machine] = tree.machines;
    tree.machines[0] = { name: 'jibri', networks: ['10.0.0.9'], reaches: ['xmpp'], ...machine };
    if (machine.header) tree.machines[0].header = { name: 'x-secret', value: 'known', ...machine.header };
  }
  if (tree.apps !== undefined) {
    const [app] = tree.apps;
    const proof = ['secret', 'jwksUri', 'publicKeyFile'].some((name) => name in app)
      ? {}
      : { publicKeyFile: '/crm.pem' };
    tree.apps[0] = { name: 'crm', rooms: ['crm-*'], ...proof, ...app };
  }
  return JSON.stringify(tree);
}

/** It says that not everything is guarded, which is nothing to a token service. */
function isStage({ path }: Setting): boolean {
  return path === 'insecureObserveOnly' || path.startsWith('rollout.');
}

/** One whose tokens callers bring, with what an entry cannot stand without. */
function bearerIssuer(said: Record<string, unknown>): Record<string, unknown> {
  const keys = ['jwksUri', 'publicKeyFile'].some((name) => name in said) || 'algorithm' in said;
  return {
    audience: 'jitsi-api',
    ...(!('provider' in said) && { id: 'api', iss: 'https://sso.example.org' }),
    ...(!keys && !('provider' in said) && { secret: SECRET }),
    ...said,
  };
}

/** The value an example becomes. */
function expected(setting: Setting): unknown {
  if (setting.path === 'rules[].when.times' || setting.path === 'rooms[].times')
    return [setting.example].flat().map((one) => readTimeWindow(String(one)));
  if (setting.path === 'insecureObserveOnly') return new Date(String(setting.example)).toISOString();
  return setting.kind === 'duration' ? parseDuration(String(setting.example)) : setting.example;
}

test('there are settings to look at', () => assert.ok(all.length > 60));

for (const setting of all) {
  test(`${setting.path} is told in a sentence and shown by an example`, () => {
    assert.match(setting.description, /^[`A-Z][\s\S]*[.?]$/);
    assert.notEqual(setting.example, undefined);
    assert.doesNotMatch(setting.right, /^values$/);
  });

  test(`the example of ${setting.path} reaches the configuration`, () => {
    const value = valueAt(configOf(load(aroundIt(setting), { readFile: () => SECRET })), setting.path);
    if (setting.kind === 'secret') assert.ok(value instanceof Secret && value.reveal() === SECRET);
    else assert.deepEqual(value, expected(setting));
  });

  if (setting.fallback !== undefined && !setting.path.includes('rules'))
    test(`left out, ${setting.path} is what the reference says: ${fallbackText(setting)}`, () => {
      const written = parse(fallbackText(setting) ?? '');
      assert.deepEqual(
        valueAt(configOf(load(withoutSaying(setting))), setting.path),
        setting.kind === 'duration' ? parseDuration(written) : written,
      );
    });

  if (setting.required)
    test(`${setting.path} has to be said`, () =>
      assert.equal('complaints' in load(JSON.stringify(without(setting))), true));

  for (const name of namesOfSetting(setting))
    test(`${setting.path} can be said as ${name}`, () => {
      const config = configOf(
        load(forEnv(setting), { env: { ...ENV_BESIDE[setting.path], [name]: inEnv(setting) } }),
      );
      const value = valueAt(config, setting.path);
      if (setting.kind === 'secret') assert.ok(value instanceof Secret && value.reveal() === SECRET);
      else assert.deepEqual(value, expected(setting));
    });
}

/** The least there is, with an application where the setting is one's. */
function withoutSaying(setting: Setting): string {
  const { path } = setting;
  if (path.startsWith('issuers') || path.startsWith('bearer.issuers'))
    return JSON.stringify(without(setting));
  if (path.startsWith('rooms'))
    return JSON.stringify({ ...parse(LEAST), rooms: [{ names: ['exam'], times: [] }] });
  const app = { name: 'crm', rooms: ['crm-*'], publicKeyFile: '/crm.pem' };
  return path.startsWith('apps') ? JSON.stringify({ ...parse(LEAST), apps: [app] }) : LEAST;
}

const BEHIND = { OSTIARY_UPSTREAM_URL: 'https://jitsi.internal' };
const ENV_BESIDE: Readonly<Record<string, Record<string, string>>> = {
  insecureObserveOnly: BEHIND,
  'rollout.rooms': BEHIND,
  'rollout.networks': BEHIND,
  'rollout.percent': BEHIND,
  'listen.public.host': { OSTIARY_TRUSTED_PROXIES: '127.0.0.1' },
  'forwardAuth.enabled': { OSTIARY_TRUSTED_PROXIES: '127.0.0.1' },
  'providers[].tokenEndpointAuth': { OIDC_CLIENT_SECRET: 'x' },
  'listen.public.tls.certFile': { OSTIARY_LISTEN_PUBLIC_TLS_KEY_FILE: '/a.key' },
  'listen.public.tls.keyFile': { OSTIARY_LISTEN_PUBLIC_TLS_CERT_FILE: '/a.pem' },
  'turn.urls': { TURN_CREDENTIALS: SECRET },
  'turn.cliPassword': { OSTIARY_TURN_DATABASE: '/turndb' },
  'turn.certFile': { OSTIARY_TURN_KEY_FILE: '/a.key' },
  'turn.keyFile': { OSTIARY_TURN_CERT_FILE: '/a.pem' },
};

function forEnv(setting: Setting): string {
  if (/^providers\[\]\.(?:ldap|prosody|saml|header|usersFile)\b/.test(setting.path))
    return JSON.stringify(without(setting));
  const tree = parse(LEAST);
  if (setting.path === 'access') delete tree.access;
  return JSON.stringify(tree);
}

function inEnv({ kind, example }: Setting): string {
  if (kind === 'secret') return SECRET;
  return Array.isArray(example) ? example.join(',') : String(example);
}

function without(setting: Setting): unknown {
  const tree = parse(
    /^(?:rules|rooms|tokens|machines|apps|issuers|bearer\.issuers|saml|providers\[\]\.(?:ldap|prosody|saml|header|usersFile)|jitsi\.appLinks)/.test(
      setting.path,
    )
      ? aroundIt(setting)
      : LEAST,
  );
  const steps = setting.path.replaceAll('[]', '.0').split('.');
  const last = steps.pop() ?? '';
  const holder = steps.reduce((value, step) => value[step], tree);
  delete holder[last];
  return tree;
}
