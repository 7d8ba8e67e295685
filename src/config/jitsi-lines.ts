/**
 * What has to stand in Jitsi's own files so that it asks us, believes us and means what a role says.
 *
 * Pure: the configuration in, files with lines and reasons out. Secrets are
 * never printed: a place holder stands where one belongs.
 */
import { failureElement } from '../pages/failure-script.ts';
import type { Config } from './finish.ts';
import { gatewayEnv, gatewayFiles, isGateway } from './gateway-lines.ts';
import { jitsiNotes } from './jitsi-notes.ts';
import { debianModule, dockerModule } from './prosody-lines.ts';
import { proxyFile, reached } from './proxy-lines.ts';
import { passesSome, whyEmpty } from './stage-lines.ts';

/** How Jitsi was installed. */
export type Install = 'debian' | 'docker';

/** One line, or a few that belong together, and why they are needed. */
export interface JitsiLine {
  readonly text: string;
  readonly why: string;
}

/** One file of a Jitsi installation. */
export interface JitsiFile {
  readonly file: string;
  /** Where in it. */
  readonly where: string;
  /** What begins a comment there. */
  readonly comment: '--' | '//' | '#' | '<!--';
  readonly lines: readonly JitsiLine[];
}

/** Everything for one installation, and what no line can say. */
export interface JitsiAdvice {
  readonly files: readonly JitsiFile[];
  /** What may be left out. */
  readonly more: readonly JitsiFile[];
  readonly notes: readonly string[];
}

const PLACE_HOLDER = 'PUT-THE-SECRET-OF-tokens.secret-HERE';

const WHY = {
  id: 'Prosody takes tokens of this issuer and no other.',
  secret:
    'The secret we sign with. Copy it from where tokens.secret or JWT_APP_SECRET has it; it is never printed.',
  keys: 'Where Prosody fetches our public keys, by the inner listener. No slash at the end: it would be doubled.',
  algorithm: 'Prosody takes one algorithm; this is the one we sign with.',
  audience: 'What our tokens name as their audience.',
  empty: 'Without a token nobody enters: that is what sends people to sign in.',
  verifyOn: 'A token opens its room in its own tenant alone.',
  verifyOff: 'jitsi.domainVerification is off: a token opens the room of its name in every tenant.',
  check: 'Compares the room of the token with the room that is entered.',
  affiliation: 'Makes owner whom the token calls one, and nobody else.',
  everyone: 'jitsi.roles says that whoever is let in may moderate.',
  jicofo: 'Otherwise Jicofo makes everybody with a token a moderator, whatever it says.',
  autoOwner: 'Otherwise Jicofo makes a moderator of whoever comes first.',
  waitOwners: 'Should muc_wait_for_host be loaded one day, it shall make nobody owner either.',
  guests: 'A guest host lets people in who have never been at our door.',
  auth: 'Where Jitsi sends somebody who has no token.',
  logout: 'Where its sign-out goes; there is a page that asks first.',
  failures:
    'Leads whom Jitsi did not let in to our page, which says why. Print it anew after an update of ours: browsers take the script by its hash alone.',
} as const;

function verification(config: Config): string {
  return config.jitsi.domainVerification ? WHY.verifyOn : WHY.verifyOff;
}

