/**
 * A server that knows two identity providers, each by a metadata file: `uni` and `other`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock } from '../../src/base/clock.ts';
import { IDP, idpMetadata, type KeyPair, makeKeyPair, NOW } from './saml-idp.ts';
import { type Stage, startStage } from './server-stage.ts';

/** The entity id of the other one. */
export const OTHER = 'https://other.example.org/idp';

/** The server, and what those two sign with. */
export interface TwoIdps {
  readonly stage: Stage;
  readonly idp: KeyPair;
  readonly other: KeyPair;
  /** The metadata of `uni`. */
  readonly idpFile: string;
  close(): Promise<void>;
}

/** Starts it at `NOW`. */
export async function startTwoIdps({
  allowUnsolicited,
  logout,
}: {
  readonly allowUnsolicited: readonly string[];
  /** Both have single logout, the other one by form alone; and `uni` has a second button, `again`. */
  readonly logout?: true;
}): Promise<TwoIdps> {
  const [idp, other] = await Promise.all([makeKeyPair('idp'), makeKeyPair('other')]);
  const dir = mkdtempSync(join(tmpdir(), 'ostiary-saml-'));
  const [idpFile, otherFile] = [join(dir, 'idp.xml'), join(dir, 'other.xml')];
  writeFileSync(idpFile, idpMetadata([idp], '', IDP, logout && { logout: ['redirect', 'post'] }));
  writeFileSync(otherFile, idpMetadata([other], '', OTHER, logout && { logout: ['post'] }));
  const provider = (id: string, metadataFile: string) => ({ id, kind: 'saml', saml: { metadataFile } });
  const stage = await startStage({
    asConfigured: true,
    clock: fixedClock(NOW * 1000),
    config: {
      providers: [
        { ...provider('uni', idpFile), name: 'University' },
        provider('other', otherFile),
        ...(logout ? [provider('again', idpFile)] : []),
      ],
      saml: { allowUnsolicited },
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
    },
  });
  return {
    ...{ stage, idp, other, idpFile },
    close: async () => {
      await stage.close();
      rmSync(dir, { recursive: true });
    },
  };
}
