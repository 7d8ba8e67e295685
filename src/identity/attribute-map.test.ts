import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../base/problem.ts';
import { parseAttributeMap, readAttributeMap } from './attribute-map.ts';
import { toClaims } from './saml/attributes.ts';

const map = (inside: string) =>
  parseAttributeMap(
    `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${inside}</Attributes>`,
  );
const SCOPED = '<AttributeDecoder xsi:type="ScopedAttributeDecoder" caseSensitive="false"/>';

/** As the file that Debian ships has them. */
const SHIPPED = `
  <!-- First some useful eduPerson attributes that many sites might use. -->
  <Attribute name="urn:oid:1.3.6.1.4.1.5923.1.1.1.6" id="eppn">${SCOPED}</Attribute>
  <Attribute name="urn:mace:dir:attribute-def:eduPersonPrincipalName" id="eppn">${SCOPED}</Attribute>
  <Attribute name="urn:oid:1.3.6.1.4.1.5923.1.1.1.7" id="entitlement"/>
  <Attribute name="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" id="persistent-id">
    <AttributeDecoder xsi:type="NameIDAttributeDecoder" formatter="$NameQualifier!$SPNameQualifier!$Name" defaultQualifiers="true"/>
  </Attribute>`;

test('plain names and ids are taken, and what is more than that is named', () => {
  const read = map(`${SHIPPED}
    <Attribute name="a" id="two"><AttributeDecoder xsi:type="Base64AttributeDecoder"/></Attribute>
    <Attribute name="b" id="three" aliases="x y"/>
    <Attribute name="c" id="four"><AttributeDecoder xsi:type="ScopedAttributeDecoder" scopeDelimiter="!"/></Attribute>
    <Attribute name="d" id="__proto__"/>
    <Attribute id="nameless"/>
    <GSSAPIAttribute/>`);
  assert.deepEqual(read, {
    attributes: [
      { name: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.6', id: 'eppn', scoped: true },
      { name: 'urn:mace:dir:attribute-def:eduPersonPrincipalName', id: 'eppn', scoped: true },
      { name: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.7', id: 'entitlement', scoped: false },
    ],
    ignored: ['persistent-id', 'two', 'three', 'four', '__proto__', 'nameless', 'GSSAPIAttribute'],
  });
});

test('what is no attribute map, or holds a document type, is refused whole', async () => {
  assert.deepEqual(parseAttributeMap('<Attributes/>'), { fault: 'not-an-attribute-map' });
  assert.deepEqual(parseAttributeMap('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'), {
    fault: 'doctype',
  });
  assert.deepEqual(parseAttributeMap('not XML'), { fault: 'malformed' });
  await assert.rejects(
    readAttributeMap('/nowhere/attribute-map.xml'),
    (thrown) => isProblem(thrown, 'config.unusable') && thrown.facts['why'] === 'ENOENT',
  );
});

test('attributes go by their ids beside the names they have anyway, and scopes hold for both', () => {
  const read = map(`${SHIPPED}<Attribute name="urn:x-staff" id="staffId">${SCOPED}</Attribute>`);
  assert.ok('attributes' in read);
  const told = toClaims(
    {
      attributes: [
        ['urn:oid:1.3.6.1.4.1.5923.1.1.1.6', ['ada@example.org', 'root@evil.example']],
        ['urn:oid:1.3.6.1.4.1.5923.1.1.1.7', ['one', 'two']],
        ['urn:x-staff', ['7@example.org', '8@evil.example']],
        ['urn:other', ['stays']],
      ],
    },
    ['example.org'],
    read.attributes,
  );
  assert.deepEqual(told.claims, {
    eduPersonPrincipalName: 'ada@example.org',
    eppn: 'ada@example.org',
    eduPersonEntitlement: ['one', 'two'],
    entitlement: ['one', 'two'],
    staffId: '7@example.org',
    'urn:x-staff': '7@example.org',
    'urn:other': 'stays',
  });
  assert.deepEqual([...told.outOfScope].sort(), ['eduPersonPrincipalName', 'urn:x-staff']);
});

test('an id that is a name of ours is held to the same scopes, and none can say what we make ourselves', () => {
  const told = toClaims(
    { attributes: [['urn:x', ['ada@evil.example']]], nameId: { value: 'real', format: '' } },
    ['example.org'],
    [
      { name: 'urn:x', id: 'eduPersonPrincipalName', scoped: false },
      { name: 'urn:x', id: 'nameId', scoped: false },
      { name: 'urn:x', id: 'persistentNameId', scoped: false },
    ],
  );
  assert.deepEqual(told.claims, { nameId: 'real' });
});
