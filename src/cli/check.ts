/**
 * Everything that is wrong with an installation, at once: settings, files, store, sign-in services, the Jitsi behind us.
 */

import { callsGoOn } from '../app/options.ts';
import { formatComplaints } from '../config/complaints.ts';
import type { Config } from '../config/load.ts';
import { isLoopback } from '../config/loopback.ts';
import { checkApps } from './check-apps.ts';
import { checkBearer } from './check-bearer.ts';
import { checkCertificate } from './check-certificate.ts';
import { attributeMapRead, filesOpenToOthers, pageFilesMissing } from './check-files.ts';
import { checkIssuers } from './check-issuers.ts';
import { checkJitsi } from './check-jitsi.ts';
import { checkProsodyModule } from './check-prosody-module.ts';
import { checkProviders, checkStore, partsHindered } from './check-running.ts';
import { checkStages } from './check-stages.ts';
import { checkTurn } from './check-turn.ts';
import { CONFIG, type Command, JSON_OUT } from './command.ts';
import type { Finding } from './finding.ts';
import { findConfig } from './open.ts';
import { counted, json, plain } from './text.ts';

/** `ostiary check` */
export const check: Command = {
  name: 'check',
  does: 'tell everything that is wrong with the configuration, and what would be right',
  about:
    'Also looks whether others may read what is secret, reads our certificate, opens the store, and asks every sign-in service whether it takes our client id and secret, and reads the keys of other applications; of the Jitsi behind us it reads the settings. Nobody is signed in by it. The server may be running.',
  options: [CONFIG, JSON_OUT],
  run: async (io, given) => {
    const found = findConfig(io, given);
    const findings: readonly Finding[] =
      'config' in found
        ? await look(found.config, found.file, io.now)
        : [{ subject: 'settings', complaints: found.complaints }];
    const complaints = findings.flatMap((finding) => finding.complaints);
    if (given.flag('json')) io.out(json({ fine: complaints.length === 0, findings }));
    else {
      for (const finding of findings) io.out(asText(finding, found.file));
      io.out(summary(complaints.length, findings.filter(({ warning }) => warning !== undefined).length));
    }
    return complaints.length === 0 ? 0 : 1;
  },
};

async function look(
  config: Config,
  file: string | undefined,
  now: () => number,
): Promise<readonly Finding[]> {
  const who =
    config.rules === undefined
      ? `access: ${config.access ?? 'members'}`
      : counted(config.rules.length, 'rule');
  const alone: readonly Finding[] = [
    { subject: 'settings', says: `${file ?? 'from the environment'}; ${who}`, complaints: [] },
    ...checkStages(config, now),
    ...nobodyLeads(config),
    ...groupsAmongAddresses(config),
    ...whoIsBelieved(config),
    filesOpenToOthers(config, file),
    ...pageFilesMissing(config),
    ...(await attributeMapRead(config)),
    ...checkCertificate(config),
  ];
  // A key that cannot be read is told as what it is, and hides nothing else.
  const keyless: Config = { ...config, issuers: [], apps: [], bearer: { ...config.bearer, issuers: [] } };
  // Nothing of a server can be made then, so nobody can be asked either.
  const hindered = await partsHindered(keyless, now);
  if (hindered.length > 0) return [...alone, ...hindered];
  return [
    ...alone,
    await checkStore(keyless, now),
    ...(await checkProviders(keyless, now)),
    ...(await checkApps(config, now)),
    ...(await checkIssuers(config, now)),
    ...(await checkBearer(config, now)),
    ...(await checkJitsi(config, now)),
    ...(await checkProsodyModule(config, now)),
    ...checkTurn(config),
    ...callsOutliveSignOut(config),
  ];
}

