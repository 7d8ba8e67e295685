/**
 * A small federation: a metadata query service with members that a test can change, and their metadata as one document.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { idpMetadata, type KeyPair, signedRoot, time } from './saml-idp.ts';

/** One member as its metadata says. */
export interface MemberWords {
  readonly entityId: string;
  readonly keys: readonly KeyPair[];
  /** `mdui:DisplayName` by language, as it stands in the XML. */
  readonly names?: Readonly<Record<string, string>>;
  readonly hidden?: boolean;
  readonly scope?: string;
  /** Attributes of the descriptor; a `validUntil` in an hour unless said. */
  readonly life?: string;
}

const DAY = ` validUntil="${time(86_400)}"`;

/** The descriptor of a member, unsigned. */
export function memberXml({ entityId, keys, names = {}, hidden, scope, life = DAY }: MemberWords): string {
  const shown = Object.entries(names).map(
    ([language, name]) => `<mdui:DisplayName xml:lang="${language}">${name}</mdui:DisplayName>`,
  );
  const extensions = [
    scope === undefined
      ? ''
      : `<shibmd:Scope xmlns:shibmd="urn:mace:shibboleth:metadata:1.0" regexp="false">${scope}</shibmd:Scope>`,
    `<mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui">${shown.join('')}</mdui:UIInfo>`,
  ].join('');
  const category = hidden
    ? '<md:Extensions><mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute"><saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="http://macedir.org/entity-category"><saml:AttributeValue>http://refeds.org/category/hide-from-discovery</saml:AttributeValue></saml:Attribute></mdattr:EntityAttributes></md:Extensions>'
    : '';
  const id = `_m${createHash('sha1').update(entityId).digest('hex')}`;
  return idpMetadata(keys, life, entityId)
    .replace('ID="_m"', `ID="${id}"`)
    .replace(/(<md:IDPSSODescriptor[^>]*>)/, `${category}$1<md:Extensions>${extensions}</md:Extensions>`);
}

/** Members in one document, unsigned. */
export function aggregateXml(members: readonly string[], life = DAY): string {
  return `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_all"${life}>${members.join('\n')}</md:EntitiesDescriptor>`;
}

/** A running metadata query service. */
export interface QueryService {
  readonly url: string;
  /** By entity id, or by `{sha1}…`: a document, or the status it answers with. */
  readonly answers: Map<string, string | number>;
  /** What was asked, decoded. */
  readonly asked: string[];
  /** Publishes a member, signed by whoever runs the federation. */
  publish(member: MemberWords, by: KeyPair): void;
  close(): Promise<void>;
}

/** Starts one on 127.0.0.1. */
export async function startQueryService(): Promise<QueryService> {
  const answers = new Map<string, string | number>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const [, name = ''] = /^\/global\/entities\/([^/?]+)$/.exec(request.url ?? '') ?? [];
    const entity = decodeURIComponent(name);
    asked.push(entity);
    const answer = answers.get(entity) ?? 404;
    response.statusCode = typeof answer === 'number' ? answer : 200;
    response.setHeader('content-type', 'application/samlmetadata+xml');
    response.end(typeof answer === 'number' ? '' : answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/global`,
    answers,
    asked,
    publish: (member, by) => void answers.set(member.entityId, signedRoot(memberXml(member), by)),
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
