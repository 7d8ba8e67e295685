/**
 * The answers as a first `ostiary.yaml`, with the comments somebody needs who changes it.
 *
 * Pure.
 */
import { isLoopback } from '../../config/loopback.ts';
import type { Tree } from '../migrate/reader.ts';
import { yamlText } from '../migrate/yaml.ts';
import type { FoundJitsi } from './find.ts';
import type { Answers } from './questions.ts';
import { type Service, serviceSettings } from './service.ts';

/** The file of the secret that our module in Prosody shows. */
export const MODULE_SECRET = 'secrets/prosody';

/** Beside Jitsi hosts are seen by our module in Prosody alone. */
export function needsModule({ door, access }: Answers): boolean {
  return door === 'token-service' && access.endsWith('-wait');
}

/** Beside Jitsi, people may reach us under another address than Jitsi. */
export function hasOwnHost(found: FoundJitsi, { door, publicUrl }: Answers): boolean {
  return (
    door === 'token-service' &&
    found.publicUrl !== undefined &&
    found.publicUrl !== publicUrl.replace(/\/+$/, '')
  );
}

/** Where it is asked by HTTP; empty where it is not. */
function addressOf(service: Service): string {
  return service.kind === 'oidc' ? service.issuer : service.kind === 'saml' ? service.metadata : '';
}

/** The addresses that made `insecureHttp` necessary: plain HTTP on this machine. */
export function plainHttpAt({ publicUrl, service }: Answers): readonly string[] {
  return [publicUrl.replace(/\/+$/, ''), addressOf(service)].filter(
    (url) => url.startsWith('http:') && isLoopback(new URL(url).hostname),
  );
}

/** The settings as text. `withSecret` is false where they are only tried, and the secret is not there yet. */
export function firstSettings(found: FoundJitsi, answers: Answers, withSecret = true): string {
  const { door, access, hosts, service } = answers;
  const publicUrl = answers.publicUrl.replace(/\/+$/, '');
  const isDocker = found.install === 'docker';
  const elsewhere = hasOwnHost(found, answers);
  const xmppDomain = found.xmppDomain ?? (isDocker ? 'meet.jitsi' : undefined);
  const tree: Tree = {
    publicUrl,
    ...(plainHttpAt(answers).length > 0 && { insecureHttp: true }),
    trustedProxies: isDocker ? ['172.16.0.0/12', '192.168.0.0/16'] : ['127.0.0.1'],
    jitsi: {
      ...(elsewhere && { url: found.publicUrl }),
      ...(xmppDomain !== undefined && { xmppDomain }),
      roles: 'enforced',
    },
    ...(door === 'gateway' && { upstream: { url: isDocker ? 'http://web:8000' : 'https://127.0.0.1:8443' } }),
    providers: [serviceSettings(service, withSecret)],
    access,
    ...(hosts === 'everyone'
      ? { rules: [{ name: 'everyone who signs in leads', when: { signedIn: true }, then: 'host' }] }
      : { hosts }),
    ...(needsModule(answers) && { prosodyModule: { secret: { file: MODULE_SECRET } } }),
    store: { path: '/var/lib/ostiary/ostiary.sqlite' },
  };
  return yamlText(
    tree,
    'Written by "ostiary init".\n"ostiary check" says what is wrong with it; docs/reference/config.md has every setting.',
    [
      [['insecureHttp'], 'this machine alone'],
      [['trustedProxies'], isDocker ? 'the networks docker uses' : "Jitsi's nginx"],
      [['jitsi', 'roles'], 'only hosts moderate'],
      [['upstream', 'url'], isDocker ? 'the container web; 80 before June 2026' : "Jitsi's own server block"],
      [['providers', 0, 'id'], 'stands in the redirect URI; never change it'],
      [['providers', 0, 'name'], 'what the button says'],
      [['providers', 0, 'clientSecret'], 'for its owner and group alone'],
      [['providers', 0, 'ldap', 'bindPassword'], 'for its owner and group alone'],
      [['access'], 'or members, members-wait, guests-wait, guests-knock, open'],
      [
        ['hosts'],
        hosts.length === 0
          ? 'nobody leads; name groups (with full paths: /staff) or e-mail addresses'
          : 'who leads: groups (with full paths: /staff) or e-mail addresses',
      ],
      [['prosodyModule', 'secret'], 'whoever waits is let in when our module sees a host'],
    ],
  );
}
