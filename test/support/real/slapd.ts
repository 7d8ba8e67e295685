/**
 * A real directory: slapd, with LDAPS, StartTLS and made-up people, on free ports of 127.0.0.1.
 *
 * Groups are loaded once it runs: `slapadd` does not run the overlay that writes `memberOf`.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeAuthority } from '../http-authority.ts';
import { freePort } from '../http-server.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { type Program, privateDirectory, startProgram } from './program.ts';

/** The root of the tree. */
export const SUFFIX = 'dc=example,dc=org';
/** The account that may read. */
export const READER = { dn: `cn=reader,${SUFFIX}`, password: 'reader-pw' } as const;

/** A running directory. */
export interface Slapd {
  readonly ldap: string;
  readonly ldaps: string;
  /** The same server under a name its certificate does not have. */
  readonly ldapsMisnamed: string;
  readonly caFile: string;
  /** An authority that certified nothing here. */
  readonly otherCaFile: string;
  /** Makes entries, in LDIF. */
  add(ldif: string): void;
  /** Changes entries, in LDIF. */
  modify(ldif: string): void;
  remove(dn: string): void;
  /** What it was asked: one line each, as slapd logs it (`loglevel stats`). */
  log(): string;
  /** The same, once every connection there was is closed and told of: it answers before it logs. */
  settled(): Promise<string>;
  /** Takes it away, and brings it back on the same ports with the same entries. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

const PEOPLE = `
dn: ${SUFFIX}
objectClass: domain
dc: example

dn: ${READER.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: ${READER.password}

dn: ou=people,${SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${SUFFIX}
objectClass: organizationalUnit
ou: groups

dn: ou=elsewhere,${SUFFIX}
objectClass: organizationalUnit
ou: elsewhere

dn: uid=ada,ou=people,${SUFFIX}
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Lovelace
displayName: Ada Lovelace
mail: ada@example.org
userPassword: ada-pw

dn: uid=bob,ou=people,${SUFFIX}
objectClass: inetOrgPerson
uid: bob
cn: Bob (the *star*)
sn: B
mail: bob@example.org
userPassword: bob-pw

dn: uid=jörg,ou=people,${SUFFIX}
objectClass: inetOrgPerson
uid: jörg
cn: Jörg
sn: J
userPassword: jörg-pw

dn: uid=twin,ou=people,${SUFFIX}
objectClass: inetOrgPerson
uid: twin
cn: Twin
sn: T
userPassword: twin-pw

dn: uid=twin,ou=elsewhere,${SUFFIX}
objectClass: inetOrgPerson
uid: twin
cn: The other twin
sn: T
userPassword: twin-pw
`;

const GROUPS = `
dn: cn=staff,ou=groups,${SUFFIX}
objectClass: groupOfNames
cn: staff
member: uid=ada,ou=people,${SUFFIX}

dn: cn=board,ou=elsewhere,${SUFFIX}
objectClass: groupOfNames
cn: board
member: uid=ada,ou=people,${SUFFIX}

dn: cn=unix,ou=groups,${SUFFIX}
objectClass: posixGroup
cn: unix
gidNumber: 1000
memberUid: bob
`;

function config(dir: string, certificate: string): string {
  return `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile ${dir}/slapd.pid
argsfile ${dir}/slapd.args
TLSCACertificateFile ${dir}/ca.pem
TLSCertificateFile ${certificate}.pem
TLSCertificateKeyFile ${certificate}.key
loglevel stats
sizelimit 50
database mdb
maxsize 67108864
suffix "${SUFFIX}"
rootdn "cn=admin,${SUFFIX}"
rootpw admin-pw
directory ${dir}/db
overlay memberof
memberof-group-oc groupOfNames
memberof-member-ad member
memberof-memberof-ad memberOf
memberof-refint true
access to attrs=userPassword by anonymous auth by * none
access to dn.base="" by * read
access to * by dn.exact="${READER.dn}" read by self read by anonymous auth by * none
`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}

/** Starts slapd. Throws, naming the Debian package, where something is not installed. */
export async function startSlapd(): Promise<Slapd> {
  const [slapd, slapadd] = ['slapd', 'slapadd'].map((name) => needCommand(name, 'slapd')) as [string, string];
  const tools = Object.fromEntries(
    ['ldapadd', 'ldapmodify', 'ldapdelete'].map((name) => [name, needCommand(name, 'ldap-utils')]),
  );
  const dir = await privateDirectory('slapd');
  mkdirSync(join(dir, 'db'));
  const { issue, caFile } = makeAuthority(dir);
  const { key, cert } = issue(['127.0.0.1', 'directory.example']);
  const certificate = join(dir, 'server');
  writeFileSync(`${certificate}.pem`, cert);
  writeFileSync(`${certificate}.key`, key);
  chmodSync(`${certificate}.key`, 0o600);
  mkdirSync(join(dir, 'other'));
  const other = makeAuthority(join(dir, 'other'));
  const conf = join(dir, 'slapd.conf');
  writeFileSync(conf, config(dir, certificate), { mode: 0o600 });
  const ldif = join(dir, 'people.ldif');
  writeFileSync(ldif, PEOPLE.trimStart());
  execFileSync(slapadd, ['-f', conf, '-l', ldif], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 });
  const [plain, tls] = [await freePort(), await freePort()];
  const url = `ldap://127.0.0.1:${plain}`;
  const logs: string[] = [];
  let program: Program | undefined;
  const start = () =>
    startProgram({
      name: 'slapd',
      command: slapd,
      args: ['-d', 'stats', '-h', `${url}/ ldaps://127.0.0.1:${tls}/`, '-f', conf],
      dir,
      version: versionOf('slapd'),
      ready: () => answers(plain),
    });
  const tool = (name: string, args: readonly string[], input?: string) =>
    void execFileSync(
      tools[name] ?? '',
      ['-x', '-H', url, '-D', `cn=admin,${SUFFIX}`, '-w', 'admin-pw', ...args],
      { stdio: ['pipe', 'ignore', 'pipe'], timeout: 20_000, ...(input !== undefined && { input }) },
    );
  const add = (text: string) => tool('ldapadd', [], text.trimStart());
  const halt = async () => {
    if (program === undefined) return;
    await program.stop();
    logs.push(program.log());
    program = undefined;
  };
  program = await start();
  add(GROUPS);
  return {
    ldap: url,
    ldaps: `ldaps://127.0.0.1:${tls}`,
    ldapsMisnamed: `ldaps://localhost:${tls}`,
    caFile,
    otherCaFile: other.caFile,
    add,
    modify: (text) => tool('ldapmodify', [], text.trimStart()),
    remove: (dn) => tool('ldapdelete', [dn]),
    log: () => [...logs, program?.log() ?? ''].join(''),
    settled: async () => {
      const count = (what: RegExp) => program?.log().match(what)?.length ?? 0;
      const end = AbortSignal.timeout(10_000);
      while (count(/ ACCEPT from /g) !== count(/ closed\b/g)) {
        if (end.aborted) throw new Error(program?.log());
        await pause(20);
      }
      return [...logs, program?.log() ?? ''].join('');
    },
    halt,
    resume: async () => {
      program ??= await start();
    },
    stop: async () => {
      await halt();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
