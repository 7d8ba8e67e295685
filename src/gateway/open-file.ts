/**
 * Answers for a file that is open to strangers, from what is kept of it. Whoever
 * is signed in gets it from Jitsi itself, and so the newest.
 */
import type { Arrival } from '../admission/arrival.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import { sendInPieces } from '../web/slow-body.ts';
import { through } from './assets.ts';
import { headerIn, withoutHeaders } from './headers.ts';
import type { OpenFile } from './open-files.ts';
import type { GatewayParts, Passage } from './parts.ts';

/** Seconds for which others may keep it: its name does not change with its version here. */
const KEPT_BY_OTHERS = 60;

/** Answers a request for such a file. */
export async function openFile(passage: Passage, file: string, parts: GatewayParts): Promise<GateVerdict> {
  const { asked, outgoing } = passage;
  const arrival: Arrival = { asked, wants: { kind: 'asset' } };
  if ((await parts.web.admit(arrival)).kind === 'seen') return through(passage, parts, 'open');
  if (asked.method !== 'GET' && asked.method !== 'HEAD') throw new Problem('request.method');
  const kept = await parts.openFiles.get(file);
  if (kept === undefined) return through(passage, parts, 'open');
  const { status, body, headers } = chosen(kept, passage);
  if (outgoing.destroyed) return 'open';
  outgoing.writeHead(status, headers);
  if (asked.method === 'HEAD' || body === undefined) outgoing.end();
  else sendInPieces(outgoing, body);
  return 'open';
}

interface Chosen {
  readonly status: number;
  readonly headers: string[];
  readonly body?: Buffer;
}

/** @see RFC 9110, sections 12.5.3 and 13.2.2 */
function chosen(file: OpenFile, { asked }: Passage): Chosen {
  const common = [...file.headers, 'Cache-Control', `public, max-age=${KEPT_BY_OTHERS}`];
  if (file.status === 404)
    return { status: 404, headers: [...common, 'Content-Length', '0'], body: file.body };
  const gzipped = takesGzip(asked.header('accept-encoding') ?? '') ? file.gzipped : undefined;
  const body = gzipped ?? file.body;
  const headers = gzipped === undefined ? common : [...weakened(common), 'Content-Encoding', 'gzip'];
  if (file.gzipped !== undefined) headers.push('Vary', 'Accept-Encoding');
  if (isKnown(file, asked.header('if-none-match'), asked.header('if-modified-since')))
    return { status: 304, headers: withoutHeaders(headers, (name) => name === 'content-encoding') };
  return { status: 200, headers: [...headers, 'Content-Length', String(body.length)], body };
}

function takesGzip(accept: string): boolean {
  return /(?:^|,)\s*gzip\s*(?:;\s*q=(?:1(?:\.0*)?|0?\.\d*[1-9]\d*))?\s*(?:,|$)/i.test(accept);
}

/** Other bytes, the same file: the name of its version says so much. @see RFC 9110, section 8.8.3.3 */
function weakened(headers: readonly string[]): string[] {
  return headers.map((value, at) =>
    at % 2 === 1 && headers[at - 1]?.toLowerCase() === 'etag' && !value.startsWith('W/')
      ? `W/${value}`
      : value,
  );
}

function isKnown({ headers }: OpenFile, ifNoneMatch?: string, ifModifiedSince?: string): boolean {
  const strong = (tag: string) => tag.trim().replace(/^W\//, '');
  const tag = headerIn(headers, 'etag');
  if (ifNoneMatch !== undefined)
    return tag !== undefined && ifNoneMatch.split(',').some((one) => strong(one) === strong(tag));
  const changed = Date.parse(headerIn(headers, 'last-modified') ?? '');
  const since = Date.parse(ifModifiedSince ?? '');
  return !Number.isNaN(changed) && !Number.isNaN(since) && changed <= since;
}
