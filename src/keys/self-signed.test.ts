/** A certificate of our own making, as others read it. */
import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { systemRandom } from '../base/random.ts';
import { makeRsaKey } from './rsa.ts';
import { selfSigned } from './self-signed.ts';

const FROM = Date.UTC(2026, 0, 1) / 1000;
const key = await makeRsaKey();
const made = (more: Partial<Parameters<typeof selfSigned>[1]> = {}) =>
  new X509Certificate(
    selfSigned(key, {
      commonName: 'meet.example.org',
      from: FROM,
      until: FROM + 3650 * 86_400,
      serial: systemRandom.bytes(16),
      ...more,
    }),
  );

test('it holds our public key, names our host, and is signed by the key itself', () => {
  const certificate = made();
  assert.equal(certificate.subject, 'CN=meet.example.org');
  assert.equal(certificate.issuer, certificate.subject);
  assert.ok(certificate.verify(createPublicKey(key)));
  assert.ok(certificate.checkIssued(certificate));
});

test('its dates are those that were asked for, on both sides of 2050', () => {
  for (const until of [Date.UTC(2049, 11, 31, 23, 59, 59), Date.UTC(2050, 0, 1)]) {
    const { validFromDate, validToDate } = made({ until: until / 1000 });
    assert.deepEqual([validFromDate.getTime(), validToDate.getTime()], [FROM * 1000, until]);
  }
});

test('its number is positive and of sixteen bytes, whatever was drawn', () => {
  for (const first of [0x00, 0x7f, 0x80, 0xff]) {
    const { serialNumber } = made({ serial: new Uint8Array(16).fill(first) });
    assert.equal(serialNumber.length, 32);
    assert.ok(Number.parseInt(serialNumber.slice(0, 2), 16) < 0x80);
  }
});

test('a name longer than a certificate holds is cut', () => {
  const { subject } = made({ commonName: `${'a'.repeat(80)}.example.org` });
  assert.equal(subject, `CN=${'a'.repeat(64)}`);
});