/** A text as Lua and JavaScript both read it; what we quote holds no control characters. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function ourPage(config: Config, page: string): string {
  return `${config.publicUrl}${config.prefix}${page}`;
}

function joinAddress(config: Config): string {
  return ourPage(config, '/join?room={room}&state={state}');
}

function keyServer(config: Config, install: Install): string {
  return `${reached(new URL(config.listen.inner.url), install)}${config.prefix}/asap`;
}

function shares(config: Config): boolean {
  return config.tokens.secret !== undefined;
}

function enforced(config: Config): boolean {
  return config.jitsi.roles === 'enforced';
}

/** @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util.new` */
function prosodyHost(config: Config, now: number): readonly JitsiLine[] {
  const { tokens, jitsi } = config;
  const signed = shares(config)
    ? [{ text: `app_secret = "${PLACE_HOLDER}"`, why: WHY.secret }]
    : [{ text: `asap_key_server = ${quoted(keyServer(config, 'debian'))}`, why: WHY.keys }];
  return [
    { text: 'authentication = "token"', why: 'Whoever connects shows a token.' },
    { text: `app_id = ${quoted(tokens.appId)}`, why: WHY.id },
    ...signed,
    { text: `signature_algorithm = "${shares(config) ? 'HS256' : 'RS256'}"`, why: WHY.algorithm },
    { text: `asap_accepted_audiences = { ${quoted(tokens.audience)} }`, why: WHY.audience },
    passesSome(config, now)
      ? { text: 'allow_empty_token = true', why: whyEmpty(config) }
      : { text: 'allow_empty_token = false', why: WHY.empty },
    { text: `enable_domain_verification = ${jitsi.domainVerification}`, why: verification(config) },
  ];
}

function debianFiles(config: Config, now: number): readonly JitsiFile[] {
  const host = new URL(config.jitsi.url).hostname;
  const prosody = `/etc/prosody/conf.avail/${host}.cfg.lua`;
  const domain = config.jitsi.xmppDomain;
  return [
    {
      file: prosody,
      where: `under VirtualHost "${domain}", in place of what stands there`,
      comment: '--',
      lines: prosodyHost(config, now),
    },
    {
      file: prosody,
      where: `in modules_enabled under Component "conference.${domain}" "muc"`,
      comment: '--',
      lines: [
        { text: '"token_verification";', why: WHY.check },
        enforced(config)
          ? { text: '"token_affiliation";', why: WHY.affiliation }
          : { text: '"muc_allowners";', why: WHY.everyone },
      ],
    },
    ...debianModule(config, prosody),
    {
      file: '/etc/jitsi/jicofo/jicofo.conf',
      where: 'at the end',
      comment: '#',
      lines: [
        { text: 'jicofo.authentication.enabled = false', why: WHY.jicofo },
        ...(enforced(config)
          ? [{ text: 'jicofo.conference.enable-auto-owner = false', why: WHY.autoOwner }]
          : []),
      ],
    },
    {
      file: `/etc/jitsi/meet/${host}-config.js`,
      where: 'at the end',
      comment: '//',
      lines: clientLines(config, true),
    },
    ...proxyFile(config, '/etc/jitsi/meet/jaas/ostiary.conf', 'debian'),
    ...gatewayFiles(config, 'debian'),
  ];
}

function clientLines(config: Config, withAuth: boolean): readonly JitsiLine[] {
  return [
    ...(withAuth ? [{ text: `config.tokenAuthUrl = ${quoted(joinAddress(config))};`, why: WHY.auth }] : []),
    { text: `config.tokenLogoutUrl = ${quoted(ourPage(config, '/sign-out'))};`, why: WHY.logout },
  ];
}

