/**
 * May others on this machine read what is secret, and may we read what we are to serve?
 */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { isProblem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import type { Complaint } from '../config/complaints.ts';
import type { Config } from '../config/load.ts';
import { isSection, listSettings } from '../config/walk.ts';
import { readYaml } from '../config/yaml.ts';
import { readAttributeMap } from '../identity/attribute-map.ts';
import type { Finding } from './finding.ts';

/** Read, write or enter, for everybody. */
const FOR_OTHERS = 0o007;

/** Where containers get their secrets: mounted read-only for all of them, and for nobody outside. */
const MOUNTED = '/run/secrets/';

/** A shorter secret may stand in the file as a word that means something else. */
const TELLING = 8;

/** Every file with a secret in it that others may read. */
export function filesOpenToOthers(config: Config, configFile: string | undefined): Finding {
  const keys = (config.tokens.keyFiles ?? []).map(
    ({ file }, at) => [`tokens.keyFiles[${at}].file`, file] as const,
  );
  const saml = config.saml.keys.map(({ keyFile }, at) => [`saml.keys[${at}].keyFile`, keyFile] as const);
  const store = ['store.path', config.store.path] as const;
  const secrets = config.secretFiles
    .filter((file) => !file.startsWith(MOUNTED))
    .map((file) => [file, file] as const);
  const own =
    configFile !== undefined && holdsSecret(configFile, config) ? [[configFile, configFile] as const] : [];
  const { keyFile } = config.listen.public.tls;
  const tls = keyFile === undefined ? [] : [['listen.public.tls.keyFile', keyFile] as const];
  // Their hashes can be guessed at; and whoever may write there can be anybody.
  const users = config.providers.flatMap(({ usersFile }, at) =>
    usersFile === undefined ? [] : [[`providers[${at}].usersFile`, usersFile, 'read or change'] as const],
  );
  const complaints = [...keys, ...saml, ...tls, store, ...secrets, ...own, ...users].flatMap(
    ([path, file, may = 'read']): readonly Complaint[] => {
      const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
      if ((mode & FOR_OTHERS) === 0) return [];
      const wrong = `holds a secret that others on this machine may ${may} (${(mode & 0o777).toString(8)})`;
      return [{ path, wrong, right: `a file for its owner and group alone: chmod 640 ${file}` }];
    },
  );
  return { subject: 'files', says: 'what is secret is for its owner and group', complaints };
}

/** Files of the operator's own that our pages are made of, where one cannot be read: without it we do not start. */
export function pageFilesMissing({ pages: { css, errorFile } }: Config): readonly Finding[] {
  const files = [
    ['pages.css', css],
    ['pages.errorFile', errorFile],
  ] as const;
  const complaints = files.flatMap(([path, file]): readonly Complaint[] => {
    const code = file === undefined ? undefined : unreadable(file);
    if (code === undefined) return [];
    return [{ path, wrong: `is ${file}, which we cannot read (${code})`, right: 'a file that is there' }];
  });
  return complaints.length === 0 ? [] : [{ subject: 'pages', complaints }];
}

/** mod_shib's attribute map, where one is named: what is taken of it, and what is not. */
export async function attributeMapRead({ saml }: Config): Promise<readonly Finding[]> {
  const { attributeMapFile: file } = saml;
  if (file === undefined) return [];
  const subject = 'attribute map';
  try {
    const { attributes, ignored } = await readAttributeMap(file);
    const says = `${file}: ${attributes.length} attributes by their ids`;
    if (ignored.length === 0) return [{ subject, says, complaints: [] }];
    return [
      { subject, says, warning: `not understood, and left out: ${ignored.join(', ')}`, complaints: [] },
    ];
  } catch (thrown) {
    if (!isProblem(thrown, 'config.unusable')) throw thrown;
    const wrong = `cannot be used (${thrown.facts['why']})`;
    return [
      {
        subject,
        complaints: [{ path: 'saml.attributeMapFile', wrong, right: "mod_shib's attribute-map.xml" }],
      },
    ];
  }
}

/** The system's own code for why not: `ENOENT`. */
function unreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isFile() ? undefined : 'EISDIR';
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return String(cause.code);
    throw cause;
  }
}

/** Does a secret stand in the file itself, and not only the place where it is? */
function holdsSecret(file: string, config: Config): boolean {
  const text = readFileSync(file, 'utf8');
  const long = secretsIn(config).map((secret) => secret.reveal());
  if (long.some((secret) => secret.length >= TELLING && text.includes(secret))) return true;
  const yaml = readYaml(text);
  const names = listSettings().filter(({ kind }) => kind === 'secret');
  return 'value' in yaml && writtenOut(yaml.value, new Set(names.map(({ path }) => path.split('.').at(-1))));
}

/** Is there plain text under one of these names? */
function writtenOut(value: unknown, names: ReadonlySet<string | undefined>): boolean {
  if (Array.isArray(value)) return value.some((entry) => writtenOut(entry, names));
  if (!isSection(value)) return false;
  return Object.entries(value).some(
    ([name, entry]) => (names.has(name) && typeof entry === 'string') || writtenOut(entry, names),
  );
}

function secretsIn(value: unknown): readonly Secret[] {
  if (value instanceof Secret) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}
