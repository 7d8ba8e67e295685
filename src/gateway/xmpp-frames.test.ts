/** A stream opens to one host, and only in words that leave nothing to interpret. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeOpening, LONGEST_OPENING } from './xmpp-frames.ts';

const NS = 'urn:ietf:params:xml:ns:xmpp-framing';
const DOMAIN = 'meet.jitsi';
const open = (to: string) => `<open xmlns='${NS}' to='${to}' version='1.0'/>`;

const OPENS: readonly (readonly [string, string])[] = [
  ['as the web client writes it', open(DOMAIN)],
  ['with the other quotes', open(DOMAIN).replaceAll("'", '"')],
  ['in another order, with a language', `<open to="${DOMAIN}" xml:lang='en' version="1.0" xmlns="${NS}"/>`],
  ['over several lines', `<open\n xmlns='${NS}'\r\n\tto='${DOMAIN}'  />`],
  ['with its own end', `<open xmlns='${NS}' to='${DOMAIN}'></open>`],
  ['with who one was', `<open xmlns='${NS}' from='a@meet.jitsi' id='x' to='${DOMAIN}'/>`],
];
for (const [what, text] of OPENS)
  test(`a stream opens ${what}`, () => assert.deepEqual(judgeOpening(text, DOMAIN), { kind: 'opens' }));

const HOSTS = [
  'guest.meet.jitsi',
  'auth.meet.jitsi',
  'hidden.meet.jitsi',
  'lobby.meet.jitsi',
  'muc.meet.jitsi',
  'focus.meet.jitsi',
  'other.example.org',
  'MEET.JITSI',
  'Meet.jitsi',
  'meet.jitsi.',
  'meet.jitsi/resource',
  'a@meet.jitsi',
  ' meet.jitsi',
  'meet.jitsi ',
  '',
];
for (const to of HOSTS)
  test(`no stream opens to "${to}"`, () =>
    assert.deepEqual(judgeOpening(open(to), DOMAIN), { kind: 'host-unknown', to }));

const UNREADABLE: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['no host', `<open xmlns='${NS}'/>`],
  ['two hosts', `<open xmlns='${NS}' to='${DOMAIN}' to='guest.${DOMAIN}'/>`],
  ['two hosts, one of another namespace', `<open xmlns='${NS}' to='${DOMAIN}' a:to='guest.${DOMAIN}'/>`],
  ['an entity', open('meet&#46;jitsi')],
  ['another namespace', `<open xmlns='jabber:client' to='${DOMAIN}'/>`],
  ['no namespace', `<open to='${DOMAIN}'/>`],
  ['a prefix', `<f:open xmlns:f='${NS}' to='${DOMAIN}'/>`],
  ['a prefix declared besides', `<open xmlns='${NS}' xmlns:x='y' to='${DOMAIN}'/>`],
  ['a declaration before it', `<?xml version='1.0'?>${open(DOMAIN)}`],
  ['a doctype before it', `<!DOCTYPE open [<!ENTITY a 'b'>]>${open(DOMAIN)}`],
  ['a comment before it', `<!-- -->${open(DOMAIN)}`],
  ['a blank before it', ` ${open(DOMAIN)}`],
  ['a blank behind it', `${open(DOMAIN)}\n`],
  ['a stanza behind it', `${open(DOMAIN)}<iq/>`],
  ['another opening behind it', `${open(DOMAIN)}${open('guest.meet.jitsi')}`],
  ['a child', `<open xmlns='${NS}' to='${DOMAIN}'><x/></open>`],
  ['no end', `<open xmlns='${NS}' to='${DOMAIN}'>`],
  ['another element', `<openx xmlns='${NS}' to='${DOMAIN}'/>`],
  ['a close', `<close xmlns='${NS}'/>`],
  ['a stream of the old kind', `<stream:stream xmlns='jabber:client' to='${DOMAIN}'>`],
  ['no quotes', `<open xmlns='${NS}' to=${DOMAIN}/>`],
  ['no blank between', `<open xmlns='${NS}'to='${DOMAIN}'/>`],
  ['letters beyond ASCII', open('m\u00e9et.jitsi')],
  ['a NUL', open('meet.jitsi\u0000')],
  ['a tab in the host', open('meet.jitsi\t')],
  ['too much', `<open xmlns='${NS}' to='${DOMAIN}' id='${'x'.repeat(LONGEST_OPENING)}'/>`],
];
for (const [what, text] of UNREADABLE)
  test(`an opening with ${what} is not read`, () =>
    assert.deepEqual(judgeOpening(text, DOMAIN), { kind: 'unreadable' }));