/** Beside Jitsi a connection is looked at when it begins, and never again. */
function callsOutliveSignOut(config: Config): readonly Finding[] {
  const { forwardAuth, trustedProxies } = config;
  const subject = forwardAuth.enabled ? 'forward-auth' : 'sign-out';
  if (forwardAuth.enabled && trustedProxies.length === 0)
    return [
      {
        subject,
        complaints: [
          {
            path: 'trustedProxies',
            wrong: 'names nobody, and forwardAuth answers nobody else',
            right: 'the address that your proxy asks from, as 127.0.0.1',
          },
        ],
      },
    ];
  if (!callsGoOn(config)) return [];
  const since = forwardAuth.enabled
    ? 'the proxy asks when a connection begins and not after'
    : 'Prosody looks at a token when a connection begins and not after';
  const warning = `a call that is open outlives the sign-out, since ${since}; with our module in Prosody (prosodyModule.secret), or as a gateway (upstream.url), it ends within two seconds`;
  return [{ subject, warning, complaints: [] }];
}

/** Roles are enforced, and nobody is given the one that moderates. */
function nobodyLeads({ jitsi, hosts, rules = [], issuers, apps }: Config): readonly Finding[] {
  if (jitsi.roles !== 'enforced' || hosts.length > 0 || rules.some(({ then }) => then === 'host')) return [];
  if ([...issuers, ...apps].some(({ role }) => role === 'host')) return [];
  const warning =
    'nobody would moderate: jitsi.roles is enforced, and neither hosts nor a rule makes anybody a host';
  return [{ subject: 'hosts', warning, complaints: [] }];
}

/** eduPersonScopedAffiliation before its `@`. @see eduPerson 202208, section 2.2.8 */
const AFFILIATION = /^(?:faculty|student|staff|alum|member|affiliate|employee|library-walk-in)@/i;

/** Where groups look like addresses, an entry of `hosts` that means one is taken for the other. */
function groupsAmongAddresses({ hosts, providers }: Config): readonly Finding[] {
  const scoped = providers.some(
    ({ groups, header }) =>
      /scoped/i.test(groups?.claim ?? '') ||
      (groups?.claim === undefined && /^mod-shib/.test(header?.preset ?? '')),
  );
  const meant = scoped ? hosts.filter((entry) => AFFILIATION.test(entry)) : [];
  if (meant.length === 0) return [];
  const warning = `${meant.join(', ')} has an @ and is taken for an e-mail address; right for a scoped affiliation would be a rule: when: { groups: [${meant.join(', ')}] }, then: host`;
  return [{ subject: 'hosts', warning, complaints: [] }];
}

/** Whom a request comes from is told by everybody, or by nobody. */
function whoIsBelieved({ trustedProxies, listen, publicUrl }: Config): readonly Finding[] {
  const warn = (warning: string) => [{ subject: 'trustedProxies', warning, complaints: [] }];
  const everybody = trustedProxies.find((range) => range.endsWith('/0'));
  if (everybody !== undefined)
    return warn(
      `${everybody} is everybody: whoever reaches us says for themselves which address they come from, and no limit by address holds; right would be the addresses of your proxies alone`,
    );
  const { host, tls } = listen.public;
  if (trustedProxies.length > 0 || tls.certFile !== undefined || isLoopback(new URL(publicUrl).hostname))
    return [];
  if (!isLoopback(host)) return [];
  return warn(
    `nobody is believed, so everybody seems to come from one address, the proxy's, and limits by address hit all of them together; right would be trustedProxies: [127.0.0.1]`,
  );
}

function summary(complaints: number, warnings: number): string {
  if (complaints > 0) return `${counted(complaints, 'complaint')}.`;
  return warnings > 0 ? `Nothing is wrong; ${counted(warnings, 'warning')}.` : 'All is well.';
}

function asText({ subject, says, warning, complaints }: Finding, file: string | undefined): string {
  if (warning !== undefined) return plain(`warn   ${subject}: ${warning}`);
  if (complaints.length === 0) return plain(`fine   ${subject}: ${says ?? 'nothing to complain of'}`);
  const lines = formatComplaints(complaints, file).split('\n');
  return lines.map((line) => plain(`wrong  ${line}`)).join('\n');
}
