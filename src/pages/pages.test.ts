import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GALLERY_BRANDING, GALLERY_NONCE, gallery } from '../../test/support/gallery.ts';
import { type ReadElement, readHtml } from '../../test/support/read-html.ts';
import { inAppBrowserPage, signInPage } from './chooser.ts';
import { backPage, handOffPage, outsidePage } from './hand-off.ts';
import { hostingPage } from './hosting.ts';
import { invitePage } from './invite.ts';
import type { Frame } from './layout.ts';
import { linkPage } from './link.ts';
import type { Html } from './markup.ts';
import { passPage } from './pass.ts';
import { signedInHerePage, signOutBehindPage } from './popup.ts';
import { problemPage } from './problem.ts';
import { SCRIPTS } from './scripts.ts';
import { signedOutPage, signingOutPage, signOutPage } from './signed-out.ts';
import { STYLESHEET, stylesheetPath } from './stylesheet.ts';
import { whoamiPage } from './whoami.ts';
import { WORDS } from './words/language.ts';

for (const words of Object.values(WORDS)) {
  const { language, problems, problem } = words;
  const down = problems['provider.unreachable'];
  const about = (provider?: { readonly name: string; readonly others: boolean }) => {
    const frame = { words, branding: GALLERY_BRANDING, prefix: '/_ostiary', nonce: GALLERY_NONCE };
    const html = String(
      problemPage({
        ...frame,
        id: 'K7QF-2M9X',
        code: 'provider.unreachable',
        retry: '/list',
        ...(provider && { provider }),
      }),
    );
    const text = (tag: string) => readHtml(html).find((element) => element.tag === tag)?.text;
    return { html, title: text('title'), heading: text('h1'), link: text('a') };
  };

  test(`in ${language} the page of a provider that is away names it, and offers the list where others stand`, () => {
    const { html, title, heading, link } = about({ name: 'Uni Köln', others: true });
    const sentence = down.named.replace('{provider}', 'Uni Köln');
    assert.equal(heading, sentence);
    assert.equal(title, `${sentence} – University of Brightwater`);
    assert.equal(link, problem.otherProvider);
    assert.ok(html.includes(`<p>${down.elsewhere}</p>`) && html.includes('href="/list"'));
  });

  test(`in ${language} the page of the only provider, away, speaks of no other`, () => {
    const { html, heading, link } = about({ name: 'Uni Köln', others: false });
    assert.deepEqual([heading, link], [down.named.replace('{provider}', 'Uni Köln'), problem.retry]);
    assert.ok(html.includes(`<p>${down.whatToDo}</p>`));
    const nameless = about();
    assert.deepEqual([nameless.heading, nameless.link], [down.happened, problem.retry]);
  });

  test(`in ${language} a provider's name is text wherever it stands, and never another place to fill`, () => {
    const { html } = about({ name: '<b>"&{provider}\u202e', others: true });
    assert.equal(
      html.match(/&lt;b&gt;&quot;&amp;\{provider\}/g)?.length,
      2,
      'in the title and in the heading',
    );
    assert.doesNotMatch(html, /<b>|\u202e/);
  });
}

