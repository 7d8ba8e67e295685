import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyByte } from './frames.ts';
import { createJoins, joinsInFrames, roomAt } from './joins.ts';

const DOMAIN = 'meet.example.org';
const joins = createJoins((room) => room === 'unreadable' || room.name === 'board', DOMAIN);
const piece = (xml: string) => joins.piece(Buffer.from(xml));

for (const [what, xml] of Object.entries({
  'a presence': "<presence to='board@conference.meet.example.org/ada'/>",
  'in capitals': "<presence to='BOARD@Conference.Meet.Example.Org/ada'/>",
  'an entity in it': "<presence to='&#98;oard@conference.meet.example.org/ada'/>",
  'behind another element': "<presence/><presence to='board@conference.meet.example.org/ada'/>",
  'inside another element': "<x><presence to='board@conference.meet.example.org/ada'/></x>",
  'with a prefix': "<c:presence xmlns:c='jabber:client' c:to='board@conference.meet.example.org/a'/>",
  'of a tenant, in Prosody’s words': "<presence to='[sales]board@conference.meet.example.org/ada'/>",
  'of a tenant, in the client’s': "<presence to='board@conference.sales.meet.example.org/ada'/>",
  'by its lobby': "<presence to='board@lobby.meet.example.org/ada'/>",
  'a name with an escape': "<presence to='%62oard@conference.meet.example.org/ada'/>",
  'a name that is none': "<presence to='a\\20b@conference.meet.example.org/ada'/>",
  'a soft hyphen in it': "<presence to='bo\u00adard@conference.meet.example.org/ada'/>",
  'a letter that is two to Prosody': "<presence to='stra\u00dfe@conference.meet.example.org/ada'/>",
  'letters of full width': "<presence to='\uff42oard@conference.meet.example.org/ada'/>",
  'a blank before it': "<presence to=' board@conference.meet.example.org/ada'/>",
  'a host in other letters': "<presence to='board@\uff42reakout.meet.example.org/ada'/>",
  'what visitors ask for':
    "<iq to='visitors.meet.example.org'><visitors xmlns='jitsi:visitors' room='board@conference.meet.example.org'/></iq>",
  'a host with a dot behind it': "<presence to='board@conference.meet.example.org./ada'/>",
  'a conference request':
    "<iq to='focus.meet.example.org' type='set'><conference xmlns='http://jitsi.org/protocol/focus' room='board@conference.meet.example.org'/></iq>",
}))
  test(`what leads into a guarded room is seen: ${what}`, () => {
    assert.equal(piece(xml), 'guarded');
  });

for (const [what, xml] of Object.entries({
  'a room that is not guarded': "<presence to='standup@conference.meet.example.org/board@conference'/>",
  'a service': "<iq to='meet.example.org' type='get'/>",
  'nobody at all': '<presence/>',
  'the opening': "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.example.org'/>",
  'another account': "<iq to='board@meet.example.org'/>",
  'a breakout room': "<presence to='0b0a9d2e-aaaa@breakout.meet.example.org/ada'/>",
  'what somebody says':
    "<message to='standup@conference.meet.example.org'><body>board@conference</body></message>",
}))
  test(`what leads elsewhere passes: ${what}`, () => {
    assert.equal(piece(xml), 'passes');
  });

for (const [what, xml] of Object.entries({
  'an element that is not closed': "<presence to='standup@conference.meet.example.org/a'>",
  'a stream that is opened by hand': "<stream:stream to='meet.example.org'>",
  'the rest of an element': "</presence><presence to='standup@x.y'/>",
  'a declaration': "<?xml version='1.0' encoding='utf-16'?><presence/>",
  'a type of its own': "<!DOCTYPE x [<!ENTITY b 'board'>]><presence to='&b;@conference.meet.example.org/a'/>",
  'a text of characters that does not end': '<presence/><![CDATA[',
  'a comment': '<!-- <presence/> -->',
}))
  test(`what is not whole by itself does not pass: ${what}`, () => {
    assert.equal(piece(xml), 'unreadable');
  });

test('a tenant is read from where it stands', () => {
  const told = (address: string) => {
    const room = roomAt(address, DOMAIN);
    return typeof room === 'object' ? [room.tenant, room.name] : room;
  };
  assert.deepEqual(told('a@conference.sales.meet.example.org'), ['sales', 'a']);
  assert.deepEqual(told('[sales]a@conference.meet.example.org'), ['sales', 'a']);
  assert.deepEqual(told('a@conference.meet.example.org'), [undefined, 'a']);
  assert.equal(told('conference.meet.example.org'), undefined);
});

test('over a WebSocket nothing of a message goes on before all of it was seen, and none comes in parts', () => {
  const judge = joinsInFrames(joins);
  const key = 0x01020304;
  const masked = (xml: string) => Buffer.from(xml).map((byte, at) => byte ^ keyByte(key, at));
  const fine = masked("<presence to='standup@conference.meet.example.org/a'/>");
  assert.equal(judge(fine.subarray(0, 20), { final: true, length: fine.length, key }), 'short');
  assert.equal(judge(fine, { final: true, length: fine.length, key }), 'passes');
  assert.equal(judge(fine, { final: false, length: fine.length, key }), 'opening');
  const bad = masked("<presence to='board@conference.meet.example.org/a'/>");
  assert.equal(judge(bad, { final: true, length: bad.length, key }), 'opening');
});
