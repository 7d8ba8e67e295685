/**
 * Which host is this machine itself, and so needs no TLS.
 *
 * Pure.
 */
import { isIP } from 'node:net';

/** Is this host the machine itself, whatever the name says elsewhere? */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return (
    bare === 'localhost' ||
    bare.endsWith('.localhost') ||
    bare === '::1' ||
    (isIP(bare) === 4 && bare.startsWith('127.'))
  );
}
