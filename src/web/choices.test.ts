/** Who is offered which sign-in service. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoomPath } from '../base/room.ts';
import type { Provider } from '../identity/provider.ts';
import { type Audience, createChoices } from './choices.ts';

function offering(...audiences: readonly Audience[]) {
  const providers = new Map(audiences.map(({ id }) => [id, { id, name: id } as Provider]));
  const choices = createChoices(audiences, providers);
  const at = (path?: string) => choices.offered(path === undefined ? undefined : parseRoomPath(path));
  return {
    choices,
    at: (path?: string) => at(path).map(({ id }) => id),
    mail: (address: string, path?: string) => choices.byEmail(address, at(path))?.id,
  };
}

test('without tenants everybody is offered everything, in order', () => {
  const { at } = offering({ id: 'b' }, { id: 'a' });
  for (const path of [undefined, '/standup', '/acme/standup']) assert.deepEqual(at(path), ['b', 'a']);
});

test('a tenant with services of its own is offered those alone, and nobody else is', () => {
  const { at } = offering(
    { id: 'all' },
    { id: 'acme', tenants: ['acme', 'acme-*'] },
    { id: 'dots', tenants: ['a.b'] },
  );
  assert.deepEqual(at('/acme/standup'), ['acme']);
  assert.deepEqual(at('/acme-west/standup'), ['acme']);
  assert.deepEqual(at('/globex/standup'), ['all']);
  assert.deepEqual(at('/standup'), ['all']);
  assert.deepEqual(at('/a.b/standup'), ['dots']);
  assert.deepEqual(at(), ['all', 'acme', 'dots'], 'where no room is known');
});

test('nobody stands before an empty list', () => {
  const { at } = offering({ id: 'acme', tenants: ['acme'] });
  assert.deepEqual(at('/standup'), ['acme']);
  assert.deepEqual(at('/globex/standup'), ['acme']);
});

test('an address chooses by its whole domain, among what is offered', () => {
  const { mail, choices } = offering(
    { id: 'all', domains: ['example.org'] },
    { id: 'acme', domains: ['acme.example'], tenants: ['acme'] },
  );
  assert.equal(mail('ada@example.org', '/standup'), 'all');
  assert.equal(mail('ada@acme.example', '/acme/standup'), 'acme');
  assert.equal(mail('ada@acme.example', '/standup'), undefined);
  for (const address of ['ada@evil-example.org', 'ada@example.org.evil.example', 'ada@sub.example.org'])
    assert.equal(mail(address), undefined, address);
  assert.equal(choices.asksForEmail(choices.offered(undefined)), true);
  assert.equal(
    choices.asksForEmail(choices.offered(undefined).slice(0, 1)),
    false,
    'one alone asks for nothing',
  );
});
