/**
 * Every page there is, with made-up people and rooms, in every language: for
 * screenshots, for axe, and for promises that hold on each of them.
 */
import { arrivedPage } from '../../src/pages/arrived.ts';
import { inAppBrowserPage, leadingOnPage, signInPage } from '../../src/pages/chooser.ts';
import { backPage, handOffPage, outsidePage } from '../../src/pages/hand-off.ts';
import { type HostingPageProps, hostingPage } from '../../src/pages/hosting.ts';
import { invitePage } from '../../src/pages/invite.ts';
import type { Branding, Frame } from '../../src/pages/layout.ts';
import { linkPage } from '../../src/pages/link.ts';
import type { Html } from '../../src/pages/markup.ts';
import { memberPage } from '../../src/pages/member.ts';
import { onwardPage } from '../../src/pages/onward.ts';
import { passPage } from '../../src/pages/pass.ts';
import { passwordPage } from '../../src/pages/password.ts';
import { signedInHerePage } from '../../src/pages/popup.ts';
import { problemPage } from '../../src/pages/problem.ts';
import { signedOutPage, signingOutPage, signOutPage } from '../../src/pages/signed-out.ts';
import { waitingPage } from '../../src/pages/waiting.ts';
import { whoamiPage } from '../../src/pages/whoami.ts';
import { WORDS } from '../../src/pages/words/language.ts';
import type { Language } from '../../src/pages/words/words.ts';

/** One page as it is sent. */
export interface GalleryPage {
  /** Without the language: `sign-in-choose`. Good as a file name. */
  readonly name: string;
  readonly language: Language;
  readonly html: string;
}

/** The nonce every page of the gallery is made with. */
export const GALLERY_NONCE = 'gallery';

const PROVIDERS = [
  { id: 'staff', name: 'University of Brightwater' },
  { id: 'guests', name: 'Guest accounts' },
  { id: 'partners', name: 'Partner institutes' },
];

function typing() {
  return {
    form: { action: '/_ostiary/password', hidden: { state: 'gallery' } },
    provider: 'University of Brightwater',
    limits: { username: 256, password: 512 },
  };
}
const MEMBERS = ['Academy of Arts', 'Brightwater Institute of Technology', 'University of Brightwater'].map(
  (name) => ({ name, url: '/_ostiary/saml/chosen?state=x' }),
);

const choice = { action: '/_ostiary/saml/members', hidden: { state: 'x' } };

const INVITATION = {
  room: 'Standup',
  by: 'Grace Hopper',
  about: 'Budget 2027: last questions',
  form: { action: '/_ostiary/invite', hidden: { code: 'gallery' } },
  longest: 60,
};

const WAITING = {
  room: 'Standup',
  events: '/_ostiary/waiting?to=%2Fstandup',
  target: '/_ostiary/join?to=%2Fstandup',
  patience: 7_200_000,
  signIn: '/_ostiary/sign-in?auto=0&to=%2Fstandup',
  keepsFragmentFor: '/standup',
};

const HOSTING: Omit<HostingPageProps, keyof Frame> = {
  room: 'Standup',
  here: '/_ostiary/room/standup',
  meeting: 'https://meet.example.org/standup',
  waiting: [
    { person: 'guest#1', name: 'Linus', standing: 'guest', since: 400 },
    { person: 'staff#2', name: 'Grace Hopper', standing: 'account', since: 75 },
  ],
  waitingCount: 2,
  mark: 'gallery',
  now: Date.UTC(2026, 11, 1, 9),
  invitations: [
    {
      ...{ id: 'K7QF-2M9X', about: 'Budget 2027: last questions', by: 'Ada Lovelace', role: 'participant' },
      ...{ until: Date.UTC(2026, 11, 8, 9), isOver: false, uses: { used: 2, of: 5 } },
    },
    {
      ...{ id: 'P3XX-0QJ6', role: 'host', email: 'grace@example.org', from: Date.UTC(2026, 11, 2, 8) },
      ...{ until: Date.UTC(2026, 11, 2, 12), isOver: false },
    },
  ],
  out: [
    {
      ...{ person: 'guest#3', name: 'Mallory', until: Date.UTC(2026, 11, 1, 9, 15) },
      ...{ turnedAway: true, byOperator: false },
    },
  ],
  lately: [{ person: 'guest#1', name: 'Linus' }],
  roles: ['host', 'participant', 'guest'],
  from: '2026-12-01T09:00',
  until: '2026-12-08T09:00',
  mostUses: 1000,
  spans: [900, 3600, 14_400, 86_400],
};