/** @see docker-jitsi-meet, env.example and docker-compose.yml */
function dockerFiles(config: Config, now: number): readonly JitsiFile[] {
  const { tokens, jitsi } = config;
  const signed = shares(config)
    ? [{ text: `JWT_APP_SECRET=${PLACE_HOLDER}`, why: WHY.secret }]
    : [{ text: `JWT_ASAP_KEYSERVER=${keyServer(config, 'docker')}`, why: WHY.keys }];
  const owners = [
    { text: 'ENABLE_AUTO_OWNER=0', why: WHY.autoOwner },
    { text: 'WAIT_FOR_HOST_DISABLE_AUTO_OWNERS=1', why: WHY.waitOwners },
    {
      text: 'XMPP_MUC_MODULES=token_affiliation',
      why: `${WHY.affiliation} If you have modules there, add it behind a comma.`,
    },
  ];
  const everyone = [
    {
      text: 'XMPP_MUC_MODULES=muc_allowners',
      why: `${WHY.everyone} If you have modules there, add it behind a comma.`,
    },
  ];
  return [
    {
      file: '.env',
      where: 'beside docker-compose.yml, in place of what stands there',
      comment: '#',
      lines: [
        { text: 'ENABLE_AUTH=1', why: 'Whoever connects has to show something.' },
        { text: 'AUTH_TYPE=jwt', why: 'What they show is a token.' },
        { text: 'ENABLE_GUESTS=0', why: WHY.guests },
        { text: 'JICOFO_ENABLE_AUTH=0', why: WHY.jicofo },
        { text: `JWT_APP_ID=${inEnvFile(tokens.appId)}`, why: WHY.id },
        ...signed,
        { text: `JWT_SIGN_TYPE=${shares(config) ? 'HS256' : 'RS256'}`, why: WHY.algorithm },
        { text: `JWT_ACCEPTED_ISSUERS=${inEnvFile(tokens.appId)}`, why: WHY.id },
        { text: `JWT_ACCEPTED_AUDIENCES=${inEnvFile(tokens.audience)}`, why: WHY.audience },
        passesSome(config, now)
          ? { text: 'JWT_ALLOW_EMPTY=1', why: whyEmpty(config) }
          : { text: 'JWT_ALLOW_EMPTY=0', why: WHY.empty },
        {
          text: `JWT_ENABLE_DOMAIN_VERIFICATION=${jitsi.domainVerification ? 1 : 0}`,
          why: verification(config),
        },
        ...(enforced(config) ? owners : everyone),
        ...dockerModule(config),
        { text: `TOKEN_AUTH_URL=${joinAddress(config)}`, why: WHY.auth },
        ...gatewayEnv(config),
      ],
    },
    {
      file: '~/.jitsi-meet-cfg/web/custom-config.js',
      where: 'at the end',
      comment: '//',
      lines: clientLines(config, false),
    },
    ...proxyFile(config, '~/.jitsi-meet-cfg/web/nginx-custom/ostiary.conf', 'docker'),
    ...gatewayFiles(config, 'docker'),
  ];
}

function inEnvFile(value: string): string {
  return /^[A-Za-z0-9_.:/@-]+$/.test(value) ? value : `'${value.replaceAll("'", "\\'")}'`;
}

/** In front of Jitsi we put it into the page ourselves. */
function failureFile(config: Config, file: string): readonly JitsiFile[] {
  if (isGateway(config) || config.forwardAuth.enabled) return [];
  const text = failureElement(`${config.publicUrl}${config.prefix}`, false);
  return [
    {
      file,
      where: 'may be left out; Jitsi puts it into the head of its page, and an update of Jitsi may empty it',
      comment: '<!--',
      lines: [{ text, why: WHY.failures }],
    },
  ];
}

/** The lines that make this Jitsi ask us and believe us, at this time (milliseconds since 1970), or when every date is over. */
export function jitsiAdvice(config: Config, install: Install, now = Number.POSITIVE_INFINITY): JitsiAdvice {
  return {
    files: install === 'docker' ? dockerFiles(config, now) : debianFiles(config, now),
    more: failureFile(
      config,
      `${install === 'docker' ? '~/.jitsi-meet-cfg/web' : '/usr/share/jitsi-meet'}/plugin.head.html`,
    ),
    notes: jitsiNotes(config, install),
  };
}

/** The advice as text: every file with its lines, each behind the reason for it. */
export function formatAdvice({ files, more, notes: said }: JitsiAdvice): string {
  const besides = ['===== Besides', ...said.map((note) => `- ${note}`)].join('\n');
  return `${[...files.map(formatFile), ...more.map(formatFile), besides].join('\n\n')}\n`;
}

function formatFile({ file, where, comment, lines }: JitsiFile): string {
  const end = comment === '<!--' ? ' -->' : '';
  return [
    `===== ${file} (${where})`,
    ...lines.map(({ text, why }) => `${comment} ${why}${end}\n${text}`),
  ].join('\n');
}
