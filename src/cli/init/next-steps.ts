/**
 * What is left to do once the files are there. Pure.
 */
import { dirname, resolve } from 'node:path';
import { PRESETS } from '../../identity/presets.ts';
import type { ProfileMapping } from '../../identity/profile.ts';
import { plain } from '../text.ts';
import type { FoundJitsi } from './find.ts';
import type { Answers } from './questions.ts';
import { type Service, secretFileOf } from './service.ts';
import { hasOwnHost, MODULE_SECRET, needsModule, plainHttpAt } from './settings.ts';

/** Steps with numbers, and what is worth knowing after them. */
export function nextSteps(found: FoundJitsi, answers: Answers, folder: string): string {
  const { install, sharesSecret, apache } = found;
  const { door, others, service, hosts } = answers;
  const publicUrl = answers.publicUrl.replace(/\/+$/, '');
  const docker = install === 'docker';
  const secret = secretFileOf(service);
  const file = secret && resolve(folder, secret);
  const run = docker ? 'docker compose run --rm ostiary' : 'runuser -u ostiary -- ostiary';
  const steps = [
    ...toRegister(service, publicUrl),
    ...(file === undefined
      ? []
      : [
          `Put the ${service.kind === 'ldap' ? 'password of the account' : 'client secret'} into its file, unless it is there; paste it, then return and Ctrl-D:\n     ( umask 027; mkdir -p ${quoted(dirname(file))}; cat > ${quoted(file)} )`,
        ]),
    ...(needsModule(answers)
      ? [
          `Make the secret of our module in Prosody, which sees hosts come (docs/how-to/prosody-module.md):\n     ( umask 027; openssl rand -hex 32 > ${quoted(resolve(folder, MODULE_SECRET))} )`,
        ]
      : []),
    docker
      ? `Let the container read the folder: sudo chown -R 1000 ${quoted(folder)}; copy ${composeFiles(door).join(' and ')} next to docker-compose.yml, and name all in .env: COMPOSE_FILE=${['docker-compose.yml', ...composeFiles(door)].join(':')}. The folder is to be called ostiary there, or named in OSTIARY_FOLDER.`
      : `${file === undefined ? '' : `Let the group ostiary read the secrets: chgrp -R ostiary ${quoted(dirname(file))}. `}The unit of systemd, and the commands below, look for the settings in /etc/ostiary.`,
    `${run} check`,
    `${run} jitsi-config --${install}   (put its lines where it says)`,
    where(found, door),
    `Once all of it runs: ${docker ? 'docker compose exec ostiary ostiary' : 'runuser -u ostiary -- ostiary'} doctor`,
  ];
  const plainHttp = plainHttpAt(answers);
  const notes = [
    ...(plainHttp.length > 0
      ? [
          `ostiary.yaml has "insecureHttp: true", because ${plainHttp.join(' and ')} is plain HTTP. Take the line out once it is https.`,
        ]
      : []),
    ...(hosts.length === 0
      ? ['Nobody leads: whoever is let in is a participant. "hosts" in ostiary.yaml names who shall.']
      : []),
    ...(hosts === 'everyone'
      ? ['Everyone who signs in leads every room, and may put others out. "hosts" names fewer.']
      : []),
    ...(others ? [OTHERS[door === 'gateway' ? 'gateway' : 'beside']] : []),
    ...(sharesSecret
      ? ['Prosody shares a secret with a program today: "ostiary migrate" reads it and takes it over.']
      : []),
    ...(hasOwnHost(found, answers)
      ? [
          `We have a host name of our own: any TLS site there passes everything to us, instead of the packaged location (docs/how-to/${docker ? 'docker-jitsi-meet' : 'debian'}.md).`,
        ]
      : []),
    ...(apache && door !== 'gateway'
      ? ['The web server is Apache, and the file is for nginx: docs/how-to/debian.md#nginx says what to do.']
      : []),
  ];
  const numbered = steps.map((step, at) => `  ${at + 1}. ${step}`).join('\n');
  return [`Next:\n${numbered}`, ...notes].join('\n\n');
}

interface Telling {
  readonly groupsHint: string;
  readonly mapping: ProfileMapping;
}

/** What has to be switched on there, so that rules can speak of groups. */
function groupsLines(preset: string): string {
  const known = Object.entries<Telling>(PRESETS).find(([name]) => name === preset)?.[1];
  if (known === undefined) return '';
  const required = known.mapping.groups?.required ? ' Until it does, nobody gets in.' : '';
  return `     Of groups: ${known.groupsHint}${required}`;
}

/** What the other side has to be told of us. */
function toRegister(service: Service, publicUrl: string): readonly string[] {
  const ours = `${publicUrl}/_ostiary`;
  switch (service.kind) {
    case 'oidc':
      return [
        `At the sign-in service, register:
       redirect URI             ${ours}/callback/${service.id}
       after sign-out           ${ours}/signed-out
       back-channel logout URI  ${ours}/backchannel-logout/${service.id}
     The last one, where the service knows it, ends a sign-in here with the one there; it has to reach us.
${groupsLines(service.preset)}${service.secretFile === undefined ? '\n     There it is a public client, with PKCE (S256).' : ''}`,
      ];
    case 'saml':
      return [
        `Give the identity provider our metadata, as soon as the server runs: ${ours}/saml/metadata (docs/how-to/saml.md).`,
      ];
    case 'ldap':
      return [];
  }
}

const OTHERS = {
  gateway:
    'Other applications sign tokens: give each an entry in "issuers", with a secret of its own (docs/how-to/links-from-other-applications.md).',
  beside:
    'Other applications sign tokens: Prosody takes those of one signer alone. As a gateway "issuers" has an entry for each; beside Jitsi their links lead past us (docs/how-to/links-from-other-applications.md).',
};

function composeFiles(door: string): readonly string[] {
  return door === 'gateway' ? ['compose.ostiary.yaml', 'compose.gateway.yaml'] : ['compose.ostiary.yaml'];
}

/** The file that Jitsi's own site at nginx reads, where it includes the folder. */
const OUR_LOCATION = '/etc/jitsi/meet/jaas/ostiary.conf';

function where({ install, needsInclude }: FoundJitsi, door: string): string {
  if (door === 'gateway')
    return install === 'docker'
      ? 'Put the proxy before us: docs/how-to/gateway.md.'
      : 'Copy ostiary.service to /etc/systemd/system; then systemctl enable --now ostiary, and put the proxy before us: docs/how-to/gateway.md.';
  if (install === 'docker')
    return 'Copy nginx-ostiary-docker.conf to nginx-custom/ostiary.conf in the folder of the container web, ~/.jitsi-meet-cfg/web as a rule.';
  const include = needsInclude
    ? ` Nothing includes that file yet: in ${plain(needsInclude.file)}, below line ${needsInclude.line}, add\n       include ${OUR_LOCATION};\n    `
    : '';
  return `Copy nginx-ostiary.conf to ${OUR_LOCATION}, ostiary.service to /etc/systemd/system.${include} Then systemctl enable --now ostiary, and reload nginx. Prosody needs Lua libraries for tokens: docs/how-to/debian.md.`;
}

/** A word of a shell. */
function quoted(text: string): string {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
