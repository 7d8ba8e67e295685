import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../base/secret.ts';
import { trustedProxies } from '../web/origin.ts';
import { createMachines, type MachineCaller, type MachineOptions } from './machines.ts';

const PROXY = '10.0.0.1';
const SECRET = 'a-long-secret-of-the-recorder';

const jibri: MachineOptions = { name: 'jibri', networks: ['10.0.0.9'], reaches: ['page', 'xmpp'] };
const byHeader: MachineOptions = {
  name: 'transcriber',
  header: { name: 'X-Machine-Secret', value: new Secret(SECRET) },
  reaches: ['xmpp'],
  xmppDomain: 'recorder.meet.example.org',
};

function which(
  options: readonly MachineOptions[],
  caller: Partial<Omit<MachineCaller, 'header'>> & { headers?: Record<string, string> },
) {
  const address = caller.address ?? '203.0.113.7';
  const headers = caller.headers ?? {};
  return createMachines(options, { trusted: trustedProxies([PROXY]), xmppDomain: 'meet.example.org' }).which({
    address,
    socket: caller.socket ?? address,
    header: (name) => headers[name],
  });
}

test('a machine is known by the network it comes from, and reaches what was said', () => {
  assert.deepEqual(which([jibri], { address: '10.0.0.9' }), {
    name: 'jibri',
    reaches: new Set(['page', 'xmpp']),
    xmppDomain: 'meet.example.org',
  });
  assert.equal(which([jibri], { address: '10.0.0.10' }), undefined);
});

test('a network counts by what a trusted proxy says of its caller', () => {
  const headers = { 'x-forwarded-for': '10.0.0.9' };
  assert.equal(which([jibri], { address: '10.0.0.9', socket: PROXY, headers })?.name, 'jibri');
  assert.equal(which([jibri], { address: '10.0.0.9', socket: `::ffff:${PROXY}`, headers })?.name, 'jibri');
});

test('the address of a proxy is no machine: everybody may stand behind it', () => {
  const wide = [{ ...jibri, networks: ['10.0.0.0/8'] }];
  // A trusted one that says nothing of its callers.
  assert.equal(which(wide, { address: PROXY, socket: PROXY }), undefined);
  // One that we were not told to trust.
  for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'])
    assert.equal(which(wide, { address: '10.0.0.2', headers: { [name]: '203.0.113.7' } }), undefined, name);
  assert.equal(which(wide, { address: '10.0.0.2' })?.name, 'jibri');
});

test('a secret header is believed from a trusted proxy alone, by its socket', () => {
  const headers = { 'x-machine-secret': SECRET };
  const machine = which([byHeader], { socket: PROXY, headers });
  assert.equal(machine?.name, 'transcriber');
  assert.equal(machine?.xmppDomain, 'recorder.meet.example.org');
  assert.equal(which([byHeader], { headers }), undefined);
  // Judged to be the proxy itself, and not come by it.
  assert.equal(which([byHeader], { address: PROXY, socket: '203.0.113.7', headers }), undefined);
});

for (const shown of [
  '',
  'x',
  `${SECRET}x`,
  SECRET.slice(1),
  SECRET.toUpperCase(),
  `${SECRET}, ${SECRET}`,
  'y'.repeat(100_000),
])
  test(`the header value ${shown.slice(0, 40) || '""'} opens nothing`, () => {
    assert.equal(which([byHeader], { socket: PROXY, headers: { 'x-machine-secret': shown } }), undefined);
  });

test('where network and header are both set, both must fit', () => {
  const both = [{ ...byHeader, networks: ['10.0.0.9'] }];
  const headers = { 'x-machine-secret': SECRET };
  assert.equal(which(both, { address: '10.0.0.9', socket: PROXY, headers })?.name, 'transcriber');
  assert.equal(which(both, { address: '10.0.0.8', socket: PROXY, headers }), undefined);
  assert.equal(which(both, { address: '10.0.0.9', socket: PROXY }), undefined);
});

test('what a machine calls itself is not looked at', () => {
  const headers = { 'user-agent': 'jibri', 'x-machine-name': 'jibri', cookie: `x-machine-secret=${SECRET}` };
  assert.equal(which([jibri, byHeader], { socket: PROXY, headers }), undefined);
});

test('the first that fits is the one, and one that says nothing of how it is known is nobody', () => {
  const nobody: MachineOptions = { name: 'nobody', reaches: ['page'] };
  assert.equal(which([nobody, jibri, { ...jibri, name: 'second' }], { address: '10.0.0.9' })?.name, 'jibri');
});

test('networks may be ranges of either kind of address', () => {
  const machine = [{ ...jibri, networks: ['10.1.0.0/16', '2001:db8:1::/48'] }];
  for (const [address, name] of [
    ['10.1.2.3', 'jibri'],
    ['10.2.2.3', undefined],
    ['2001:db8:1::5', 'jibri'],
    ['2001:db8:2::5', undefined],
    ['', undefined],
  ] as const)
    assert.equal(which(machine, { address })?.name, name, address);
});

test('the headers that carry secrets are named, so that they go no further', () => {
  const { headerNames } = createMachines([jibri, byHeader], { trusted: trustedProxies([]), xmppDomain: 'x' });
  assert.deepEqual(headerNames, ['x-machine-secret']);
});
