/**
 * The files a first configuration consists of, and how they get to the disk: all of them or none, and nothing over
 * what is there.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FOLDER_MODE } from '../migrate/put.ts';
import type { FoundJitsi } from './find.ts';
import type { Answers } from './questions.ts';

/** One file that is written. */
export interface NewFile {
  readonly name: string;
  readonly text: string;
}

/** The files that belong beside the settings, as they are packaged. Throws what `node:fs` throws. */
export function besides({ install }: FoundJitsi, { door, publicUrl }: Answers): readonly NewFile[] {
  const gateway = door === 'gateway';
  if (install === 'docker')
    return [
      { name: 'compose.ostiary.yaml', text: packaged('compose.ostiary.yaml') },
      gateway
        ? { name: 'compose.gateway.yaml', text: packaged('compose.gateway.yaml') }
        : { name: 'nginx-ostiary-docker.conf', text: packaged('nginx-ostiary-docker.conf') },
    ];
  const host = new URL(publicUrl).hostname;
  return [
    gateway
      ? {
          name: 'nginx-gateway.conf',
          text: packaged('nginx-gateway.conf').replaceAll('meet.example.org', host),
        }
      : { name: 'nginx-ostiary.conf', text: packaged('nginx-ostiary.conf') },
    { name: 'ostiary.service', text: packaged('ostiary.service') },
  ];
}

function packaged(name: string): string {
  // As source and as built, this file stands at different depths.
  const places = ['../../../', '../../../../'].map(
    (up) => new URL(`${up}packaging/${name}`, import.meta.url),
  );
  return readFileSync(places.find(existsSync) ?? name, 'utf8');
}

/** Those of the files that are there already, links that lead nowhere among them. */
export function alreadyThere(folder: string, files: readonly NewFile[]): readonly string[] {
  return files
    .map(({ name }) => join(folder, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
}

/** Writes the files; where one fails, those before it are taken away again. Throws what `node:fs` throws. */
export function writeAll(folder: string, files: readonly NewFile[]): void {
  const done: string[] = [];
  try {
    for (const { name, text } of files) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
      // They hold no secret, and the server runs as another user than whoever writes them.
      writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
      done.push(path);
    }
  } catch (thrown) {
    for (const path of done) rmSync(path);
    throw thrown;
  }
}
