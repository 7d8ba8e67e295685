/**
 * Every sentence a person reads, in English: the pattern the other languages
 * follow. `{places}` are filled by the page.
 */
import type { Language, ProblemTable } from './words.ts';

/** English. */
export const en = {
  language: 'en' as Language,
  frame: {
    room: 'Room',
    reference: 'Reference',
    home: 'Go to the start page',
    fragmentLost:
      'Without JavaScript the settings at the end of your link are lost on the way, for example to start muted.',
  },
  signIn: {
    title: 'Sign in',
    titleRoom: 'Sign in to join',
    one: 'Use your account to sign in.',
    oneRoom: 'Sign in with your account, and you go straight on into the meeting.',
    choose: 'Where do you have an account?',
    other: 'Or with another account:',
    away: 'Does not answer at the moment',
    email: 'Or type your e-mail address',
    next: 'Go on',
    emailUnknown: 'We know no sign-in service for this address. Please choose one from the list.',
    with: 'Sign in with {provider}',
    taking: 'Taking you to {provider} … If nothing happens, use the button.',
  },
  waiting: {
    title: 'The meeting has not begun yet',
    lead: 'Please stay on this page. You go in by yourself as soon as the host is there.',
    go: 'The host is there. You are going in …',
    away: 'The host cannot let you in just now …',
    over: 'You have waited for a long time. This page no longer looks by itself.',
    again: 'Look again',
    host: 'I am the host: sign in',
    byHand: {
      title: 'Please wait to be let in',
      lead: 'Please stay on this page. You go in by yourself as soon as a host lets you in.',
      go: 'You may come in …',
    },
  },
  guest: {
    title: 'I have no account: join as a guest',
    name: 'Your name',
    button: 'Join as a guest',
  },
  member: {
    title: 'Choose your organisation',
    why: 'You sign in there with the account you have.',
    search: 'Name of your organisation',
    find: 'Search',
    none: 'Nothing of that name is here. Try a shorter word.',
  },
  inApp: {
    title: 'Please open this link in your browser',
    why: 'You are inside the small browser of another app. Sign-in services often refuse to work there.',
    how: 'Open the menu of this app and choose “Open in browser”, or copy this link into Firefox, Chrome, Safari or Edge:',
    anyway: 'Try here all the same',
  },
  handOff: {
    title: 'Where do you want to join?',
    app: 'Open in {app}',
    here: 'Continue in this browser',
    signedIn: 'You are signed in',
    back: 'Back to {app}',
    goingBack: 'Taking you back to {app} … If nothing happens, use the button.',
    missing: 'If nothing happens, or your device does not know the address, the app is not there yet.',
    get: 'Get {app} ({shop})',
  },
  popup: {
    close:
      'You can close this window and go on in the meeting. If the meeting does not go on by itself, sign in there once more.',
    enter: 'Enter the meeting here',
  },
  outside: {
    title: 'Please open the meeting in its own window',
    why: 'You need to sign in first, and that does not work inside another page or app.',
    open: 'Open the meeting',
  },
  link: {
    title: 'One moment, please',
    enter: 'Go to the meeting',
    byAccount: 'Go on with an account',
  },
  problem: {
    retry: 'Try again',
    otherProvider: 'Choose another way to sign in',
    otherAccount: 'Use another account',
    reference: 'If you ask for help, give this reference:',
    from: 'A note from {organisation}',
    until: 'You can come back after {time}.',
    opens: 'It opens: {time}.',
  },
  signOut: {
    callsGoOn: 'A meeting that is open in another tab or app goes on until you leave it there.',
    title: 'Do you want to sign out?',
    signedInAs: 'You are signed in as {name}.',
    button: 'Sign out',
    stay: 'Stay signed in',
  },
  signingOut: {
    title: 'You are signed out here',
    also: 'One more step signs you out at {provider} too.',
    button: 'Sign out at {provider}',
    taking: 'Taking you to {provider} … If nothing happens, use the button.',
  },
  signedOut: {
    title: 'You are signed out',
    done: 'Until next time. You can close this window now.',
    stillAt:
      'You may still be signed in at {provider}. On a shared computer, sign out there as well and close the browser.',
    again: 'Sign in again',
  },
  password: {
    title: 'Sign in',
    titleRoom: 'Sign in to join',
    lead: 'Use your account at {provider}.',
    username: 'User name',
    password: 'Password',
    button: 'Sign in',
  },
  pass: {
    title: 'Enter with a code',
    lead: 'Somebody gave you an entry code. Tell us how others should call you, and you are in.',
    code: 'Entry code',
    name: 'Your name',
    noScript: 'The code is the part of your link behind the # sign.',
    button: 'Enter the room',
  },
  invite: {
    title: 'You are invited',
    by: '{by} invites you to this meeting.',
    card: 'Invitation to a meeting',
    forOne: 'This invitation is for you alone: please sign in, so that we know it is you.',
    signIn: 'Sign in',
    button: 'Enter the room',
  },
  whoami: {
    title: 'Your sign-in',
    signedInAs: 'You are signed in as {name}',
    by: 'Signed in with {provider}.',
    lead: 'Lead a room: see who waits, invite people',
    roomName: 'Name of the room',
    openRoom: 'Open',
  },
  hosting: {
    title: 'Your room',
    enter: 'Enter the meeting',
    waiting: 'Waiting at the door',
    nobodyWaits: 'Nobody is waiting.',
    look: 'Look again',
    changed: 'Who is waiting has changed.',
    stopped: 'This page no longer looks by itself.',
    since: 'waiting for {time}',
    letIn: 'Let in',
    turnAway: 'Turn away',
    letAllIn: 'Let all in ({count})',
    more: 'And {count} more.',
    standing: {
      guest: 'guest: a name they gave themselves',
      account: 'signed in',
      invited: 'by invitation',
      vouched: 'sent by another application',
    },
    invitations: 'Invitations',
    noInvitations: 'There is none for this room.',
    make: 'Make an invitation',
    about: 'What it is for',
    optional: 'You may leave this empty.',
    role: 'They come in as',
    roles: { host: 'host', participant: 'participant', guest: 'guest' },
    uses: 'For how many people',
    usesHint: 'Empty: for any number.',
    from: 'Good from',
    until: 'Good until',
    timesHint: 'Both times are UTC.',
    email: 'Only for this e-mail address',
    emailHint: 'They are asked to sign in with it. Empty: for whoever has the link.',
    makeButton: 'Make the link',
    made: 'This is the link. It is shown this once, so copy it now:',
    text: 'The same as a text to send on',
    calendar: 'Download for a calendar',
    starts: 'The meeting begins (UTC)',
    minutes: 'and lasts, in minutes',
    revoke: 'Take back',
    untitled: 'Without a title',
    used: '{used} of {uses} used',
    anyNumber: 'for any number of people',
    goodFrom: 'from {time}',
    goodUntil: 'until {time}',
    isOver: 'over since {time}',
    by: 'by {by}',
    forEmail: 'for {email}',
    out: 'Put out of this room',
    nobodyOut: 'Nobody.',
    turnedAway: 'turned away at the door',
    byOperator: 'by the people who run this service',
    putOut: 'Put somebody out',
    nobodyLately: 'Nobody has come in during the last hours.',
    who: 'Whom?',
    howLong: 'For how long?',
    putOutButton: 'Put out',
    undo: 'Allow again',
    done: {
      'let-in': '{name} may come in.',
      'let-all-in': 'All who were waiting may come in.',
      'turn-away': '{name} was turned away for a quarter of an hour.',
      invite: 'The invitation is made.',
      revoke: 'The invitation was taken back, and who came by it is signed out.',
      'put-out': '{name} is put out of this room.',
      undo: '{name} may come in again, as the rules say.',
      gone: 'That had changed in the meantime; nothing was done.',
    },
  },
  arrived: {
    title: 'Is this you?',
    signedInAs: '{provider} says that you are {name}.',
    other: '{name} is signed in here at the moment. If you go on, that sign-in ends.',
    button: 'Continue as {name}',
    stay: 'No, change nothing',
  },
  onward: {
    title: 'One moment',
    button: 'Go on to {provider}',
  },
  problems: {
    'request.malformed': {
      happened: 'Something about this link is not right',
      whatToDo: 'Open the link from your invitation again. If you copied it, check that nothing was cut off.',
    },
    'request.not-found': {
      happened: 'There is nothing at this address',
      whatToDo: 'Check the address for a typing slip, or open the link from your invitation again.',
    },
    'request.method': {
      happened: 'This page cannot be opened that way',
      whatToDo: 'Open your meeting link again and start from there.',
    },
    'request.too-large': {
      happened: 'That was more than we can take at once',
      whatToDo: 'Open your meeting link again. If that does not help, tell the people who run this service.',
    },
    'request.wrong-host': {
      happened: 'This server does not go by the address you used',
      whatToDo: 'Open the link from your invitation again, exactly as you were given it.',
    },
    'request.cross-site': {
      happened: 'Another website tried to act for you here',
      whatToDo:
        'We stopped to be safe; nothing has changed. Open your meeting link yourself and go on from there.',
    },
    'request.too-many': {
      happened: 'That was a lot of attempts in a short time',
      whatToDo: 'Please wait a minute, then try again.',
    },
    'room.missing': {
      happened: 'The link does not say which room you want to enter',
      whatToDo: 'Open the whole link from your invitation.',
    },
    'room.unusable': {
      happened: 'This room name cannot be used',
      whatToDo: 'Please choose a simpler name. Letters, digits and hyphens always work.',
    },
    'room.reserved': {
      happened: 'This room name is taken for another purpose',
      whatToDo: 'Please choose a different name for your room.',
    },
    'room.mismatch': {
      happened: 'This link names two different rooms',
      whatToDo: 'So that you meet the right people, please open the link from your invitation again.',
    },
    'tenant.unusable': {
      happened: 'A part of this room’s address cannot be used',
      whatToDo: 'Look at the part before the room name, or open the link from your invitation again.',
    },
    'state.unusable': {
      happened: 'Your meeting app told us something we do not understand',
      whatToDo: 'Open your meeting link again. If this keeps happening, update your app or browser.',
    },
    'entry.refused': {
      happened: 'This account does not open this room',
      whatToDo:
        'If you have another account, sign in with that one. Otherwise ask the person who invited you.',
    },
    'entry.wait': {
      happened: 'This room is not open yet',
      whatToDo: 'Please come back when the meeting begins. Your link stays good.',
    },
    'entry.early': {
      happened: 'The meeting has not opened yet',
      whatToDo: 'Your link stays good. Come back at the time below and look again.',
    },
    'entry.closed': {
      happened: 'This meeting is over',
      whatToDo:
        'There is no later time at which this room opens. If you think there should be one, ask the person who invited you.',
    },
    'entry.kicked': {
      happened: 'You were put out of this room for a time',
      whatToDo:
        'Please wait until it is over. If you think this is a mistake, ask the people who run this meeting.',
    },
    'entry.turned-away': {
      happened: 'The host of this room did not let you in',
      whatToDo:
        'Please ask the person who invited you. If they expected you, they can let you in when you come back.',
    },
    'host.required': {
      happened: 'Only who leads this room can open this page',
      whatToDo:
        'If you lead it with another account, use that one. To take part in the meeting, open its own link.',
    },
    'host.gone': {
      happened: 'That is not on the list any more',
      whatToDo: 'Somebody else may have been quicker. Open the page of your room again.',
    },
    'host.unusable': {
      happened: 'We cannot do it with what you filled in',
      whatToDo: 'Go back and look at the times, the number of people and the e-mail address.',
    },
    'waiting.full': {
      happened: 'Very many people are waiting at this moment',
      whatToDo: 'Please try again in a few minutes. Your link stays good.',
    },
    'session.required': {
      happened: 'You are not signed in',
      whatToDo: 'Open your meeting link again and sign in; it only takes a moment.',
    },
    'session.ended': {
      happened: 'Your sign-in has run out',
      whatToDo: 'Please sign in again to go on.',
    },
    'sign-in.no-cookie': {
      happened: 'Your browser does not keep the cookie we need',
      whatToDo: 'Allow cookies for this site or leave private browsing, then open your meeting link again.',
    },
    'sign-in.used': {
      happened: 'This sign-in has been used already',
      whatToDo: 'That happens after going back or reloading. Simply start again.',
    },
    'sign-in.not-yours': {
      happened: 'This sign-in was started in another browser',
      whatToDo: 'Open your meeting link in the browser you want to use, and sign in there.',
    },
    'sign-in.expired': {
      happened: 'This sign-in has waited too long',
      whatToDo: 'Nothing is lost. Please start again.',
    },
    'sign-in.cancelled': {
      happened: 'The sign-in was cancelled',
      whatToDo: 'If you did not mean to cancel it, simply try again.',
    },
    'sign-in.wrong-password': {
      happened: 'This user name and password do not match',
      whatToDo: 'Check both for a typing slip, and whether Caps Lock is on.',
    },
    'sign-in.busy': {
      happened: 'Very many people are signing in at this moment',
      whatToDo: 'Please wait a minute, then try again.',
    },
    'provider.unknown': {
      happened: 'We do not know this sign-in service',
      whatToDo: 'Open your meeting link again and choose one from the list.',
    },
    'provider.member-unknown': {
      happened: 'We do not know this organisation’s sign-in',
      whatToDo:
        'Please go back and choose another one. If yours is missing, tell the people who run this service.',
    },
    'provider.unreachable': {
      happened: 'The sign-in service does not answer at the moment',
      whatToDo: 'This is not your doing. Please try again in a few minutes.',
      named: '{provider} does not answer at the moment',
      elsewhere: 'This is not your doing. Please try again in a few minutes, or sign in another way.',
    },
    'provider.misconfigured': {
      happened: 'The sign-in service and this server do not fit together yet',
      whatToDo:
        'You cannot mend this yourself. Please pass the reference on to the people who run this service.',
    },
    'provider.refused': {
      happened: 'The sign-in service turned our request down',
      whatToDo: 'Please try once more. If it stays like this, tell the people who run this service.',
    },
    'provider.response-invalid': {
      happened: 'We could not rely on what the sign-in service answered',
      whatToDo: 'Please try once more. If it stays like this, tell the people who run this service.',
    },
    'provider.groups-missing': {
      happened: 'The sign-in service did not say which groups you belong to',
      whatToDo:
        'Without that we cannot tell which rooms are yours. Please tell the people who run this service.',
    },
    'provider.id-missing': {
      happened: 'The sign-in service did not say who you are',
      whatToDo: 'You cannot mend this yourself. Please tell the people who run this service.',
    },
    'provider.reauthentication': {
      happened: 'A fresher or stronger sign-in is needed here',
      whatToDo: 'Please sign in again, with your second factor if you have one.',
    },
    'provider.clock': {
      happened: 'Our clock and that of the sign-in service differ',
      whatToDo: 'You cannot mend this yourself. Please tell the people who run this service.',
    },
    'saml.unacceptable': {
      happened: 'What the sign-in service sent about you is not valid',
      whatToDo:
        'Please try again from your meeting link. If it stays like this, tell the people who run this service.',
    },
    'saml.unsolicited': {
      happened: 'This sign-in did not begin here',
      whatToDo:
        'Open your meeting link and sign in from there. If a portal brought you here, tell the people who run this service.',
    },
    'saml.logout-unacceptable': {
      happened: 'This request to sign out is not valid',
      whatToDo:
        'You may still be signed in here. To be sure, sign out on your meeting’s page, or close the browser.',
    },
    'saml.busy': {
      happened: 'Very many people are signing in at this moment',
      whatToDo: 'Please wait a minute, then try again.',
    },
    'header.not-believed': {
      happened: 'This page cannot be opened on its own',
      whatToDo:
        'Open your meeting link and sign in from there. If it stays like this, tell the people who run this service.',
    },
    'header.unacceptable': {
      happened: 'We could not read what the sign-in service said about you',
      whatToDo: 'You cannot mend this yourself. Please tell the people who run this service.',
    },
    'logout-token.unacceptable': {
      happened: 'We could not accept this request to sign out',
      whatToDo: 'If you wanted to sign out, please use the sign-out button on this site.',
    },
    'guest.name': {
      happened: 'We cannot show this name',
      whatToDo: 'Please give the name by which others know you, in letters or digits.',
    },
    'pass.unknown': {
      happened: 'This entry code does not work, or no longer',
      whatToDo: 'Check it for a typing slip. Codes work once and not for long; you can ask for a new one.',
    },
    'invite.unknown': {
      happened: 'We do not know this invitation',
      whatToDo:
        'Check that the link is whole. It may have been withdrawn: whoever invited you can tell, and send another.',
    },
    'invite.expired': {
      happened: 'This invitation has ended',
      whatToDo: 'It was good until a certain time. Whoever invited you can send another.',
    },
    'invite.used': {
      happened: 'This invitation was used already',
      whatToDo:
        'As many people came by it as it was made for. If you were one of them, open the link in the same browser as before; otherwise ask for another.',
    },
    'invite.lapsed': {
      happened: 'This invitation is no longer good',
      whatToDo:
        'Whoever invited you may not invite people into this room any more. Please ask the people who lead it.',
    },
    'invite.not-yet': {
      happened: 'This invitation is not good yet',
      whatToDo: 'You are early. Open the link again when the meeting begins.',
    },
    'invite.other-person': {
      happened: 'This invitation is for another person',
      whatToDo:
        'It is for one e-mail address, and your account has another. Sign in with the account that was invited.',
    },
    'link.unacceptable': {
      happened: 'We cannot use this link',
      whatToDo:
        'Open the meeting once more where you found the link. If that does not help, tell the people who run that page.',
    },
    'link.expired': {
      happened: 'This link has expired',
      whatToDo: 'Open the meeting once more where you found the link: you get a fresh one there.',
    },
    'link.other-room': {
      happened: 'This link is for another room',
      whatToDo: 'Open the meeting once more where you found the link.',
    },
    'link.not-allowed': {
      happened: 'The page your link comes from may not let anybody into this room',
      whatToDo: 'Ask whoever invited you for another way in, or tell the people who run that page.',
    },
    'issuer.unreachable': {
      happened: 'We cannot check your link at the moment',
      whatToDo: 'Wait a minute, then open the meeting once more where you found the link.',
    },
    'bearer.unacceptable': {
      happened: 'What your request brought as proof of a sign-in does not hold',
      whatToDo: 'Sign in again at the service it came from, or tell the people who run that service.',
    },
    'bearer.expired': {
      happened: 'The sign-in your request speaks of is over',
      whatToDo: 'Sign in again where it came from. In a browser, open the meeting link once more.',
    },
    'bearer.graph': {
      happened: 'The proof your request brought is for Microsoft Graph',
      whatToDo:
        'Only Graph can check it. The program that sent it has to ask Microsoft Entra for one that is meant for this service.',
    },
    'bearer.unreachable': {
      happened: 'We cannot check your sign-in at the moment',
      whatToDo: 'Wait a minute, then try again.',
    },
    'token.unacceptable': {
      happened: 'Your entry ticket is no longer good',
      whatToDo: 'Open your meeting link again, and you get a new one.',
    },
    'outbound.forbidden': {
      happened: 'This server may not fetch something it needs',
      whatToDo: 'You cannot mend this yourself. Please tell the people who run this service.',
    },
    'outbound.failed': {
      happened: 'This server could not fetch something it needs',
      whatToDo: 'This is not your doing. Please try again in a few minutes.',
    },
    'outbound.too-large': {
      happened: 'This server was sent more than it can take',
      whatToDo: 'This is not your doing. Please try again in a few minutes.',
    },
    'key.unusable': {
      happened: 'This server cannot write entry tickets at the moment',
      whatToDo: 'You cannot mend this yourself. Please tell the people who run this service.',
    },
    'key.none': {
      happened: 'This server cannot write entry tickets yet',
      whatToDo: 'This is not your doing. Please try again in a few minutes.',
    },
    'store.unavailable': {
      happened: 'This server cannot look things up at the moment',
      whatToDo: 'This is not your doing. Please try again in a few minutes.',
    },
    'store.newer': {
      happened: 'This server is in the middle of an update',
      whatToDo:
        'Please try again in a few minutes. If it stays like this, tell the people who run this service.',
    },
    'store.full': {
      happened: 'This server cannot note anything down at the moment',
      whatToDo: 'This is not your doing. Please tell the people who run this service.',
    },
    'prosody.secret': {
      happened: 'This was not said by our Prosody',
      whatToDo:
        'Nothing was changed. If you run this service: prosodyModule.secret here and ostiary_secret in Prosody have to be the same.',
    },
    'config.unusable': {
      happened: 'This server has not been set up completely',
      whatToDo: 'You cannot mend this yourself. Please tell the people who run this service.',
    },
    'client.unknown': {
      happened: 'The application did not prove who it is',
      whatToDo:
        'This address is for applications. Ask whoever runs this one to compare its id and secret with the settings here.',
    },
    'client.grant-type': {
      happened: 'There is no such way to ask',
      whatToDo: 'Ask whoever runs the application: it asked for a kind of grant there is none of here.',
    },
    'client.not-allowed': {
      happened: 'The application may not ask for that',
      whatToDo: 'Ask whoever runs the application: its settings here do not allow this.',
    },
    'client.room': {
      happened: 'The application may not ask for this room',
      whatToDo: 'Ask whoever runs the application: its settings here name other rooms.',
    },
    'client.role': {
      happened: 'The application may not ask for this role',
      whatToDo: 'Ask whoever runs the application: its settings here end at a lower role.',
    },
    'client.subject': {
      happened: 'The application did not say for whom it asks',
      whatToDo: 'Ask whoever runs the application: a subject_id of plain characters is missing.',
    },
    'ticket.unacceptable': {
      happened: 'This entry has ended',
      whatToDo: 'Open the meeting link again and sign in.',
    },
    'socket.too-many': {
      happened: 'You have too many connections open',
      whatToDo: 'Close the meeting in other tabs and windows, then try again.',
    },
    'stream.unusable': {
      happened: 'The app did not begin the connection as expected',
      whatToDo: 'Open the meeting link again in a current browser or app.',
    },
    'jitsi.refused': {
      happened: 'The meeting did not let you in',
      whatToDo: 'Try again. If it stays like this, use another account, or ask the person who invited you.',
    },
    'jitsi.token-refused': {
      happened: 'The meeting did not accept your entry ticket',
      whatToDo:
        'Try again: you get a fresh one. If it stays like this, tell the people who run this service.',
    },
    'jitsi.token-expired': {
      happened: 'Your entry ticket was no longer good',
      whatToDo: 'Try again: you get a fresh one.',
    },
    'upstream.unreachable': {
      happened: 'The meeting server does not answer at the moment',
      whatToDo: 'You are signed in; this is not your doing. Please try again in a minute.',
    },
    'upstream.slow': {
      happened: 'The meeting server takes too long to answer',
      whatToDo: 'You are signed in; this is not your doing. Please try again in a minute.',
    },
    'upstream.unusable': {
      happened: 'The meeting server sent something we cannot use',
      whatToDo: 'Please tell the people who run this service, and give them the reference below.',
    },
    'server.draining': {
      happened: 'This server is just being restarted',
      whatToDo: 'Please try again in a minute.',
    },
    'server.bug': {
      happened: 'Something went wrong on our side',
      whatToDo:
        'Please try again. If it happens once more, pass the reference on to the people who run this service.',
    },
  } satisfies ProblemTable,
};

/** Every sentence, in one language: the keys of English. */
export type Words = Omit<typeof en, 'problems'> & { readonly problems: ProblemTable };
