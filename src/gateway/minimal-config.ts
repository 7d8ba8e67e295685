/**
 * The config.js that a stranger's app reads before it can sign in: host names
 * and addresses alone, all of them ours. Nothing else of the installation's own
 * config.js is repeated.
 *
 * Pure.
 */
import { Problem } from '../base/problem.ts';
import type { JitsiValues } from './config-js.ts';

/** Where we are, and for which tenant somebody asks. */
export interface MinimalAbout {
  readonly publicUrl: string;
  /** The path our own addresses begin with. */
  readonly prefix: string;
  /** As it stands in the address line. */
  readonly tenant?: string;
}

/**
 * A script with `var config`. A guest host is left out: a client without a token would go there, and not to sign in.
 * Throws `upstream.unusable` where the XMPP domain or that of the rooms does not follow from Jitsi's own.
 */
export function minimalConfig(values: JitsiValues, { publicUrl, prefix, tenant }: MinimalAbout): string {
  const { domain, muc, focus } = values.hosts;
  if (domain === undefined || muc === undefined)
    throw new Problem('upstream.unusable', { what: 'config.js', why: 'hosts' });
  const base = tenant === undefined ? publicUrl : `${publicUrl}/${tenant}`;
  const config = {
    hosts: { domain, muc, ...(focus !== undefined && { focus }) },
    bosh: `${base}/http-bind`,
    ...(values.websocket !== undefined && {
      websocket: `${base.replace(/^http/, 'ws')}/xmpp-websocket`,
    }),
    ...(Object.keys(values.deeplinking).length > 0 && { deeplinking: values.deeplinking }),
    tokenAuthUrl: `${publicUrl}${prefix}/join?room={room}&state={state}`,
  };
  return `var config = ${scriptText(config)};\n`;
}

/** JSON that may stand in a script, in a page too: no markup begins in it, and no old reader sees the end of a line. */
function scriptText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
