/**
 * Which Jitsi is here, and what a first configuration needs to know of it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Given, Io } from '../command.ts';
import { blockWithoutOurs } from '../migrate/change-web.ts';
import { envSources } from '../migrate/env.ts';
import { fromDebian } from '../migrate/from-debian.ts';
import { fromDocker, lookForDocker } from '../migrate/from-docker.ts';
import type { Reading, Tree } from '../migrate/reader.ts';
import { lookForSite } from '../migrate/site.ts';
import { collect } from '../migrate/source.ts';

/** How Jitsi was installed. */
export type Install = 'debian' | 'docker';

/** What was found of a Jitsi. */
export interface FoundJitsi {
  readonly install: Install;
  /** Where people reach it; undefined where that does not follow from its files. */
  readonly publicUrl?: string;
  readonly xmppDomain?: string;
  readonly access?: string;
  /** Somebody shares a secret with Prosody today. */
  readonly sharesSecret: boolean;
  /** Its web server is Apache, for which no snippet is packaged. */
  readonly apache: boolean;
  /** The server block of nginx that includes nothing of ours yet; undefined where it does, or none was found. */
  readonly needsInclude?: { readonly file: string; readonly line: number };
  /** The files that were read, as many as there were. */
  readonly files: number;
}

/** Why nothing of use was found. */
export type NotFound =
  | { readonly why: 'nothing' | 'unreadable' }
  | { readonly why: 'several'; readonly hosts: readonly string[] };

/** Where Debian's packages put their settings. */
const JITSI = 'etc/jitsi';
const OF_DEBIAN = [JITSI, 'etc/prosody', 'etc/nginx', 'etc/apache2'];

const NOTHING = { sharesSecret: false, apache: false, files: 0 };

/** Looks below the folder that was named; without one beside us, else where Debian's packages put their files. */
export function findJitsi(
  given: Given,
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
  root = '/',
): FoundJitsi | NotFound {
  const wanted = given.flag('debian') ? 'debian' : given.flag('docker') ? 'docker' : undefined;
  const paths = given.words.length > 0 ? given.words : usual({ cwd, root }, wanted);
  const { sources, unread } = collect(paths, cwd);
  const docker = wanted === 'debian' ? undefined : lookForDocker(envSources(sources), env['HOME'] ?? cwd);
  if (docker !== undefined)
    return { ...NOTHING, install: 'docker', ...known(fromDocker(docker)), files: sources.length };
  if (wanted === 'docker') return { ...NOTHING, install: 'docker' };
  const alone = lookForSite(sources);
  const named = hostOf(given.text('publicUrl'));
  // We may have a host name of our own, which is none of Jitsi's.
  const looked =
    'hosts' in alone && alone.hosts.some((one) => one === named) ? lookForSite(sources, named) : alone;
  if ('hosts' in looked) return { why: 'several', hosts: looked.hosts };
  if ('site' in looked) {
    const { web } = looked.site;
    const needsInclude = blockWithoutOurs(looked.site);
    return {
      install: 'debian',
      ...known(fromDebian(looked.site)),
      apache: web.length > 0 && web.every(({ kind }) => kind === 'apache'),
      ...(needsInclude && { needsInclude }),
      files: sources.length,
    };
  }
  if (wanted === 'debian') return { ...NOTHING, install: 'debian' };
  return { why: unread.length > 0 ? 'unreadable' : 'nothing' };
}

function usual(
  { cwd, root }: { readonly cwd: string; readonly root: string },
  wanted: Install | undefined,
): readonly string[] {
  const beside = join(cwd, '.env');
  if (wanted !== 'debian' && existsSync(beside)) return [beside];
  // A Prosody or an nginx alone belongs to somebody else: Jitsi's packages bring this folder.
  if (wanted === 'docker' || !existsSync(join(root, JITSI))) return [];
  return OF_DEBIAN.map((path) => join(root, path)).filter((path) => existsSync(path));
}

function hostOf(url: string | undefined): string | undefined {
  return URL.parse(url ?? '')?.hostname;
}

function known({ settings }: Reading) {
  const { publicUrl, jitsi, access, tokens } = settings;
  const { xmppDomain } = (jitsi ?? {}) as Tree;
  return {
    ...(typeof publicUrl === 'string' && { publicUrl }),
    ...(typeof xmppDomain === 'string' && { xmppDomain }),
    ...(typeof access === 'string' && { access }),
    sharesSecret: typeof tokens === 'object' && 'secret' in tokens,
    apache: false,
  };
}
