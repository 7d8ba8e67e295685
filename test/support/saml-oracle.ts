/**
 * The corpus before two judges: ourselves, and Debian's mod_shib. What each said, as a table.
 */
import { judgeResponse } from '../../src/identity/saml/response.ts';
import type { Found } from './real/mod-shib.ts';
import { startModShib } from './real/mod-shib.ts';
import { CORPUS, OTHER_IDP, type Sent, scribe, type World } from './saml-corpus.ts';
import { ACS, expecting, idpMetadata, makeKeyPair, SP } from './saml-idp.ts';

/** What both said of one response. */
export interface Row {
  readonly sent: Sent;
  readonly ours: Found;
  readonly theirs: Found;
}

/** Shows every response of the corpus to both. */
export async function askBoth(): Promise<readonly Row[]> {
  const [idp, other, stranger, sp] = await Promise.all(
    ['idp', 'other', 'stranger', 'sp'].map((name) => makeKeyPair(name)),
  );
  if (idp === undefined || other === undefined || stranger === undefined || sp === undefined)
    throw new Error('no keys');
  const modShib = await startModShib({
    entityId: SP,
    acs: ACS,
    key: sp,
    metadata: [idpMetadata([idp]), idpMetadata([other], '', OTHER_IDP)],
  });
  try {
    const rows: Row[] = [];
    for (const [at, sent] of CORPUS.entries()) {
      const world: World = { now: Math.floor(Date.now() / 1000), idp, other, stranger, sp };
      const xml = await sent.make(scribe(world, `${at}-`));
      rows.push({ sent, ours: await judgedByUs(xml, world), theirs: await modShib.post(xml) });
    }
    return rows;
  } finally {
    await modShib.stop();
  }
}

async function judgedByUs(xml: string, { now, idp, sp }: World): Promise<Found> {
  const judged = await judgeResponse(xml, expecting(idp, { now, keys: [sp.key] }));
  if (judged.kind === 'refused') return { kind: 'refused', why: judged.why };
  if (judged.kind !== 'statement') return { kind: 'refused', why: judged.kind };
  const { nameId, attributes } = judged.statement;
  const mail = attributes
    .filter(([name]) => name === 'urn:oid:0.9.2342.19200300.100.1.3')
    .flatMap(([, values]) => values)
    .join(';');
  return {
    kind: 'signed-in',
    ...(nameId !== undefined && { nameId: nameId.value }),
    ...(mail !== '' && { mail }),
  };
}

const cell = (text: string) => text.replaceAll('|', '\\|').replace(/[<>]/g, (c) => `\\${c}`);

/** As it stands in the documentation. */
export function oracleTable(rows: readonly Row[]): string {
  const word = (found: Found, why: boolean) =>
    found.kind === 'signed-in'
      ? `**${cell(found.nameId ?? '?')}**`
      : why
        ? `refused: \`${found.why}\``
        : 'refused';
  return [
    '| | sent | Ostiary | mod_shib |',
    '|---|---|---|---|',
    ...rows.map(
      ({ sent, ours, theirs }) =>
        `| ${sent.id ?? ''} | ${cell(sent.what)} | ${word(ours, true)} | ${word(theirs, false)} |`,
    ),
  ].join('\n');
}

const [BEGIN, END] = ['<!-- what both said: node tools/saml-oracle.ts -->', '<!-- so far -->'];

/** The document with this table in its place. Throws where it has none. */
export function withTable(document: string, table: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error('the document has no place for the table');
  return `${document.slice(0, from)}${BEGIN}\n\n${table}\n\n${document.slice(to)}`;
}
