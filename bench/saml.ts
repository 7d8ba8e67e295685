/**
 * What a SAML response costs: judged by us against node-saml alone, and people signing in while strangers post junk.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { systemClock } from '../src/base/clock.ts';
import { judgeResponse } from '../src/identity/saml/response.ts';
import {
  ACS,
  expecting,
  IDP,
  idpMetadata,
  makeKeyPair,
  NOW,
  SP,
  signedResponse,
} from '../test/support/saml-idp.ts';
import { PREFIX, type Stage, startStage } from '../test/support/server-stage.ts';
import { compare, type Figure, repeat, repeatTogether } from './rounds.ts';

/** Milliseconds of a turn. */
const TURN = 1000;
/** People at a time, and strangers beside them. */
const PEOPLE = 4;
const STRANGERS = 16;

/** Seconds from the tests' own time to now. */
const now = () => Math.floor(Date.now() / 1000) - NOW;

/** The same response, judged whole by both: signature, audience, times. Its times hold for the whole run. */
export async function samlFigure(): Promise<Figure> {
  const idp = await makeKeyPair('bench');
  const at = now();
  const xml = signedResponse(idp, {}, 'both', { at });
  const posted = Buffer.from(xml).toString('base64');
  const expected = expecting(idp, { now: NOW + at, signed: 'both' });
  const alone = new SAML({
    callbackUrl: ACS,
    entryPoint: 'https://idp.example.org/sso',
    issuer: SP,
    audience: SP,
    idpCert: idp.certificate,
    idpIssuer: IDP,
    wantAuthnResponseSigned: true,
    wantAssertionsSigned: true,
    validateInResponseTo: ValidateInResponseTo.never,
    acceptedClockSkewMs: 600_000,
  });
  return compare({
    ours: () =>
      repeat(async () => {
        const judged = await judgeResponse(xml, expected);
        if (judged.kind !== 'statement') throw new Error(JSON.stringify(judged));
      }, TURN),
    peer: () => repeat(() => alone.validatePostResponseAsync({ SAMLResponse: posted }), TURN),
  });
}

/** Whole sign-ins over sockets, from the sign-in page to the session; beside a flood of junk, and without. */
export async function samlFloodFigure(): Promise<Figure> {
  const idp = await makeKeyPair('bench');
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-bench-saml-'));
  writeFileSync(join(folder, 'idp.xml'), idpMetadata([idp]));
  const stage = await startStage({
    asConfigured: true,
    // Beside the server the clock of a stage stands still: it moves with the real one here.
    clock: { ...systemClock, advance: () => {}, set: () => {} } as never,
    config: {
      providers: [{ id: 'uni', kind: 'saml', saml: { metadataFile: join(folder, 'idp.xml') } }],
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
      log: { level: 'silent' },
    },
  });
  const junk = Buffer.from(signedResponse(idp, {}, 'assertion', { request: `_${'A'.repeat(50)}` })).toString(
    'base64',
  );
  const people = () => repeatTogether(() => signIn(stage, idp), { milliseconds: TURN, together: PEOPLE });
  try {
    return await compare({
      ours: async () => {
        let over = false;
        const strangers = Array.from({ length: STRANGERS }, async () => {
          while (!over) await post(stage, junk, 'x');
        });
        const rate = await people();
        over = true;
        await Promise.all(strangers);
        return rate;
      },
      peer: people,
    });
  } finally {
    await stage.close();
    rmSync(folder, { recursive: true });
  }
}

async function signIn(stage: Stage, idp: Awaited<ReturnType<typeof makeKeyPair>>): Promise<void> {
  const visitor = stage.visitor();
  const { location } = await visitor.leave('/standup', 'uni');
  const query = new URL(location).searchParams;
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
  const [, asked = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  const xml = signedResponse(idp, {}, 'assertion', { request: asked, id: `_a${asked}`, at: now() });
  const kept = await post(stage, Buffer.from(xml).toString('base64'), query.get('RelayState') ?? '');
  await visitor.get(kept.headers.get('location') ?? '');
  if (visitor.session() === undefined) throw new Error('nobody was signed in');
}

function post(stage: Stage, response: string, relayState: string) {
  return stage.ask(`${PREFIX}/saml/acs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://idp.example.org' },
    body: String(new URLSearchParams({ SAMLResponse: response, RelayState: relayState })),
  });
}
