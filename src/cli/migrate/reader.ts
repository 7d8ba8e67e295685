/**
 * The shape of what reads a Jitsi, or what signed people in before: text in, settings and honest notes out.
 */
import type { Secret } from '../../base/secret.ts';

/** One file that was given, as text. */
export interface Source {
  /** As it was named, made absolute. */
  readonly path: string;
  readonly text: string;
}

/** One thing a file says. */
export interface Told {
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  readonly says: string;
}

/** Settings of `ostiary.yaml` as a tree; a secret is kept as one until it is written to a file of its own. */
export interface Tree {
  readonly [name: string]: Branch;
}

/** What may stand in a tree. */
export type Branch = string | number | boolean | Secret | Tree | readonly Branch[] | undefined;

/** What one reader made of the files. */
export interface Reading {
  /** What it was, as its own people call it. */
  readonly what: string;
  readonly found: readonly Told[];
  /** What is dangerous as it stands today. */
  readonly alarms: readonly Told[];
  /** What has no counterpart here, or was not understood. */
  readonly left: readonly Told[];
  readonly settings: Tree;
  /** Files that are no longer wanted once everything works. */
  readonly obsolete?: readonly string[];
}

/** A reading that is being put together. */
export interface Notes {
  readonly found: Told[];
  readonly alarms: Told[];
  readonly left: Told[];
}

/** An empty one. */
export function notes(): Notes {
  return { found: [], alarms: [], left: [] };
}