const PAGES: Readonly<Record<string, (frame: Frame) => Html>> = {
  'sign-in': (frame) => signInPage({ ...frame, ...signIn(1), room: 'Größe und Maß', auto: false }),
  'sign-in-auto': (frame) =>
    signInPage({ ...frame, ...signIn(1), room: 'Standup', auto: true, keepsFragmentFor: '/standup' }),
  'sign-in-choose': (frame) =>
    signInPage({ ...frame, ...signIn(3), room: 'Standup', auto: false, keepsFragmentFor: '/standup' }),
  'sign-in-guest': (frame) =>
    signInPage({
      ...frame,
      ...signIn(1),
      room: 'Standup',
      auto: true,
      guest: { form: { action: '/_ostiary/guest', hidden: { to: '/standup' } }, longest: 60 },
    }),
  'sign-in-remembered': (frame) =>
    signInPage({ ...frame, ...signIn(3), room: 'Standup', auto: false, remembered: true, email: 'ask' }),
  'sign-in-unknown-address': (frame) =>
    signInPage({
      ...frame,
      ...signIn(2),
      providers: PROVIDERS.slice(0, 2).map((one, at) => (at === 0 ? { ...one, away: true } : one)),
      room: 'Standup',
      auto: false,
      email: 'unknown',
    }),
  'sign-in-named': (frame) =>
    signInPage({
      ...frame,
      ...signIn(1),
      room: 'Standup',
      auto: false,
      others: '/_ostiary/sign-in?auto=0&to=%2Fstandup',
    }),
  'leading-on': (frame) =>
    leadingOnPage({
      ...frame,
      room: 'Standup',
      url: 'https://meet.example.org/_ostiary/header/staff?state=gallery',
      provider: 'University of Brightwater',
    }),
  'waiting-by-hand': (frame) => waitingPage({ ...frame, ...WAITING, byHand: true }),
  waiting: (frame) => waitingPage({ ...frame, ...WAITING }),
  // Its script shows how it ends.
  'waiting-over': (frame) => waitingPage({ ...frame, ...WAITING, patience: 0 }),
  'sign-in-no-room': (frame) => signInPage({ ...frame, ...signIn(1), auto: false }),
  members: (frame) => memberPage({ ...frame, ...choice, search: '', members: MEMBERS }),
  'members-none': (frame) => memberPage({ ...frame, ...choice, search: 'brihgt', members: [] }),
  'in-app-browser': (frame) =>
    inAppBrowserPage({
      ...frame,
      room: 'Standup',
      url: 'https://meet.example.org/Standup',
      anyway: '/_ostiary/sign-in',
    }),
  arrived: (frame) =>
    arrivedPage({
      ...frame,
      room: 'Standup',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      provider: 'University of Brightwater',
      other: 'Grace Hopper',
      form: { action: '/_ostiary/saml/accept', hidden: { m: 'one-time' } },
      stay: '/_ostiary/session',
    }),
  onward: (frame) =>
    onwardPage({
      ...frame,
      provider: 'University of Brightwater',
      form: { action: 'https://idp.example.org/sso', hidden: { SAMLRequest: 'PHNhbWxwOg==' } },
    }),
  'hand-off': (frame) =>
    handOffPage({
      ...frame,
      room: 'Standup',
      path: '/standup',
      form: { action: '/_ostiary/hand-off', hidden: { to: '/standup' } },
      app: 'Jitsi Meet',
      stores: [
        'https://play.google.com/store/apps/details?id=org.jitsi.meet',
        'https://f-droid.org/packages/org.jitsi.meet/',
      ],
    }),
  back: (frame) =>
    backPage({
      ...frame,
      room: 'Standup',
      action: '/_ostiary/hand-off',
      target: '/standup#ostiary.app=%22ios%22',
      app: 'Jitsi Meet',
      stores: ['https://apps.apple.com/app/jitsi-meet/id1165103905'],
      auto: false,
    }),
  popup: (frame) =>
    signedInHerePage({
      ...frame,
      room: 'Standup',
      action: '/_ostiary/popup',
      target: '/standup#ostiary.popup=true',
      url: 'https://meet.example.org/standup',
    }),
  outside: (frame) =>
    outsidePage({ ...frame, room: 'Standup', url: 'https://meet.example.org/standup', embedders: [] }),
  link: (frame) =>
    linkPage({
      ...frame,
      room: 'Standup',
      path: '/standup',
      form: { action: '/_ostiary/link', hidden: { to: '/standup' } },
    }),
  'problem-link': (frame) =>
    problemPage({
      ...frame,
      id: 'H2MV-7KQD',
      code: 'link.expired',
      room: 'Standup',
      byAccount: '/standup',
      home: '/',
    }),
  'problem-refused': (frame) =>
    problemPage({
      ...frame,
      id: 'K7QF-2M9X',
      code: 'entry.refused',
      room: 'Board meeting',
      reason: 'This room belongs to the board. Its secretary can add you.',
      signedInAs: 'Grace Hopper',
      otherAccount: { action: '/_ostiary/sign-out', hidden: { to: '/board-meeting' } },
      home: '/',
    }),
  'problem-kicked': (frame) =>
    problemPage({
      ...frame,
      id: 'Q3KQ-KRQC',
      code: 'entry.kicked',
      room: 'Standup',
      reason: 'Please let the others finish speaking.',
      until: Date.UTC(2027, 0, 11, 14, 30),
      signedInAs: 'Ada Lovelace',
      home: '/',
    }),
  'problem-jitsi-refused': (frame) =>
    problemPage({
      ...frame,
      id: 'M2ZR-7TQK',
      code: 'jitsi.refused',
      room: 'Board meeting',
      retry: '/board-meeting',
      signedInAs: 'Grace Hopper',
      otherAccount: { action: '/_ostiary/sign-out', hidden: { to: '/board-meeting' } },
      home: '/',
      told: {
        facts: {
          ...{ code: 'jitsi.refused', status: 403, id: 'M2ZR-7TQK', language: 'en' },
          ...{ happened: '', whatToDo: '', room: 'board meeting', ways: {}, claims: {} },
        },
      },
    }),
  'problem-jitsi-expired': (frame) =>
    problemPage({
      ...frame,
      id: 'D8WN-3CHV',
      code: 'jitsi.token-expired',
      room: 'Standup',
      retry: '/_ostiary/join?to=%2Fstandup',
      home: '/',
    }),
  'problem-provider-down': (frame) =>
    problemPage({
      ...frame,
      id: '03TN-Y8WB',
      code: 'provider.unreachable',
      provider: { name: 'University of Brightwater', others: true },
      room: 'Standup',
      retry: '/_ostiary/join?room=Standup',
    }),
  'problem-no-cookie': (frame) =>
    problemPage({
      ...frame,
      id: '9AVE-55RD',
      code: 'sign-in.no-cookie',
      retry: '/_ostiary/join?room=Standup',
      home: '/',
    }),
  'problem-not-found': (frame) =>
    problemPage({ ...frame, id: 'ZC1H-G4MK', code: 'request.not-found', home: '/' }),
  'problem-long-name': (frame) =>
    problemPage({
      ...frame,
      id: 'P3XX-0QJ6',
      code: 'entry.wait',
      room: 'quarterlyplanningmeetingofthewholefacultyofnaturalsciences',
      retry: '/',
    }),
  'problem-early': (frame) =>
    problemPage({
      ...frame,
      id: 'T0MQ-5K2E',
      code: 'entry.early',
      room: 'law/exam-3',
      meeting: 'Written examination, civil law',
      opens: { at: Date.parse('2026-12-01T08:00:00Z'), zone: 'Europe/Berlin' },
      retry: '/_ostiary/join?to=%2Flaw%2Fexam-3',
      signedInAs: 'Ada Lovelace',
      otherAccount: { action: '/_ostiary/sign-out', hidden: { to: '/law/exam-3' } },
      home: '/',
    }),
  'sign-out': (frame) =>
    signOutPage({ ...frame, form: { action: '/_ostiary/sign-out' }, name: 'Ada Lovelace', home: '/' }),
  'signing-out': (frame) =>
    signingOutPage({
      ...frame,
      form: { action: 'https://id.example.org/logout', hidden: { state: 'x' } },
      provider: 'University of Brightwater',
    }),
  'signed-out': (frame) => signedOutPage({ ...frame, signIn: '/_ostiary/sign-in', home: '/' }),
  'signed-out-still': (frame) =>
    signedOutPage({ ...frame, stillAt: 'University of Brightwater', signIn: '/_ostiary/sign-in' }),
  password: (frame) => passwordPage({ ...frame, ...typing(), room: 'Standup' }),
  'password-wrong': (frame) =>
    passwordPage({
      ...frame,
      ...typing(),
      wrong: true,
      username: 'ada',
      others: '/_ostiary/sign-in?auto=0&to=%2Fstandup',
    }),
  pass: (frame) => passPage({ ...frame, form: { action: '/_ostiary/pass' } }),
  'pass-wrong': (frame) =>
    passPage({ ...frame, form: { action: '/_ostiary/pass' }, wrong: true, name: 'Grace Hopper' }),
  invite: (frame) => invitePage({ ...frame, ...INVITATION }),
  'invite-no-name': (frame) => invitePage({ ...frame, ...INVITATION, wrong: true }),
  'invite-sign-in': (frame) => invitePage({ ...frame, ...INVITATION, signIn: true }),
  'invite-account': (frame) => invitePage({ ...frame, ...INVITATION, signedInAs: 'Ada Lovelace' }),
  'problem-invite-used': (frame) =>
    problemPage({ ...frame, id: '7RMB-20TX', code: 'invite.used', home: '/' }),
  hosting: (frame) => hostingPage({ ...frame, ...HOSTING }),
  'hosting-empty': (frame) =>
    hostingPage({
      ...{ ...frame, ...HOSTING, waiting: [], waitingCount: 0, invitations: [], out: [], lately: [] },
      done: { what: 'turn-away', name: 'Mallory' },
    }),
  'hosting-link': (frame) =>
    hostingPage({
      ...{ ...frame, ...HOSTING, waiting: [], waitingCount: 0, out: [], done: { what: 'invite' } },
      made: {
        link: 'https://meet.example.org/_ostiary/invite?code=gallery',
        text: 'Ada Lovelace invites you to this meeting.\nBudget 2027\n\nhttps://meet.example.org/_ostiary/invite?code=gallery',
        code: 'gallery',
        starts: '2026-12-01T09:00',
      },
    }),
  'problem-turned-away': (frame) =>
    problemPage({
      ...frame,
      id: 'W4TA-9ZKD',
      code: 'entry.turned-away',
      room: 'Standup',
      until: Date.UTC(2026, 11, 1, 9, 15),
      home: '/',
    }),
  whoami: (frame) =>
    whoamiPage({
      ...frame,
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      provider: 'University of Brightwater',
      lead: '/_ostiary/room',
      signOut: { action: '/_ostiary/sign-out' },
      home: '/',
    }),
};

/** The made-up organisation of the gallery. */
export const GALLERY_BRANDING: Branding = { name: 'University of Brightwater' };

/** Every page in every language; `prefix` is where the stylesheet is looked for. */
export function gallery(branding: Branding = GALLERY_BRANDING, prefix = '/_ostiary'): readonly GalleryPage[] {
  return Object.values(WORDS).flatMap((words) =>
    Object.entries(PAGES).map(([name, page]) => ({
      name,
      language: words.language,
      html: String(page({ words, branding, prefix, nonce: GALLERY_NONCE, id: 'K7QF-2M9X' })),
    })),
  );
}

function signIn(count: number) {
  return { target: '/standup', action: '/_ostiary/sign-in', providers: PROVIDERS.slice(0, count) };
}
