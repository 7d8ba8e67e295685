/**
 * Which readers have something to read, and which steps follow from it.
 */
import { existsSync } from 'node:fs';
import type { Config } from '../../config/load.ts';
import type { Given, Io } from '../command.ts';
import { debianSteps } from './change-debian.ts';
import { dockerFolders, dockerSteps } from './change-docker.ts';
import { type EnvSource, envSources } from './env.ts';
import { EVERYONE_LEADS, fromDebian } from './from-debian.ts';
import { type DockerSite, fromDocker, lookForDocker } from './from-docker.ts';
import { fromJitsiOpenid } from './from-jitsi-openid.ts';
import { fromKeycloakAdapter } from './from-keycloak-adapter.ts';
import { fromOidcAdapter } from './from-oidc-adapter.ts';
import { fromSaml2Jwt } from './from-saml2jwt.ts';
import { fromShibboleth } from './from-shibboleth.ts';
import type { Reading, Source, Told } from './reader.ts';
import { lookForSite } from './site.ts';
import { collect } from './source.ts';
import type { Step } from './step.ts';

/** What is here. */
export interface Found {
  readonly readings: readonly Reading[];
  readonly unread: readonly Told[];
  readonly install: 'debian' | 'docker';
  /** Where accounts of our own are kept, if there are no others. */
  readonly usersFile: string;
  steps(config: Config): readonly Step[];
}

/** Two lines for whoever asked. */
export interface NothingFound {
  readonly wrong: readonly [what: string, whatToDo: string];
}

const WHERE =
  'Name the folders its settings are in, as: ostiary migrate /etc/jitsi /etc/prosody /etc/nginx, or ostiary migrate ~/docker-jitsi-meet';

/** What signed people in for a Jitsi; each says itself whether it is here. */
function predecessors(sources: readonly Source[], environments: readonly EnvSource[]): readonly Reading[] {
  return [
    fromOidcAdapter(environments),
    fromKeycloakAdapter(environments),
    fromJitsiOpenid(environments),
    fromSaml2Jwt(environments),
    fromShibboleth(sources),
  ].filter((reading) => reading !== undefined);
}

/** Looks below the paths that were named. */
export function look(given: Given, { cwd, env }: Pick<Io, 'cwd' | 'env'>): Found | NothingFound {
  const { sources, unread } = collect(given.words, cwd);
  const environments = envSources(sources);
  const others = predecessors(sources, environments);
  const docker = lookForDocker(environments, env['HOME'] ?? cwd);
  const told = unread.map(({ path, why }) => ({ file: path, says: why }));
  if (docker !== undefined) return dockerFound(docker, { sources, others, unread: told });
  const looked = lookForSite(sources, given.text('host'));
  if ('hosts' in looked)
    return {
      wrong: [
        `Several hosts are here: ${looked.hosts.join(', ')}.`,
        'Name the one that is meant with --host.',
      ],
    };
  if ('none' in looked && others.length === 0) return { wrong: ['Nothing of a Jitsi is there.', WHERE] };
  return {
    readings: 'site' in looked ? [fromDebian(looked.site, sources), ...others] : others.map(withDefaults),
    unread: told,
    install: 'debian',
    usersFile: 'users.yaml',
    steps: (config) => ('site' in looked ? debianSteps(looked.site, config, sources) : [noJitsi()]),
  };
}

function dockerFound(
  docker: DockerSite,
  {
    sources,
    others,
    unread,
  }: {
    readonly sources: readonly Source[];
    readonly others: readonly Reading[];
    readonly unread: readonly Told[];
  },
): Found {
  const isThere = existsSync(docker.folder);
  const more = collect(dockerFolders(docker).filter(existsSync), docker.folder);
  const known = new Set(sources.map(({ path }) => path));
  const all = [...sources, ...more.sources.filter(({ path }) => !known.has(path))];
  return {
    readings: [fromDocker(docker), ...others],
    unread: [...unread, ...more.unread.map(({ path, why }) => ({ file: path, says: why }))],
    install: 'docker',
    usersFile: '/var/lib/ostiary/users.yaml',
    steps: (config) => dockerSteps(docker, config, { sources: all, isThere }),
  };
}

/** Of an adapter alone what its Jitsi is like is not known. */
function withDefaults(reading: Reading, at: number): Reading {
  const settings = { jitsi: { roles: 'enforced' }, access: 'members', rules: [EVERYONE_LEADS] };
  return at > 0 ? reading : { ...reading, settings: { ...settings, ...reading.settings } };
}

function noJitsi(): Step {
  return {
    title: 'Jitsi itself',
    why: 'Its own files are not among those that were named.',
    changes: [],
    byHand: [WHERE],
    back: 'nothing was changed',
  };
}

/** What knows the secret could still make tokens. */
export function switchedOff(readings: readonly Reading[]): readonly Step[] {
  const obsolete = readings.flatMap((reading) => reading.obsolete ?? []);
  if (obsolete.length === 0) return [];
  return [
    {
      title: 'What signed people in before is switched off',
      why: 'Last of all, once a sign-in with ours has worked: as long as it runs it can make tokens.',
      changes: [],
      byHand: obsolete,
      back: 'start it again',
    },
  ];
}