for (const { name, language, html } of gallery({
  ...GALLERY_BRANDING,
  logoUrl: '/logo.svg',
  colour: '#c8102e',
  extraCssPath: '/own.css',
})) {
  const elements = readHtml(html);
  const all = (tag: string) => elements.filter((element) => element.tag === tag);

  test(`${name} in ${language} has its language, a title, one heading and its landmarks`, () => {
    assert.equal(all('html')[0]?.attributes.lang, language);
    assert.match(all('title')[0]?.text ?? '', /\S – University of Brightwater$/);
    for (const tag of ['title', 'h1', 'main', 'header', 'footer']) assert.equal(all(tag).length, 1, tag);
  });

  test(`${name} in ${language} runs no script and wears no style but by nonce, from the table`, () => {
    for (const { tag, attributes, text } of [...all('script'), ...all('style')]) {
      assert.equal(attributes.nonce, GALLERY_NONCE);
      assert.equal(attributes.src, undefined);
      if (tag === 'script') assert.ok(Object.values<string>(SCRIPTS).includes(text));
    }
    assert.deepEqual(
      elements.flatMap(({ attributes }) => Object.keys(attributes)).filter((key) => /^on|^style$/i.test(key)),
      [],
    );
  });

  test(`${name} in ${language} loads nothing but the stylesheet and what the operator named`, () => {
    const loaded = elements
      .flatMap(({ tag, attributes }) => (tag === 'a' ? [] : [attributes.href, attributes.src]))
      .filter((to) => to !== undefined);
    assert.deepEqual(loaded, [stylesheetPath('/_ostiary'), '/own.css', '/logo.svg']);
  });

  test(`${name} in ${language} names every field, button, link and picture`, () => {
    const labels = all('label').map(({ attributes }) => attributes.for);
    const fields = all('input').filter(({ attributes }) => attributes.type !== 'hidden');
    assert.deepEqual(
      fields.filter(({ attributes }) => !labels.includes(attributes.id)),
      [],
    );
    assert.deepEqual(
      [...all('button'), ...all('a')].filter(({ text }) => text.trim() === ''),
      [],
    );
    assert.deepEqual(
      all('img').filter(({ attributes }) => !attributes.alt),
      [],
    );
  });

  test(`${name} in ${language} gives each id once, and points only at what is there`, () => {
    const ids = elements.flatMap(({ attributes }) => attributes.id ?? []);
    assert.equal(new Set(ids).size, ids.length);
    const pointed = elements.flatMap(({ attributes }) => [
      attributes['aria-labelledby'],
      attributes['aria-describedby'],
      attributes.for,
    ]);
    assert.deepEqual(
      pointed.filter((id) => id !== undefined && !ids.includes(id)),
      [],
    );
  });

  test(`${name} in ${language} can be used without script`, () => {
    // What a script alone sends, nobody sees.
    const forms = all('form').filter(({ attributes }) => attributes['hidden'] === undefined).length;
    assert.ok(all('button').length >= forms);
    assert.ok(forms + all('a').length > 0);
  });
}

const HOSTILE_TEXT = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus=alert(1) autofocus='",
  '</title></textarea></style></script><svg/onload=alert(1)>',
  '<!--',
  '&lt;script&gt;&#x3c;',
  '{{7*7}} {room} {provider}',
  '\u202egnp.exe\u2066\u0000\r\n',
  '\ud800',
  'A"<'.repeat(3_400),
];
const HOSTILE_ADDRESSES = [
  'javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  ' javascript:x',
  'java\tscript:x',
  'data:text/html,<script>',
  '//evil.example',
  '/\\evil.example',
  '"><script>',
];

for (const text of HOSTILE_TEXT)
  test(`${JSON.stringify(text.slice(0, 40))} written anywhere stays text`, () => {
    const tame = everyPage('tame', '/there');
    assert.deepEqual(everyPage(text, '/there').map(shape), tame.map(shape));
  });

for (const address of HOSTILE_ADDRESSES)
  test(`${JSON.stringify(address)} is nowhere linked to, loaded or posted to`, () => {
    const wrong = everyPage('tame', address)
      .flatMap(readHtml)
      .flatMap(({ attributes }) => [attributes.href, attributes.src, attributes.action])
      .filter((to) => to !== undefined && to !== stylesheetPath('/_ostiary'));
    assert.deepEqual(wrong, []);
  });

test('a direction turned by a stranger ends with their text', () => {
  const seen = everyPage('\u202eabc\u2067', '/there')
    .flatMap(readHtml)
    .map(({ text, attributes }) => `${text}${attributes.alt}`);
  assert.doesNotMatch(seen.join(), /[\u202a-\u202e\u2066-\u2069]/);
});

test('extra CSS comes from this site alone', () => {
  const page = whoamiPage({
    ...frame('x'),
    branding: { name: 'x', extraCssPath: 'https://elsewhere.example/x.css' },
    name: 'x',
    lead: '/',
    signOut: { action: '/' },
  });
  assert.doesNotMatch(String(page), /elsewhere/);
});

test('a colour that is none adds no style', () => {
  const page = whoamiPage({
    ...frame('x'),
    branding: { name: 'x', colour: '#fff}*{display:none' },
    name: 'x',
    lead: '/',
    signOut: { action: '/' },
  });
  assert.equal(readHtml(String(page)).filter(({ tag }) => tag === 'style').length, 0);
});

test('the one sign-in service is sent by a script only when asked for', () => {
  const providers = [{ id: 'staff', name: 'Staff' }];
  const scripts = (auto: boolean, list = providers) =>
    readHtml(
      String(signInPage({ ...frame('x'), target: '/standup', action: '/in', providers: list, auto })),
    ).filter(({ tag }) => tag === 'script').length;
  assert.deepEqual(
    [scripts(true), scripts(false), scripts(true, [...providers, { id: 'b', name: 'B' }])],
    [1, 0, 0],
  );
});

