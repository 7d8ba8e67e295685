/**
 * users.yaml as text: who is in it, and how a line is added, changed or taken out without touching the rest of the
 * file, its comments included.
 *
 * Pure. Text in, accounts or what is wrong out.
 */
import { type Document, isMap, isScalar, LineCounter, parseDocument, YAMLMap } from 'yaml';
import { type PasswordHash, readPhc } from './phc.ts';

/** One account of the file. */
export interface Account {
  /** What people type, in lower case; also what their id is made of. */
  readonly username: string;
  readonly hash: PasswordHash;
  readonly name?: string;
  readonly email?: string;
  readonly groups: readonly string[];
  /** Kept, but nobody signs in with it. */
  readonly disabled: boolean;
}

/** What is wrong with a file, and where. */
export interface AccountsComplaint {
  readonly line: number;
  readonly wrong: string;
}

/** What a file holds. */
export type Accounts =
  | { readonly accounts: ReadonlyMap<string, Account> }
  | { readonly complaints: readonly AccountsComplaint[] };

const LARGEST = 4 * 1024 * 1024;

/** Names as they are compared: one account, however somebody types capitals. */
export function usernameOf(typed: string): string {
  return typed.normalize('NFKC').toLowerCase();
}

/** May an account be called so? Letters, digits and . _ - @ +, as in addresses. */
export function isUsername(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._@+-]{0,127}$/u.test(text) && usernameOf(text) === text;
}

/** Reads the file. */
export function readAccounts(text: string): Accounts {
  if (text.length > LARGEST) return { complaints: [{ line: 1, wrong: 'the file is larger than 4 MB' }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false });
  const lineOf = (node: unknown) => (isNode(node) ? lines.linePos(node.range[0]).line : 1);
  const [error] = document.errors;
  if (error !== undefined)
    return { complaints: [{ line: error.linePos?.[0].line ?? 1, wrong: 'is no YAML' }] };
  const users = document.get('users', true);
  if (document.contents === null || (isScalar(users) && users.value === null)) return { accounts: new Map() };
  if (!isMap(users)) return { complaints: [{ line: 1, wrong: 'has no section "users"' }] };
  const accounts = new Map<string, Account>();
  const complaints: AccountsComplaint[] = [];
  for (const { key, value } of users.items) {
    const username = isScalar(key) ? (key.source ?? String(key.value)) : '';
    // What is written back stands in quotes where it must, and beside a number it would be a second account.
    const read =
      isScalar(key) && typeof key.value !== 'string'
        ? 'must stand in quotes, or YAML reads something else'
        : isMap(value)
          ? readAccount(username, value, document)
          : 'is no section';
    if (typeof read === 'string')
      complaints.push({ line: lineOf(key), wrong: `${username || 'an entry'} ${read}` });
    else accounts.set(username, read);
  }
  return complaints.length > 0 ? { complaints } : { accounts };
}

function isNode(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

function plainOf(section: YAMLMap, document: Document): Readonly<Record<string, unknown>> | undefined {
  try {
    return section.toJS(document);
  } catch (cause) {
    // The library's word for aliases that it does not follow.
    if (cause instanceof ReferenceError) return undefined;
    throw cause;
  }
}

const KEYS: ReadonlySet<string> = new Set(['password', 'name', 'email', 'groups', 'disabled']);

/** The account, or what is wrong with it. No part of a hash is ever said. */
function readAccount(username: string, section: YAMLMap, document: Document): Account | string {
  if (!isUsername(username)) return 'cannot be a user name: lower-case letters, digits and . _ - @ +';
  const said = plainOf(section, document);
  if (said === undefined) return 'refers (*) to what is not there, or to too much';
  const unknown = Object.keys(said).find((key) => !KEYS.has(key));
  if (unknown !== undefined) return `has "${unknown}", which is no setting here`;
  const { password, name, email, groups = [], disabled = false } = said;
  const hash = typeof password === 'string' ? readPhc(password) : undefined;
  if (hash === undefined)
    return 'has no "password" that is a hash we know: write it with "ostiary user passwd"';
  if (name !== undefined && typeof name !== 'string') return 'has a "name" that is no text';
  if (email !== undefined && typeof email !== 'string') return 'has an "email" that is no text';
  if (!Array.isArray(groups) || groups.some((group) => typeof group !== 'string'))
    return 'has "groups" that are no list of texts';
  if (typeof disabled !== 'boolean') return 'has "disabled" that is neither true nor false';
  return {
    username,
    hash,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    groups: groups as string[],
    disabled,
  };
}

/** What is written of an account. What is left out stays as it was. */
export interface AccountChange {
  /** In the PHC string format. */
  readonly password?: string;
  readonly name?: string;
  readonly email?: string;
  readonly groups?: readonly string[];
}

/** The text with this account in it, changed or new. */
export function withAccount(text: string, username: string, change: AccountChange): string {
  const document = parseDocument(text);
  if (!isMap(document.get('users'))) document.set('users', new YAMLMap());
  if (!isMap(document.getIn(['users', username]))) document.setIn(['users', username], new YAMLMap());
  for (const [key, value] of Object.entries(change))
    if (value !== undefined)
      document.setIn(['users', username, key], document.createNode(value, { flow: true }));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** The text without this account. */
export function withoutAccount(text: string, username: string): string {
  const document = parseDocument(text);
  document.deleteIn(['users', username]);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
