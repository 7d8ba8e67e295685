/**
 * What lies in packaging/, as the tests read it.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ROOT } from './tree.ts';

/** A file of packaging/. */
export function packaged(name: string): string {
  return readFileSync(new URL(`packaging/${name}`, ROOT), 'utf8');
}

/** One service of a compose file, as far as the tests look at it. */
export interface Service {
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly environment?: readonly string[];
  readonly volumes?: readonly string[];
}

/** The services of a compose file; `!reset`, docker's own, leaves what stands behind it. */
export function services(name: string): Readonly<Record<string, Service>> {
  const reset = { tag: '!reset', collection: 'seq' as const, resolve: () => [] };
  return parse(packaged(name), { customTags: [reset] }).services;
}

/** `NAME=value` of the image's ENV. */
export const IMAGE_ENV: Readonly<Record<string, string>> = Object.fromEntries(
  [...packaged('Dockerfile').matchAll(/\b([A-Z_]+)=(\S+?)(?= \\|$)/gm)].map(([, name, value]) => [
    name,
    value,
  ]),
);

/** What the compose file hands on: the name, and what holds where .env says nothing. */
export const COMPOSE_ENV: ReadonlyMap<string, string | undefined> = new Map(
  (parse(packaged('compose.ostiary.yaml')).services.ostiary.environment as string[]).map((line) => {
    const [, name = '', fallback] = line.match(/^(\w+)(?:=\$\{\w+:-([^}]*)\})?$/) ?? [];
    return [name, fallback];
  }),
);

/** The environment of the container beside a docker-jitsi-meet whose .env says nothing. */
export const CONTAINER: Readonly<Record<string, string>> = {
  ...IMAGE_ENV,
  ...Object.fromEntries([...COMPOSE_ENV].filter((pair): pair is [string, string] => pair[1] !== undefined)),
};