test('what stands behind the # is put by before the form is sent, and the page says what is lost without script', () => {
  const page = { ...frame('x'), target: '/standup', action: '/in', providers: [{ id: 'a', name: 'A' }] };
  const of = (html: Html) => {
    const elements = readHtml(String(html));
    return {
      scripts: elements.filter(({ tag }) => tag === 'script').map(({ text }) => text),
      path: elements.find(({ tag }) => tag === 'main')?.attributes['data-room-path'],
      said: elements.filter(({ tag }) => tag === 'noscript').length,
    };
  };
  assert.deepEqual(of(signInPage({ ...page, auto: true, keepsFragmentFor: '/a"b' })), {
    scripts: [SCRIPTS['keep-fragment'], SCRIPTS['submit-form']],
    path: '/a"b',
    said: 1,
  });
  assert.deepEqual(of(signInPage({ ...page, auto: false })), { scripts: [], path: undefined, said: 0 });
});

test('the way back travels with the sign-in as the field `to`', () => {
  const page = signInPage({ ...frame('x'), target: '/a?b="c"&d', action: '/in', providers: [], auto: false });
  assert.equal(fieldsOf(String(page)).to, '/a?b="c"&d');
});

test('the entry code is never written back into the page', () => {
  const page = String(passPage({ ...frame('x'), form: { action: '/pass' }, wrong: true, name: 'Grace' }));
  assert.equal(fieldsOf(page).code, undefined);
  assert.equal(fieldsOf(page).name, 'Grace');
});

test('a problem page tells the id, the room and the sentence of the rule', () => {
  const page = problemPage({
    ...frame('x'),
    code: 'entry.refused',
    id: 'K7QF-2M9X',
    room: 'Größe und Maß',
    reason: 'Members only, please.',
  });
  const text = readHtml(String(page)).find(({ tag }) => tag === 'main')?.text ?? '';
  for (const part of [
    'K7QF-2M9X',
    'Größe und Maß',
    'Members only, please.',
    WORDS.en.problems['entry.refused'].whatToDo,
  ])
    assert.ok(text.includes(part), part);
});

for (const [language, when] of [
  ['en', 'January 11, 2027 at 2:31 PM UTC'],
  ['de', '11. Januar 2027 um 14:31 UTC'],
  ['fr', '11 janvier 2027 à 14:31 UTC'],
  ['es', '11 de enero de 2027 a las 14:31 UTC'],
] as const)
  test(`in ${language} a page that says until when names a minute, by which it is over`, () => {
    const until = Date.UTC(2027, 0, 11, 14, 30, 1);
    const page = problemPage({
      ...frame('x'),
      ...{ words: WORDS[language], code: 'entry.kicked', id: 'K7QF-2M9X', until },
    });
    const text = readHtml(String(page))
      .find(({ tag }) => tag === 'time')
      ?.text.replace(/\s/g, ' ');
    assert.equal(text, when);
  });

test('what is hidden is not to be seen, whatever else it is', () =>
  assert.match(STYLESHEET, /^\[hidden\] \{ display: none !important; \}$/m));

