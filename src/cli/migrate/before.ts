/**
 * What is to be done before the first step: Ostiary runs, and may read what it needs. Pure.
 */
import { dirname } from 'node:path';
import type { Config } from '../../config/load.ts';

const IN_CONTAINER = 'docker compose run --rm ostiary';

/** Each a line for whoever does it. */
export function beforeSteps(
  config: Config,
  { file, install }: { readonly file: string; readonly install: 'debian' | 'docker' },
): readonly string[] {
  const inDocker = install === 'docker';
  const folder = dirname(file);
  const foreign = [
    ...config.saml.keys.flatMap(({ keyFile, certFile }) => [keyFile, certFile]),
    ...config.providers.flatMap(({ saml, ldap }) => [
      saml?.metadataFile,
      saml?.metadataCertFile,
      ldap?.caFile,
    ]),
    config.saml.attributeMapFile,
  ].filter((one) => one !== undefined);
  const accounts = config.providers.filter(({ kind }) => kind === 'file');
  const redirects = config.providers.filter(({ kind }) => kind === 'oidc');
  const all: (string | false)[] = [
    inDocker
      ? `Copy packaging/compose.ostiary.yaml next to docker-compose.yml. In .env write COMPOSE_FILE=docker-compose.yml:compose.ostiary.yaml (or add the file to those that are there) and OSTIARY_FOLDER=${folder}. Then: docker compose build ostiary (docs/how-to/docker-jitsi-meet.md)`
      : `Install Ostiary as a service (docs/how-to/debian.md#install-it-as-a-service), with ${file} as its settings.`,
    inDocker && `It reads that folder as user 1000: chown -R 1000 ${folder}`,
    !inDocker &&
      `Its user has to read the settings, and nobody else: chgrp ostiary ${file} && chmod 0640 ${file}`,
    !inDocker &&
      config.secretFiles.length > 0 &&
      `The secrets likewise: chgrp -R ostiary ${folder}/secrets && chmod 0750 ${folder}/secrets && chmod 0640 ${folder}/secrets/*`,
    foreign.length > 0 && `Its user has to read: ${foreign.join(', ')}`,
    accounts.length > 0 &&
      `Make accounts: ${inDocker ? `${IN_CONTAINER} ` : `cd ${folder} && ostiary `}user add NAME --name 'THEIR NAME'${groupsIn(config)}`,
    ...redirects.map(
      ({ id }) =>
        `At the sign-in service add the redirect URI ${config.publicUrl}${config.prefix}/callback/${id}`,
    ),
    `See that all is well: ${inDocker ? IN_CONTAINER : 'runuser -u ostiary -- ostiary'} check. Only then begin with step 1.`,
  ];
  return all.filter((one) => one !== false);
}

/** Groups are worth typing where something is said of one. */
function groupsIn({ hosts, rules = [] }: Config): string {
  const named = [
    ...hosts.filter((one) => !one.includes('@')),
    ...rules.flatMap(({ when }) => when.groups ?? []),
  ];
  return named[0] === undefined ? '' : ` --groups ${named[0]}`;
}
