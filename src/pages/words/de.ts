/**
 * Every sentence a person reads, in German.
 */
import type { Words } from './en.ts';

/** German. */
export const de: Words = {
  language: 'de',
  frame: {
    room: 'Raum',
    reference: 'Kennung',
    home: 'Zur Startseite',
    fragmentLost:
      'Ohne JavaScript gehen die Einstellungen am Ende Ihres Links unterwegs verloren, etwa stumm zu beginnen.',
  },
  signIn: {
    title: 'Anmelden',
    titleRoom: 'Anmelden und teilnehmen',
    one: 'Melden Sie sich mit Ihrem Konto an.',
    oneRoom: 'Melden Sie sich mit Ihrem Konto an; dann geht es gleich weiter in die Besprechung.',
    choose: 'Wo haben Sie ein Konto?',
    other: 'Oder mit einem anderen Konto:',
    away: 'Antwortet gerade nicht',
    email: 'Oder geben Sie Ihre E-Mail-Adresse ein',
    next: 'Weiter',
    emailUnknown: 'Zu dieser Adresse kennen wir keinen Anmeldedienst. Bitte wählen Sie einen aus der Liste.',
    with: 'Anmelden mit {provider}',
    taking: 'Weiter zu {provider} … Falls nichts geschieht, benutzen Sie bitte den Knopf.',
  },
  waiting: {
    title: 'Die Besprechung hat noch nicht begonnen',
    lead: 'Bitte bleiben Sie auf dieser Seite. Sobald jemand da ist, der die Besprechung leitet, geht es von selbst weiter.',
    go: 'Die Besprechung beginnt. Es geht weiter …',
    away: 'Die Gastgeberin oder der Gastgeber lässt Sie gerade nicht ein …',
    over: 'Sie haben lange gewartet. Diese Seite sieht nicht mehr von selbst nach.',
    again: 'Noch einmal nachsehen',
    host: 'Ich leite die Besprechung: anmelden',
    byHand: {
      title: 'Bitte warten Sie, bis Sie eingelassen werden',
      lead: 'Bitte bleiben Sie auf dieser Seite. Sobald Sie eingelassen werden, geht es von selbst weiter.',
      go: 'Sie werden eingelassen. Es geht weiter …',
    },
  },
  guest: {
    title: 'Ich habe kein Konto: als Gast teilnehmen',
    name: 'Ihr Name',
    button: 'Als Gast teilnehmen',
  },
  member: {
    title: 'Wählen Sie Ihre Einrichtung',
    why: 'Dort melden Sie sich mit dem Konto an, das Sie haben.',
    search: 'Name Ihrer Einrichtung',
    find: 'Suchen',
    none: 'Unter diesem Namen gibt es hier keine. Versuchen Sie ein kürzeres Wort.',
  },
  inApp: {
    title: 'Bitte öffnen Sie diesen Link in Ihrem Browser',
    why: 'Sie sind gerade im kleinen Browser einer anderen App. Anmeldedienste verweigern dort oft die Arbeit.',
    how: 'Wählen Sie im Menü dieser App „Im Browser öffnen“, oder kopieren Sie diesen Link in Firefox, Chrome, Safari oder Edge:',
    anyway: 'Trotzdem hier versuchen',
  },
  handOff: {
    title: 'Wo möchten Sie teilnehmen?',
    app: 'In {app} öffnen',
    here: 'In diesem Browser weiter',
    signedIn: 'Sie sind angemeldet',
    back: 'Zurück zu {app}',
    goingBack: 'Es geht zurück zu {app} … Wenn nichts geschieht, hilft der Knopf.',
    missing: 'Wenn nichts geschieht oder Ihr Gerät die Adresse nicht kennt, fehlt die App noch.',
    get: '{app} holen ({shop})',
  },
  popup: {
    close:
      'Sie können dieses Fenster schließen und in der Besprechung weitermachen. Geht es dort nicht von selbst weiter, melden Sie sich dort noch einmal an.',
    enter: 'Hier an der Besprechung teilnehmen',
  },
  outside: {
    title: 'Bitte öffnen Sie die Besprechung in einem eigenen Fenster',
    why: 'Sie müssen sich zuerst anmelden, und das geht innerhalb einer anderen Seite oder App nicht.',
    open: 'Besprechung öffnen',
  },
  link: {
    title: 'Einen Augenblick, bitte',
    enter: 'Zur Besprechung',
    byAccount: 'Mit einem Konto weitermachen',
  },
  problem: {
    retry: 'Noch einmal versuchen',
    otherProvider: 'Auf anderem Weg anmelden',
    otherAccount: 'Anderes Konto verwenden',
    reference: 'Wenn Sie um Hilfe bitten, nennen Sie diese Kennung:',
    from: 'Ein Hinweis von {organisation}',
    until: 'Sie können danach wiederkommen: {time}.',
    opens: 'Geöffnet ab: {time}.',
  },
  signOut: {
    callsGoOn:
      'Eine Besprechung, die in einem anderen Tab oder in der App noch offen ist, geht weiter, bis Sie sie dort verlassen.',
    title: 'Möchten Sie sich abmelden?',
    signedInAs: 'Sie sind angemeldet als {name}.',
    button: 'Abmelden',
    stay: 'Angemeldet bleiben',
  },
  signingOut: {
    title: 'Hier sind Sie abgemeldet',
    also: 'Ein Schritt noch, und Sie sind auch bei {provider} abgemeldet.',
    button: 'Bei {provider} abmelden',
    taking: 'Weiter zu {provider} … Falls nichts geschieht, benutzen Sie bitte den Knopf.',
  },
  signedOut: {
    title: 'Sie sind abgemeldet',
    done: 'Bis zum nächsten Mal. Sie können dieses Fenster jetzt schließen.',
    stillAt:
      'Bei {provider} sind Sie vielleicht noch angemeldet. An einem gemeinsam genutzten Rechner melden Sie sich bitte auch dort ab und schließen den Browser.',
    again: 'Wieder anmelden',
  },
  password: {
    title: 'Anmelden',
    titleRoom: 'Anmelden und teilnehmen',
    lead: 'Benutzen Sie Ihr Konto bei {provider}.',
    username: 'Benutzername',
    password: 'Passwort',
    button: 'Anmelden',
  },
  pass: {
    title: 'Mit einem Code eintreten',
    lead: 'Sie haben einen Eintrittscode bekommen. Sagen Sie uns noch, wie man Sie nennen soll, und Sie sind dabei.',
    code: 'Eintrittscode',
    name: 'Ihr Name',
    noScript: 'Der Code ist der Teil Ihres Links hinter dem Zeichen #.',
    button: 'Raum betreten',
  },
  invite: {
    title: 'Sie sind eingeladen',
    by: '{by} lädt Sie zu dieser Besprechung ein.',
    card: 'Einladung zu einer Besprechung',
    forOne: 'Diese Einladung gilt nur Ihnen: Bitte melden Sie sich an, damit wir wissen, dass Sie es sind.',
    signIn: 'Anmelden',
    button: 'Raum betreten',
  },
  whoami: {
    title: 'Ihre Anmeldung',
    signedInAs: 'Sie sind angemeldet als {name}',
    by: 'Angemeldet mit {provider}.',
    lead: 'Einen Raum leiten: sehen, wer wartet, und einladen',
    roomName: 'Name des Raums',
    openRoom: 'Öffnen',
  },
  hosting: {
    title: 'Ihr Raum',
    enter: 'Zur Besprechung',
    waiting: 'Vor der Tür',
    nobodyWaits: 'Niemand wartet.',
    look: 'Noch einmal nachsehen',
    changed: 'Es warten inzwischen andere.',
    stopped: 'Diese Seite sieht nicht mehr von selbst nach.',
    since: 'wartet seit {time}',
    letIn: 'Einlassen',
    turnAway: 'Abweisen',
    letAllIn: 'Alle einlassen ({count})',
    more: 'Und {count} weitere.',
    standing: {
      guest: 'Gast: ein selbst gewählter Name',
      account: 'angemeldet',
      invited: 'mit Einladung',
      vouched: 'von einer anderen Anwendung geschickt',
    },
    invitations: 'Einladungen',
    noInvitations: 'Für diesen Raum gibt es keine.',
    make: 'Eine Einladung erstellen',
    about: 'Wozu',
    optional: 'Das darf leer bleiben.',
    role: 'Man kommt herein als',
    roles: { host: 'Gastgeber', participant: 'Teilnehmer', guest: 'Gast' },
    uses: 'Für wie viele Personen',
    usesHint: 'Leer: für beliebig viele.',
    from: 'Gültig ab',
    until: 'Gültig bis',
    timesHint: 'Beide Zeiten sind UTC.',
    email: 'Nur für diese E-Mail-Adresse',
    emailHint: 'Man muss sich damit anmelden. Leer: für alle, die den Link haben.',
    makeButton: 'Link erstellen',
    made: 'Das ist der Link. Er wird nur dieses eine Mal gezeigt, kopieren Sie ihn jetzt:',
    text: 'Dasselbe als Text zum Weiterschicken',
    calendar: 'Für den Kalender herunterladen',
    starts: 'Die Besprechung beginnt (UTC)',
    minutes: 'und dauert, in Minuten',
    revoke: 'Zurücknehmen',
    untitled: 'Ohne Titel',
    used: '{used} von {uses} eingelöst',
    anyNumber: 'für beliebig viele Personen',
    goodFrom: 'ab {time}',
    goodUntil: 'bis {time}',
    isOver: 'vorbei seit {time}',
    by: 'von {by}',
    forEmail: 'für {email}',
    out: 'Aus diesem Raum gewiesen',
    nobodyOut: 'Niemand.',
    turnedAway: 'an der Tür abgewiesen',
    byOperator: 'durch den Betrieb dieses Dienstes',
    putOut: 'Jemanden hinausweisen',
    nobodyLately: 'In den letzten Stunden ist niemand hereingekommen.',
    who: 'Wen?',
    howLong: 'Für wie lange?',
    putOutButton: 'Hinausweisen',
    undo: 'Wieder zulassen',
    done: {
      'let-in': '{name} darf hereinkommen.',
      'let-all-in': 'Alle, die gewartet haben, dürfen hereinkommen.',
      'turn-away': '{name} wurde für eine Viertelstunde abgewiesen.',
      invite: 'Die Einladung ist erstellt.',
      revoke: 'Die Einladung ist zurückgenommen; wer mit ihr gekommen war, ist abgemeldet.',
      'put-out': '{name} ist aus diesem Raum gewiesen.',
      undo: '{name} darf wieder herein, soweit die Regeln es sagen.',
      gone: 'Das hatte sich inzwischen geändert; es wurde nichts getan.',
    },
  },
  arrived: {
    title: 'Sind Sie das?',
    signedInAs: '{provider} sagt, Sie sind {name}.',
    other: 'Zurzeit ist hier {name} angemeldet. Wenn Sie weitermachen, endet diese Anmeldung.',
    button: 'Weiter als {name}',
    stay: 'Nein, nichts ändern',
  },
  onward: {
    title: 'Einen Augenblick',
    button: 'Weiter zu {provider}',
  },
  problems: {
    'request.malformed': {
      happened: 'Mit diesem Link stimmt etwas nicht',
      whatToDo:
        'Öffnen Sie den Link aus Ihrer Einladung noch einmal. Falls Sie ihn kopiert haben: Ist er vollständig?',
    },
    'request.not-found': {
      happened: 'Unter dieser Adresse gibt es nichts',
      whatToDo: 'Vielleicht ein Tippfehler? Sonst öffnen Sie den Link aus Ihrer Einladung noch einmal.',
    },
    'request.method': {
      happened: 'So lässt sich diese Seite nicht öffnen',
      whatToDo: 'Öffnen Sie Ihren Besprechungslink noch einmal und beginnen Sie von dort.',
    },
    'request.too-large': {
      happened: 'Das war mehr, als wir auf einmal annehmen können',
      whatToDo:
        'Öffnen Sie Ihren Besprechungslink noch einmal. Hilft das nicht, sagen Sie es bitte der Betreuung dieses Dienstes.',
    },
    'request.wrong-host': {
      happened: 'Dieser Server kennt die verwendete Adresse nicht',
      whatToDo: 'Öffnen Sie den Link aus Ihrer Einladung noch einmal, genau so, wie Sie ihn bekommen haben.',
    },
    'request.cross-site': {
      happened: 'Eine andere Website wollte hier für Sie handeln',
      whatToDo:
        'Wir haben vorsichtshalber angehalten; geändert wurde nichts. Öffnen Sie Ihren Besprechungslink selbst und machen Sie von dort weiter.',
    },
    'request.too-many': {
      happened: 'Das waren sehr viele Versuche in kurzer Zeit',
      whatToDo: 'Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.',
    },
    'room.missing': {
      happened: 'Der Link sagt nicht, in welchen Raum Sie möchten',
      whatToDo: 'Öffnen Sie bitte den ganzen Link aus Ihrer Einladung.',
    },
    'room.unusable': {
      happened: 'Dieser Raumname lässt sich nicht verwenden',
      whatToDo: 'Wählen Sie bitte einen einfacheren Namen. Buchstaben, Ziffern und Bindestriche gehen immer.',
    },
    'room.reserved': {
      happened: 'Dieser Raumname ist für etwas anderes vergeben',
      whatToDo: 'Wählen Sie bitte einen anderen Namen für Ihren Raum.',
    },
    'room.mismatch': {
      happened: 'Dieser Link nennt zwei verschiedene Räume',
      whatToDo:
        'Damit Sie die richtigen Leute treffen, öffnen Sie bitte den Link aus Ihrer Einladung noch einmal.',
    },
    'tenant.unusable': {
      happened: 'Ein Teil der Adresse dieses Raums lässt sich nicht verwenden',
      whatToDo:
        'Sehen Sie sich den Teil vor dem Raumnamen an, oder öffnen Sie den Link aus Ihrer Einladung noch einmal.',
    },
    'state.unusable': {
      happened: 'Ihre Besprechungs-App hat uns etwas gesagt, das wir nicht verstehen',
      whatToDo:
        'Öffnen Sie Ihren Besprechungslink noch einmal. Bleibt es dabei, bringen Sie App oder Browser auf den neuesten Stand.',
    },
    'entry.refused': {
      happened: 'Mit diesem Konto öffnet sich dieser Raum nicht',
      whatToDo:
        'Wenn Sie noch ein anderes Konto haben, melden Sie sich damit an. Sonst fragen Sie bitte die Person, die Sie eingeladen hat.',
    },
    'entry.wait': {
      happened: 'Dieser Raum ist noch nicht geöffnet',
      whatToDo: 'Kommen Sie bitte wieder, wenn die Besprechung beginnt. Ihr Link bleibt gültig.',
    },
    'entry.early': {
      happened: 'Die Besprechung ist noch nicht geöffnet',
      whatToDo:
        'Ihr Link bleibt gültig. Kommen Sie zu der Zeit wieder, die unten steht, und sehen Sie noch einmal nach.',
    },
    'entry.closed': {
      happened: 'Diese Besprechung ist vorbei',
      whatToDo:
        'Es ist keine spätere Zeit bekannt, zu der dieser Raum öffnet. Wenn Sie meinen, dass es eine geben müsste, fragen Sie bitte die Person, die Sie eingeladen hat.',
    },
    'entry.kicked': {
      happened: 'Sie wurden für eine Weile aus diesem Raum gewiesen',
      whatToDo:
        'Bitte warten Sie, bis die Zeit vorbei ist. Wenn Sie das für einen Irrtum halten, wenden Sie sich an die Menschen, die diese Besprechung leiten.',
    },
    'entry.turned-away': {
      happened: 'Sie wurden in diesen Raum nicht eingelassen',
      whatToDo:
        'Bitte fragen Sie die Person, die Sie eingeladen hat. Wurden Sie erwartet, kann sie Sie einlassen, wenn Sie wiederkommen.',
    },
    'host.required': {
      happened: 'Diese Seite ist nur für die Leitung dieses Raums',
      whatToDo:
        'Wenn Sie ihn mit einem anderen Konto leiten, nehmen Sie dieses. Um teilzunehmen, öffnen Sie den Link der Besprechung.',
    },
    'host.gone': {
      happened: 'Das steht nicht mehr auf der Liste',
      whatToDo: 'Vielleicht war jemand anderes schneller. Öffnen Sie die Seite Ihres Raums noch einmal.',
    },
    'host.unusable': {
      happened: 'Mit diesen Angaben geht es nicht',
      whatToDo: 'Gehen Sie zurück und sehen Sie nach Zeiten, Anzahl der Personen und E-Mail-Adresse.',
    },
    'waiting.full': {
      happened: 'Im Augenblick warten sehr viele Menschen',
      whatToDo: 'Bitte versuchen Sie es in ein paar Minuten noch einmal. Ihr Link bleibt gültig.',
    },
    'session.required': {
      happened: 'Sie sind nicht angemeldet',
      whatToDo:
        'Öffnen Sie Ihren Besprechungslink noch einmal und melden Sie sich an; es dauert nur einen Augenblick.',
    },
    'session.ended': {
      happened: 'Ihre Anmeldung ist abgelaufen',
      whatToDo: 'Bitte melden Sie sich noch einmal an.',
    },
    'sign-in.no-cookie': {
      happened: 'Ihr Browser behält das Cookie nicht, das wir brauchen',
      whatToDo:
        'Erlauben Sie Cookies für diese Website oder verlassen Sie den privaten Modus, und öffnen Sie Ihren Besprechungslink noch einmal.',
    },
    'sign-in.used': {
      happened: 'Diese Anmeldung wurde schon verwendet',
      whatToDo: 'Das geschieht nach „Zurück“ oder „Neu laden“. Beginnen Sie einfach noch einmal.',
    },
    'sign-in.not-yours': {
      happened: 'Diese Anmeldung wurde in einem anderen Browser begonnen',
      whatToDo:
        'Öffnen Sie Ihren Besprechungslink in dem Browser, den Sie benutzen möchten, und melden Sie sich dort an.',
    },
    'sign-in.expired': {
      happened: 'Diese Anmeldung hat zu lange gewartet',
      whatToDo: 'Es ist nichts verloren. Bitte beginnen Sie noch einmal.',
    },
    'sign-in.cancelled': {
      happened: 'Die Anmeldung wurde abgebrochen',
      whatToDo: 'Falls das nicht Ihre Absicht war, versuchen Sie es einfach noch einmal.',
    },
    'sign-in.wrong-password': {
      happened: 'Benutzername und Passwort passen nicht zusammen',
      whatToDo: 'Prüfen Sie beides auf Tippfehler, und ob die Feststelltaste an ist.',
    },
    'sign-in.busy': {
      happened: 'Gerade melden sich sehr viele Menschen an',
      whatToDo: 'Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.',
    },
    'provider.unknown': {
      happened: 'Diesen Anmeldedienst kennen wir nicht',
      whatToDo: 'Öffnen Sie Ihren Besprechungslink noch einmal und wählen Sie einen Dienst aus der Liste.',
    },
    'provider.member-unknown': {
      happened: 'Die Anmeldung dieser Einrichtung kennen wir nicht',
      whatToDo:
        'Bitte gehen Sie zurück und wählen Sie eine andere. Fehlt Ihre, sagen Sie es denen, die diesen Dienst betreiben.',
    },
    'provider.unreachable': {
      happened: 'Der Anmeldedienst antwortet gerade nicht',
      whatToDo: 'Das liegt nicht an Ihnen. Bitte versuchen Sie es in einigen Minuten noch einmal.',
      named: '{provider} antwortet gerade nicht',
      elsewhere:
        'Das liegt nicht an Ihnen. Bitte versuchen Sie es in einigen Minuten noch einmal oder melden Sie sich auf anderem Weg an.',
    },
    'provider.misconfigured': {
      happened: 'Der Anmeldedienst und dieser Server passen noch nicht zusammen',
      whatToDo:
        'Das können Sie nicht selbst beheben. Bitte geben Sie die Kennung an die Betreuung dieses Dienstes weiter.',
    },
    'provider.refused': {
      happened: 'Der Anmeldedienst hat unsere Anfrage abgelehnt',
      whatToDo:
        'Bitte versuchen Sie es noch einmal. Bleibt es dabei, sagen Sie es der Betreuung dieses Dienstes.',
    },
    'provider.response-invalid': {
      happened: 'Auf die Antwort des Anmeldedienstes konnten wir uns nicht verlassen',
      whatToDo:
        'Bitte versuchen Sie es noch einmal. Bleibt es dabei, sagen Sie es der Betreuung dieses Dienstes.',
    },
    'provider.groups-missing': {
      happened: 'Der Anmeldedienst hat nicht gesagt, zu welchen Gruppen Sie gehören',
      whatToDo:
        'Ohne das wissen wir nicht, welche Räume Ihnen offenstehen. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'provider.id-missing': {
      happened: 'Der Anmeldedienst hat nicht gesagt, wer Sie sind',
      whatToDo: 'Das können Sie nicht selbst beheben. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'provider.reauthentication': {
      happened: 'Hier wird eine frischere oder stärkere Anmeldung gebraucht',
      whatToDo: 'Bitte melden Sie sich noch einmal an, mit Ihrem zweiten Faktor, falls Sie einen haben.',
    },
    'provider.clock': {
      happened: 'Unsere Uhr und die des Anmeldedienstes gehen verschieden',
      whatToDo: 'Das können Sie nicht selbst beheben. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'saml.unacceptable': {
      happened: 'Was der Anmeldedienst über Sie geschickt hat, ist nicht gültig',
      whatToDo:
        'Bitte versuchen Sie es noch einmal von Ihrem Besprechungslink aus. Bleibt es dabei, sagen Sie es der Betreuung dieses Dienstes.',
    },
    'saml.unsolicited': {
      happened: 'Diese Anmeldung hat nicht hier begonnen',
      whatToDo:
        'Öffnen Sie Ihren Besprechungslink und melden Sie sich von dort aus an. Hat ein Portal Sie hierher geführt, sagen Sie es der Betreuung dieses Dienstes.',
    },
    'saml.logout-unacceptable': {
      happened: 'Diese Aufforderung zum Abmelden ist nicht gültig',
      whatToDo:
        'Vielleicht sind Sie hier noch angemeldet. Melden Sie sich zur Sicherheit auf der Seite Ihrer Besprechung ab oder schließen Sie den Browser.',
    },
    'saml.busy': {
      happened: 'Gerade melden sich sehr viele Menschen an',
      whatToDo: 'Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.',
    },
    'header.not-believed': {
      happened: 'Diese Seite lässt sich nicht für sich allein öffnen',
      whatToDo:
        'Öffnen Sie Ihren Besprechungslink und melden Sie sich von dort an. Bleibt es dabei, sagen Sie es der Betreuung dieses Dienstes.',
    },
    'header.unacceptable': {
      happened: 'Was der Anmeldedienst über Sie gesagt hat, konnten wir nicht lesen',
      whatToDo: 'Das können Sie nicht selbst beheben. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'logout-token.unacceptable': {
      happened: 'Diese Aufforderung zum Abmelden konnten wir nicht annehmen',
      whatToDo: 'Wenn Sie sich abmelden wollten, benutzen Sie bitte den Knopf „Abmelden“ auf dieser Website.',
    },
    'guest.name': {
      happened: 'Diesen Namen können wir nicht anzeigen',
      whatToDo: 'Bitte geben Sie den Namen an, unter dem man Sie kennt, in Buchstaben oder Ziffern.',
    },
    'pass.unknown': {
      happened: 'Dieser Eintrittscode gilt nicht oder nicht mehr',
      whatToDo:
        'Vielleicht ein Tippfehler? Codes gelten einmal und nicht lange; Sie können um einen neuen bitten.',
    },
    'invite.unknown': {
      happened: 'Diese Einladung kennen wir nicht',
      whatToDo:
        'Prüfen Sie, ob der Link vollständig ist. Vielleicht wurde sie zurückgezogen: Wer Sie eingeladen hat, weiß es und kann eine neue schicken.',
    },
    'invite.expired': {
      happened: 'Diese Einladung ist abgelaufen',
      whatToDo:
        'Sie galt bis zu einem bestimmten Zeitpunkt. Wer Sie eingeladen hat, kann eine neue schicken.',
    },
    'invite.used': {
      happened: 'Diese Einladung wurde schon benutzt',
      whatToDo:
        'So viele, wie eingeladen waren, sind schon damit gekommen. Wenn Sie dabei waren, öffnen Sie den Link im selben Browser wie zuvor; sonst bitten Sie um eine neue.',
    },
    'invite.lapsed': {
      happened: 'Diese Einladung gilt nicht mehr',
      whatToDo:
        'Wer Sie eingeladen hat, darf in diesen Raum nicht mehr einladen. Bitte fragen Sie die Leitung des Raums.',
    },
    'invite.not-yet': {
      happened: 'Diese Einladung gilt noch nicht',
      whatToDo: 'Sie sind früh dran. Öffnen Sie den Link wieder, wenn die Besprechung beginnt.',
    },
    'invite.other-person': {
      happened: 'Diese Einladung ist für jemand anderen',
      whatToDo:
        'Sie gilt einer E-Mail-Adresse, und Ihr Konto hat eine andere. Melden Sie sich mit dem Konto an, das eingeladen wurde.',
    },
    'link.unacceptable': {
      happened: 'Mit diesem Link können wir nichts anfangen',
      whatToDo:
        'Öffnen Sie die Besprechung noch einmal dort, wo Sie den Link gefunden haben. Hilft das nicht, sagen Sie es den Betreibern jener Seite.',
    },
    'link.expired': {
      happened: 'Dieser Link ist abgelaufen',
      whatToDo:
        'Öffnen Sie die Besprechung noch einmal dort, wo Sie den Link gefunden haben: Dort bekommen Sie einen frischen.',
    },
    'link.other-room': {
      happened: 'Dieser Link gehört zu einem anderen Raum',
      whatToDo: 'Öffnen Sie die Besprechung noch einmal dort, wo Sie den Link gefunden haben.',
    },
    'link.not-allowed': {
      happened: 'Die Seite, von der Ihr Link stammt, darf niemanden in diesen Raum lassen',
      whatToDo:
        'Fragen Sie, wer Sie eingeladen hat, nach einem anderen Weg, oder sagen Sie es den Betreibern jener Seite.',
    },
    'issuer.unreachable': {
      happened: 'Wir können Ihren Link gerade nicht prüfen',
      whatToDo:
        'Warten Sie eine Minute und öffnen Sie die Besprechung noch einmal dort, wo Sie den Link gefunden haben.',
    },
    'bearer.unacceptable': {
      happened: 'Der Anmeldenachweis in Ihrer Anfrage gilt nicht',
      whatToDo:
        'Melden Sie sich bei dem Dienst, von dem er kommt, neu an, oder sagen Sie es dessen Betreibern.',
    },
    'bearer.expired': {
      happened: 'Die Anmeldung, von der Ihre Anfrage spricht, ist vorbei',
      whatToDo:
        'Melden Sie sich dort, wo sie herkommt, neu an. Im Browser: Öffnen Sie den Besprechungslink noch einmal.',
    },
    'bearer.graph': {
      happened: 'Der Nachweis in Ihrer Anfrage ist für Microsoft Graph',
      whatToDo:
        'Nur Graph kann ihn prüfen. Das Programm, das ihn geschickt hat, muss bei Microsoft Entra einen verlangen, der für diesen Dienst gedacht ist.',
    },
    'bearer.unreachable': {
      happened: 'Wir können Ihre Anmeldung gerade nicht prüfen',
      whatToDo: 'Warten Sie eine Minute und versuchen Sie es noch einmal.',
    },
    'token.unacceptable': {
      happened: 'Ihre Eintrittskarte gilt nicht mehr',
      whatToDo: 'Öffnen Sie Ihren Besprechungslink noch einmal, dann bekommen Sie eine neue.',
    },
    'outbound.forbidden': {
      happened: 'Dieser Server darf etwas nicht holen, das er braucht',
      whatToDo: 'Das können Sie nicht selbst beheben. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'outbound.failed': {
      happened: 'Dieser Server konnte etwas nicht holen, das er braucht',
      whatToDo: 'Das liegt nicht an Ihnen. Bitte versuchen Sie es in einigen Minuten noch einmal.',
    },
    'outbound.too-large': {
      happened: 'Dieser Server hat mehr bekommen, als er annehmen kann',
      whatToDo: 'Das liegt nicht an Ihnen. Bitte versuchen Sie es in einigen Minuten noch einmal.',
    },
    'key.unusable': {
      happened: 'Dieser Server kann gerade keine Eintrittskarten ausstellen',
      whatToDo: 'Das können Sie nicht selbst beheben. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'key.none': {
      happened: 'Dieser Server kann noch keine Eintrittskarten ausstellen',
      whatToDo: 'Das liegt nicht an Ihnen. Bitte versuchen Sie es in einigen Minuten noch einmal.',
    },
    'store.unavailable': {
      happened: 'Dieser Server kann gerade nichts nachschlagen',
      whatToDo: 'Das liegt nicht an Ihnen. Bitte versuchen Sie es in einigen Minuten noch einmal.',
    },
    'store.newer': {
      happened: 'Dieser Server wird gerade aktualisiert',
      whatToDo:
        'Bitte versuchen Sie es in einigen Minuten noch einmal. Bleibt es dabei, sagen Sie es der Betreuung dieses Dienstes.',
    },
    'store.full': {
      happened: 'Dieser Server kann sich gerade nichts notieren',
      whatToDo: 'Das liegt nicht an Ihnen. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'prosody.secret': {
      happened: 'Das hat nicht unser Prosody gesagt',
      whatToDo:
        'Es wurde nichts geändert. Wenn Sie diesen Dienst betreiben: prosodyModule.secret hier und ostiary_secret in Prosody müssen gleich sein.',
    },
    'config.unusable': {
      happened: 'Dieser Server ist noch nicht fertig eingerichtet',
      whatToDo: 'Das können Sie nicht selbst beheben. Bitte sagen Sie es der Betreuung dieses Dienstes.',
    },
    'client.unknown': {
      happened: 'Die Anwendung hat sich nicht ausgewiesen',
      whatToDo:
        'Diese Adresse ist für Anwendungen. Wer sie betreibt, sollte Kennung und Geheimnis mit den Einstellungen hier vergleichen.',
    },
    'client.grant-type': {
      happened: 'So lässt sich hier nichts anfordern',
      whatToDo:
        'Fragen Sie, wer die Anwendung betreibt: Sie hat eine Art der Anforderung verwendet, die es hier nicht gibt.',
    },
    'client.not-allowed': {
      happened: 'Das darf die Anwendung nicht anfordern',
      whatToDo: 'Fragen Sie, wer die Anwendung betreibt: Ihre Einstellungen hier erlauben das nicht.',
    },
    'client.room': {
      happened: 'Diesen Raum darf die Anwendung nicht anfordern',
      whatToDo: 'Fragen Sie, wer die Anwendung betreibt: Ihre Einstellungen hier nennen andere Räume.',
    },
    'client.role': {
      happened: 'Diese Rolle darf die Anwendung nicht anfordern',
      whatToDo:
        'Fragen Sie, wer die Anwendung betreibt: Ihre Einstellungen hier enden bei einer niedrigeren Rolle.',
    },
    'client.subject': {
      happened: 'Die Anwendung hat nicht gesagt, für wen sie fragt',
      whatToDo: 'Fragen Sie, wer die Anwendung betreibt: Es fehlt eine subject_id aus einfachen Zeichen.',
    },
    'ticket.unacceptable': {
      happened: 'Dieser Zugang ist abgelaufen',
      whatToDo: 'Öffnen Sie den Link zur Besprechung noch einmal und melden Sie sich an.',
    },
    'socket.too-many': {
      happened: 'Sie haben zu viele Verbindungen offen',
      whatToDo:
        'Schließen Sie die Besprechung in anderen Tabs und Fenstern und versuchen Sie es noch einmal.',
    },
    'stream.unusable': {
      happened: 'Die App hat die Verbindung nicht begonnen wie erwartet',
      whatToDo: 'Öffnen Sie den Link zur Besprechung noch einmal in einem aktuellen Browser oder in der App.',
    },
    'jitsi.refused': {
      happened: 'Die Besprechung hat Sie nicht eingelassen',
      whatToDo:
        'Versuchen Sie es noch einmal. Bleibt es dabei, nehmen Sie ein anderes Konto oder fragen Sie, wer Sie eingeladen hat.',
    },
    'jitsi.token-refused': {
      happened: 'Die Besprechung hat Ihre Eintrittskarte nicht angenommen',
      whatToDo:
        'Versuchen Sie es noch einmal: Sie bekommen eine frische. Bleibt es dabei, sagen Sie es denen, die diesen Dienst betreiben.',
    },
    'jitsi.token-expired': {
      happened: 'Ihre Eintrittskarte galt nicht mehr',
      whatToDo: 'Versuchen Sie es noch einmal: Sie bekommen eine frische.',
    },
    'upstream.unreachable': {
      happened: 'Der Besprechungsserver antwortet gerade nicht',
      whatToDo:
        'Sie sind angemeldet, an Ihnen liegt es nicht. Bitte versuchen Sie es in einer Minute noch einmal.',
    },
    'upstream.slow': {
      happened: 'Der Besprechungsserver braucht zu lange',
      whatToDo:
        'Sie sind angemeldet, an Ihnen liegt es nicht. Bitte versuchen Sie es in einer Minute noch einmal.',
    },
    'upstream.unusable': {
      happened: 'Der Besprechungsserver hat etwas geschickt, womit wir nichts anfangen können',
      whatToDo: 'Bitte sagen Sie es den Betreibern dieses Dienstes und nennen Sie die Referenz unten.',
    },
    'server.draining': {
      happened: 'Dieser Server wird gerade neu gestartet',
      whatToDo: 'Bitte versuchen Sie es in einer Minute noch einmal.',
    },
    'server.bug': {
      happened: 'Bei uns ist etwas schiefgegangen',
      whatToDo:
        'Bitte versuchen Sie es noch einmal. Geschieht es wieder, geben Sie die Kennung an die Betreuung dieses Dienstes weiter.',
    },
  },
};
