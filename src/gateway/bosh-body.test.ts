/** The start tag of a BOSH body, as Jitsi's client writes it and as somebody would who wants more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type BoshAsk,
  ended,
  endOf,
  LONGEST_BODY,
  readBosh,
  readBoshAnswer,
  strangersStart,
} from './bosh-body.ts';

const DOMAIN = 'meet.example.org';
const SID = '0b5a5f0e-6f8e-4a51-9a4b-7a3f2f1c9d11';
const XMLNS = "xmlns='http://jabber.org/protocol/httpbind'";
const STARTS =
  "content='text/xml; charset=utf-8' hold='1' ver='1.6' wait='60' xml:lang='en' xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0'";
const bytes = (text: string) => Buffer.from(text);
const read = (text: string) => readBosh(bytes(text), DOMAIN);
const start = (more: string) => read(`<body ${XMLNS} rid='4001' ${STARTS} ${more}/>`);
const told = (ask: BoshAsk) => ('why' in ask ? `${ask.kind}: ${ask.why}` : ask.kind);

test('the first request of Jitsi’s client starts a stream', () =>
  assert.deepEqual(start(`to='${DOMAIN}'`), { kind: 'starts', rid: 4001 }));

test('a request with a sid goes on with that stream, and says whether it is the last', () => {
  assert.deepEqual(read(`<body ${XMLNS} rid='4002' sid='${SID}'><iq xmlns='jabber:client'/></body>`), {
    kind: 'goes-on',
    rid: 4002,
    sid: SID,
    ends: false,
  });
  const last = read(`<body rid="4003" sid="${SID}" type="terminate" ${XMLNS}><presence/></body>`);
  assert.equal(last.kind === 'goes-on' && last.ends, true);
});

test('what stands inside the body is Prosody’s to judge, well-formed or not, and a line end may follow', () => {
  for (const inside of [
    `<message><body>hi</body><html><body xmlns='http://www.w3.org/1999/xhtml'>hi</body></html></message>`,
    '<iq/>'.repeat(2000),
    '<iq></presence>',
    '<iq',
    '<?x?>',
    '\ufffe',
  ])
    assert.equal(
      read(`<body ${XMLNS} rid='4002' sid='${SID}'>${inside}</body>\r\n`).kind,
      'goes-on',
      inside.slice(0, 40),
    );
});

test('a stream that is opened anew after signing in names the host again', () =>
  assert.equal(
    read(
      `<body ${XMLNS} rid='5' sid='${SID}' to='${DOMAIN}' xmlns:xmpp='urn:xmpp:xbosh' xmpp:restart='true'/>`,
    ).kind,
    'goes-on',
  ));

for (const to of [
  `guest.${DOMAIN}`,
  `auth.${DOMAIN}`,
  `hidden.${DOMAIN}`,
  `lobby.${DOMAIN}`,
  `conference.acme.${DOMAIN}`,
  'other.example.org',
  DOMAIN.toUpperCase(),
  `${DOMAIN}.`,
  `${DOMAIN}/focus`,
  `someone@${DOMAIN}`,
  ` ${DOMAIN}`,
  `${DOMAIN} `,
  'meet。example。org',
  'ｍeet.example.org',
  'meet.ex\u00adample.org',
  '',
  '&#x67;uest.meet.example.org',
  'guest.meet&#46;example.org',
])
  test(`a stream to ${JSON.stringify(to)} is for an unknown host, at its start and when it is opened anew`, () => {
    assert.equal(start(`to='${to}'`).kind, 'host-unknown');
    assert.equal(read(`<body ${XMLNS} rid='5' sid='${SID}' to='${to}'/>`).kind, 'host-unknown');
  });

test('a host written with references is the host it stands for, as it is to Prosody', () =>
  assert.equal(start(`to='&#109;eet.example.org'`).kind, 'starts'));

for (const [what, text, expected] of [
  ['no host', `<body ${XMLNS} rid='1' wait='60'/>`, 'unreadable: to'],
  ['a host with a prefix', `<body ${XMLNS} xmlns:x='y' rid='1' x:to='${DOMAIN}'/>`, 'unreadable: to'],
  [
    'a route to another server',
    `<body ${XMLNS} rid='1' to='${DOMAIN}' route='xmpp:evil:5222'/>`,
    'unreadable: to',
  ],
  ['an end before the start', `<body ${XMLNS} rid='1' to='${DOMAIN}' type='terminate'/>`, 'unreadable: sid'],
  ['two hosts', `<body ${XMLNS} rid='1' to='${DOMAIN}' to='guest.${DOMAIN}'/>`, 'unreadable: tag'],
  ['two namespaces', `<body ${XMLNS} xmlns='x' rid='1' to='${DOMAIN}'/>`, 'unreadable: tag'],
  ['another namespace', `<body xmlns='jabber:client' rid='1' to='${DOMAIN}'/>`, 'unreadable: tag'],
  ['no namespace', `<body rid='1' to='${DOMAIN}'/>`, 'unreadable: tag'],
  ['another element', `<bodyguard ${XMLNS} rid='1' to='${DOMAIN}'/>`, 'unreadable: tag'],
  [
    'a prefix',
    `<body:body xmlns:body='http://jabber.org/protocol/httpbind' rid='1' to='${DOMAIN}'/>`,
    'unreadable: tag',
  ],
  [
    'a doctype',
    `<!DOCTYPE body [<!ENTITY g "guest.">]><body ${XMLNS} rid='1' to='&g;${DOMAIN}'/>`,
    'unreadable: tag',
  ],
  ['an entity nobody declared', `<body ${XMLNS} rid='1' to='&g;${DOMAIN}'/>`, 'unreadable: tag'],
  [
    'an encoding',
    `<?xml version='1.0' encoding='utf-16'?><body ${XMLNS} rid='1' to='${DOMAIN}'/>`,
    'unreadable: tag',
  ],
  ['a mark in front', `\ufeff<body ${XMLNS} rid='1' to='${DOMAIN}'/>`, 'unreadable: tag'],
  ['a comment in front', `<!-- --><body ${XMLNS} rid='1' to='${DOMAIN}'/>`, 'unreadable: tag'],
  ['a blank in front', ` <body ${XMLNS} rid='1' to='${DOMAIN}'/>`, 'unreadable: tag'],
  [
    'another body behind it',
    `<body ${XMLNS} rid='1' to='${DOMAIN}'/><body ${XMLNS} rid='2' to='guest.${DOMAIN}'/>`,
    'unreadable: tag',
  ],
  [
    'another body behind what it holds',
    `<body ${XMLNS} rid='1' sid='${SID}'><iq/></body>\n<body ${XMLNS} rid='2' to='guest.${DOMAIN}'/>`,
    'unreadable: tag',
  ],
  [
    'another body far behind it',
    `<body ${XMLNS} rid='1' sid='${SID}'>${'<iq/>'.repeat(2000)}</body><body ${XMLNS} rid='2' sid='${SID}'/>`,
    'unreadable: tag',
  ],
  ['text behind it', `<body ${XMLNS} rid='1' sid='${SID}'/>x`, 'unreadable: tag'],
  ['a zero byte behind it', `<body ${XMLNS} rid='1' sid='${SID}'/>\0`, 'unreadable: tag'],
  ['an instruction behind it', `<body ${XMLNS} rid='1' sid='${SID}'/><?x?>`, 'unreadable: tag'],
  ['no quotes', `<body ${XMLNS} rid=1 to='${DOMAIN}'/>`, 'unreadable: tag'],
  ['no end', `<body ${XMLNS} rid='1' to='${DOMAIN}'`, 'unreadable: tag'],
  ['a tag without end', `<body ${XMLNS} rid='1' x='${'x'.repeat(5000)}' to='${DOMAIN}'/>`, 'unreadable: tag'],
  ['nothing', '', 'unreadable: tag'],
  ['no request id', `<body ${XMLNS} to='${DOMAIN}'/>`, 'unreadable: rid'],
  ['a negative request id', `<body ${XMLNS} rid='-1' to='${DOMAIN}'/>`, 'unreadable: rid'],
  ['a request id in hex', `<body ${XMLNS} rid='0x10' to='${DOMAIN}'/>`, 'unreadable: rid'],
  ['a request id with an exponent', `<body ${XMLNS} rid='1e3' to='${DOMAIN}'/>`, 'unreadable: rid'],
  [
    'a request id beyond counting',
    `<body ${XMLNS} rid='9007199254740991' to='${DOMAIN}'/>`,
    'unreadable: rid',
  ],
  ['an empty sid', `<body ${XMLNS} rid='1' sid=''/>`, 'unreadable: sid'],
  ['a sid with a quote', `<body ${XMLNS} rid='1' sid="a'b to='x"/>`, 'unreadable: sid'],
  ['a sid over two lines', `<body ${XMLNS} rid='1' sid='${SID}\n'/>`, 'unreadable: sid'],
] as const)
  test(`a body with ${what} is not read`, () => assert.equal(told(read(text)), expected));

test('a body in UTF-16 is not read, whatever it says in it', () =>
  assert.equal(
    told(readBosh(Buffer.from(`<body ${XMLNS} rid='1' to='${DOMAIN}'/>`, 'utf16le'), DOMAIN)),
    'unreadable: tag',
  ));

test('a body of broken UTF-8 in its start tag is not read', () =>
  assert.equal(
    told(
      readBosh(
        Buffer.concat([bytes(`<body ${XMLNS} rid='1' x='`), Buffer.of(0xff), bytes(`' to='${DOMAIN}'/>`)]),
        DOMAIN,
      ),
    ),
    'unreadable: tag',
  ));

test('a body of more than a mebibyte is not read, and one of a little less is', () => {
  const of = (length: number) => read(`<body ${XMLNS} rid='1' sid='${SID}'>`.padEnd(length, 'x'));
  assert.equal(told(of(LONGEST_BODY + 1)), 'unreadable: size');
  assert.equal(of(LONGEST_BODY).kind, 'goes-on');
});

test('letters cut in two where the first bytes end are no fault', () =>
  assert.equal(read(`<body ${XMLNS} rid='1' sid='${SID}'>${'ä'.repeat(4096)}`).kind, 'goes-on'));

test('whatever bytes come, they are judged and nothing is thrown', () => {
  const piece = fc.constantFrom(
    ...[
      '<body ',
      XMLNS,
      " rid='1'",
      ` to='${DOMAIN}'`,
      ` sid='${SID}'`,
      '/>',
      '>',
      '<',
      '&',
      ';',
      "'",
      '"',
      '=',
      ' ',
    ],
    ...['<!DOCTYPE', '<?', '?>', '<![CDATA[', ']]>', '-->', 'xmlns:x="y"', '\0', '\ud800'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.uint8Array({ maxLength: 8 }), (parts, tail) => {
      const ask = readBosh(Buffer.concat([bytes(parts.join('')), tail]), DOMAIN);
      if (ask.kind === 'starts') assert.ok(parts.includes(` to='${DOMAIN}'`));
      if (ask.kind === 'goes-on') assert.equal(ask.sid, SID);
    }),
    { numRuns: 3000 },
  );
});

test('Prosody’s answer to the first request says how the stream is called', () => {
  const answer = `<body xmpp:version='1.0' inactivity='60' sid='${SID}' xmlns:xmpp='urn:xmpp:xbosh' ${XMLNS} xmlns:stream='http://etherx.jabber.org/streams'><stream:features/></body>`;
  assert.deepEqual(readBoshAnswer(bytes(answer)), { sid: SID, ends: false, condition: undefined });
});

test('an answer that ends the stream says so, and why', () => {
  assert.deepEqual(readBoshAnswer(bytes(ended('item-not-found'))), {
    sid: undefined,
    ends: true,
    condition: 'item-not-found',
  });
  assert.equal(readBoshAnswer(bytes(ended()))?.ends, true);
});

for (const [what, text] of [
  ['of a web server', '<html><body/></html>'],
  ['that is empty', ''],
  ['of two streams', `<body ${XMLNS} sid='${SID}' sid='x'/>`],
] as const)
  test(`an answer ${what} says nothing in BOSH`, () => assert.equal(readBoshAnswer(bytes(text)), undefined));

test('the end we send in somebody’s stead is one that we would read ourselves', () => {
  const ask = read(endOf(SID, 77));
  assert.deepEqual(ask, { kind: 'goes-on', rid: 77, sid: SID, ends: true });
});

test('who brought no token is offered ANONYMOUS, hears “token required” alone, and only then the end', () => {
  const offered = strangersStart(DOMAIN);
  assert.match(offered, /<stream:features xmlns:stream=[^>]+><mechanisms[^>]+><mechanism>ANONYMOUS</);
  const sid = /sid='([^']+)'/.exec(offered)?.[1];
  const says = (inside: string, more = '') => {
    const ask = read(`<body ${XMLNS} rid='2' sid='${sid}' ${more}>${inside}</body>`);
    return ask.kind === 'stranger' ? ask.answer : ask.kind;
  };
  const chosen = says("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
  assert.match(chosen, /<failure[^>]+><not-allowed\/><text>token required<\/text><\/failure><\/body>$/);
  assert.doesNotMatch(chosen, /terminate/);
  for (const after of [says(''), says('<iq/>'), says('', "type='terminate'"), says("<auth xmlns='x'/>")])
    assert.match(after, /type='terminate'/);
});

for (const [what, inside] of [
  ['as the first element', `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' to='guest.meet.jitsi'/>`],
  ['behind a stanza', `<iq/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' to='guest.meet.jitsi'/>`],
  ['far behind', `<iq>${'x'.repeat(9000)}</iq><auth to='guest.meet.jitsi'/>`],
  ['under a prefix', `<s:response xmlns:s='urn:ietf:params:xml:ns:xmpp-sasl' to = "guest.meet.jitsi"/>`],
] as const)
  test(`who signs in at another host, ${what}, is told apart [PROXY-28]`, () =>
    assert.deepEqual(
      readBosh(
        Buffer.from(
          `<body xmlns='http://jabber.org/protocol/httpbind' rid='7' sid='abcdefgh'>${inside}</body>`,
        ),
        'meet.jitsi',
      ),
      { kind: 'host-unknown', to: 'guest.meet.jitsi' },
    ));

test('a stanza that names a host goes on, and so does a message about signing in', () => {
  for (const inside of [
    `<iq to='guest.meet.jitsi'/>`,
    `<message to='a@b'><auth to='x'/></message>`,
    `<auth/>`,
  ])
    assert.equal(
      readBosh(
        Buffer.from(
          `<body xmlns='http://jabber.org/protocol/httpbind' rid='7' sid='abcdefgh'>${inside}</body>`,
        ),
        'meet.jitsi',
      ).kind,
      'goes-on',
    );
});