test('the stylesheet loads nothing and holds no value of anybody', () => {
  assert.doesNotMatch(STYLESHEET, /url\(|@import|@font-face|undefined|\[object|\$\{/);
  assert.match(stylesheetPath('/_ostiary'), /^\/_ostiary\/style-[0-9a-f]{16}\.css$/);
});

function frame(text: string): Frame {
  return { words: WORDS.en, branding: { name: text }, prefix: '/_ostiary', nonce: 'n' };
}

/** Every page, with this text wherever text goes and this address wherever one goes. */
function everyPage(text: string, address: string): string[] {
  const all: Frame = {
    ...frame(text),
    branding: { name: text, logoUrl: address, colour: text, extraCssPath: address },
    id: text,
  };
  const form = { action: address, hidden: { to: text, [`x-${text.length > 4 ? 'y' : 'z'}`]: text } };
  const providers = [{ id: text, name: text }];
  const pages: Html[] = [
    signInPage({
      ...all,
      room: text,
      target: text,
      action: address,
      providers,
      auto: true,
      keepsFragmentFor: text,
    }),
    signInPage({
      ...all,
      room: text,
      target: text,
      action: address,
      providers: [...providers, ...providers],
      auto: false,
    }),
    inAppBrowserPage({ ...all, room: text, url: address, anyway: address, keepsFragmentFor: text }),
    handOffPage({ ...all, room: text, path: text, form, app: text, stores: [address, address] }),
    backPage({ ...all, room: text, action: address, target: text, app: text, stores: [address], auto: true }),
    signedInHerePage({ ...all, room: text, action: address, target: text, url: address }),
    signOutBehindPage({ ...all, action: address }),
    outsidePage({ ...all, room: text, url: address, embedders: [text] }),
    outsidePage({ ...all, room: text, url: address, embedders: [text], tab: form, byTicket: true }),
    problemPage({
      ...all,
      id: text,
      code: 'entry.refused',
      room: text,
      reason: text,
      signedInAs: text,
      retry: address,
      home: address,
      otherAccount: form,
    }),
    signOutPage({ ...all, form, name: text, home: address }),
    signingOutPage({ ...all, form, provider: text }),
    signedOutPage({ ...all, stillAt: text, signIn: address, home: address }),
    passPage({ ...all, form, room: text, wrong: true, name: text }),
    invitePage({ ...all, form, room: text, by: text, about: text, wrong: true, longest: 60 }),
    invitePage({ ...all, form, room: text, by: text, about: text, signedInAs: text, longest: 60 }),
    hostingPage({
      ...{ ...all, room: text, here: address, meeting: address, mark: text, now: 0, waitingCount: 2 },
      waiting: [{ person: text, name: text, standing: 'guest', since: 60 }],
      invitations: [
        { ...{ id: text, about: text, by: text, email: text, role: 'guest' }, until: 0, isOver: true },
      ],
      out: [{ person: text, name: text, until: 0, turnedAway: true, byOperator: false }],
      lately: [{ person: text, name: text }],
      ...{ roles: ['host'], from: '', until: '', mostUses: 1, spans: [60] },
      done: { what: 'let-in', name: text },
      made: { link: address, text, code: text, starts: '' },
    }),
    whoamiPage({
      ...all,
      name: text,
      email: text,
      provider: text,
      lead: address,
      signOut: form,
      home: address,
    }),
  ];
  return pages.map(String);
}

/** What a page is built of, without what stands in it. */
function shape(page: string): readonly string[] {
  return readHtml(page).map(({ tag, attributes, inside }) =>
    [...inside, tag, ...Object.keys(attributes)].join(' '),
  );
}

function fieldsOf(page: string): Record<string, string | undefined> {
  const inputs: readonly ReadElement[] = readHtml(page).filter(({ tag }) => tag === 'input');
  return Object.fromEntries(inputs.map(({ attributes }) => [attributes.name, attributes.value]));
}

test('the page that hands a link on has one form, which is sent by a script alone', () => {
  for (const words of Object.values(WORDS)) {
    const frame = { words, branding: GALLERY_BRANDING, prefix: '/_ostiary', nonce: GALLERY_NONCE };
    const form = { action: '/_ostiary/link', hidden: { to: '/standup' } };
    const html = String(linkPage({ ...frame, room: 'standup', path: '/standup', form }));
    const elements = readHtml(html);
    const forms = elements.filter(({ tag }) => tag === 'form');
    assert.equal(forms.length, 1);
    assert.match(html, /<form method="post" action="\/_ostiary\/link" hidden data-link>/);
    assert.match(html, /<input type="hidden" name="jwt" value="">/);
    assert.deepEqual(
      ['take-link', 'keep-fragment', 'submit-form'].map((name) =>
        html.indexOf(SCRIPTS[name as keyof typeof SCRIPTS]),
      ),
      ['take-link', 'keep-fragment', 'submit-form']
        .map((name) => html.indexOf(SCRIPTS[name as keyof typeof SCRIPTS]))
        .toSorted((a, b) => a - b),
      'a token is taken before the address is cleaned, and that before anything is sent',
    );
    assert.ok(html.includes(words.link.enter));
  }
});

test('whom a link did not let in is offered their account', () => {
  const { en } = WORDS;
  const frame = { words: en, branding: GALLERY_BRANDING, prefix: '/_ostiary', nonce: GALLERY_NONCE };
  const page = { ...frame, id: 'K7QF-2M9X', code: 'link.expired' } as const;
  assert.match(
    String(problemPage({ ...page, byAccount: '/standup' })),
    /<a class="primary" href="\/standup">Go on with an account</,
  );
  assert.doesNotMatch(String(problemPage({ ...page, byAccount: 'javascript:alert(1)' })), /javascript/);
});
