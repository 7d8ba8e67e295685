/**
 * Every sentence a person reads, in French. The spaces before `: ; ?` and
 * inside « » are hard ones (U+00A0), as French wants them.
 */
import type { Words } from './en.ts';

/** French. */
export const fr: Words = {
  language: 'fr',
  frame: {
    room: 'Salle',
    reference: 'Référence',
    home: 'Aller à la page d’accueil',
    fragmentLost:
      'Sans JavaScript, les réglages à la fin de votre lien se perdent en route, par exemple commencer avec le micro coupé.',
  },
  signIn: {
    title: 'Se connecter',
    titleRoom: 'Se connecter pour participer',
    one: 'Connectez-vous avec votre compte.',
    oneRoom: 'Connectez-vous avec votre compte et vous entrerez directement dans la réunion.',
    choose: 'Où avez-vous un compte ?',
    other: 'Ou avec un autre compte :',
    away: 'Ne répond pas pour le moment',
    email: 'Ou saisissez votre adresse e-mail',
    next: 'Continuer',
    emailUnknown:
      'Nous ne connaissons aucun service de connexion pour cette adresse. Choisissez-en un dans la liste.',
    with: 'Se connecter avec {provider}',
    taking: 'Redirection vers {provider}… Si rien ne se passe, utilisez le bouton.',
  },
  waiting: {
    title: 'La réunion n’a pas encore commencé',
    lead: 'Restez sur cette page. Vous entrerez automatiquement dès que l’hôte sera là.',
    go: 'L’hôte est là. Vous entrez…',
    away: 'La personne qui anime ne vous fait pas entrer pour l’instant…',
    over: 'Vous attendez depuis longtemps. Cette page ne vérifie plus d’elle-même.',
    again: 'Vérifier de nouveau',
    host: 'Je suis l’hôte : me connecter',
    byHand: {
      title: 'Veuillez attendre que l’on vous fasse entrer',
      lead: 'Restez sur cette page. Vous entrerez automatiquement dès que l’hôte vous fera entrer.',
      go: 'On vous fait entrer…',
    },
  },
  guest: {
    title: 'Je n’ai pas de compte : participer comme invité',
    name: 'Votre nom',
    button: 'Participer comme invité',
  },
  member: {
    title: 'Choisissez votre établissement',
    why: 'Vous vous y connectez avec le compte que vous avez.',
    search: 'Nom de votre établissement',
    find: 'Chercher',
    none: 'Aucun ne porte ce nom ici. Essayez un mot plus court.',
  },
  inApp: {
    title: 'Ouvrez ce lien dans votre navigateur',
    why: 'Vous êtes dans le petit navigateur d’une autre application. Les services de connexion y refusent souvent de fonctionner.',
    how: 'Dans le menu de cette application, choisissez « Ouvrir dans le navigateur », ou copiez ce lien dans Firefox, Chrome, Safari ou Edge :',
    anyway: 'Essayer ici quand même',
  },
  handOff: {
    title: 'Où voulez-vous participer ?',
    app: 'Ouvrir dans {app}',
    here: 'Continuer dans ce navigateur',
    signedIn: 'Vous êtes connecté',
    back: 'Retour à {app}',
    goingBack: 'Retour à {app} … Si rien ne se passe, utilisez le bouton.',
    missing:
      'Si rien ne se passe, ou si votre appareil ne connaît pas cette adresse, l’application n’est pas encore installée.',
    get: 'Obtenir {app} ({shop})',
  },
  popup: {
    close:
      'Vous pouvez fermer cette fenêtre et continuer dans la réunion. Si elle ne continue pas d’elle-même, connectez-vous-y encore une fois.',
    enter: 'Entrer dans la réunion ici',
  },
  outside: {
    title: 'Veuillez ouvrir la réunion dans sa propre fenêtre',
    why: 'Vous devez d’abord vous connecter, et cela ne fonctionne pas à l’intérieur d’une autre page ou application.',
    open: 'Ouvrir la réunion',
  },
  link: {
    title: 'Un instant, s’il vous plaît',
    enter: 'Aller à la réunion',
    byAccount: 'Continuer avec un compte',
  },
  problem: {
    retry: 'Réessayer',
    otherProvider: 'Se connecter autrement',
    otherAccount: 'Utiliser un autre compte',
    reference: 'Si vous demandez de l’aide, donnez cette référence :',
    from: 'Un mot de {organisation}',
    until: 'Vous pourrez revenir après cette heure : {time}.',
    opens: 'Ouverture : {time}.',
  },
  signOut: {
    callsGoOn:
      'Une réunion encore ouverte dans un autre onglet ou dans l’application continue jusqu’à ce que vous la quittiez.',
    title: 'Voulez-vous vous déconnecter ?',
    signedInAs: 'Votre session est ouverte au nom de {name}.',
    button: 'Se déconnecter',
    stay: 'Garder la session ouverte',
  },
  signingOut: {
    title: 'Ici, la déconnexion est faite',
    also: 'Encore une étape pour vous déconnecter aussi de {provider}.',
    button: 'Se déconnecter de {provider}',
    taking: 'Redirection vers {provider}… Si rien ne se passe, utilisez le bouton.',
  },
  signedOut: {
    title: 'La déconnexion est faite',
    done: 'À bientôt. Vous pouvez maintenant fermer cette fenêtre.',
    stillAt:
      'Votre session est peut-être encore ouverte chez {provider}. Sur un ordinateur partagé, déconnectez-vous là aussi et fermez le navigateur.',
    again: 'Se reconnecter',
  },
  password: {
    title: 'Se connecter',
    titleRoom: 'Se connecter pour participer',
    lead: 'Utilisez votre compte {provider}.',
    username: 'Nom d’utilisateur',
    password: 'Mot de passe',
    button: 'Se connecter',
  },
  pass: {
    title: 'Entrer avec un code',
    lead: 'On vous a donné un code d’entrée. Dites-nous comment vous appeler, et vous y êtes.',
    code: 'Code d’entrée',
    name: 'Votre nom',
    noScript: 'Le code est la partie de votre lien après le signe #.',
    button: 'Entrer dans la salle',
  },
  invite: {
    title: 'Vous avez une invitation',
    by: '{by} vous invite à cette réunion.',
    card: 'Invitation à une réunion',
    forOne: 'Cette invitation vous est personnelle : connectez-vous, pour que nous sachions que c’est vous.',
    signIn: 'Se connecter',
    button: 'Entrer dans la salle',
  },
  whoami: {
    title: 'Votre connexion',
    signedInAs: 'Votre session est ouverte au nom de {name}',
    by: 'Connexion avec {provider}.',
    lead: 'Animer une salle : voir qui attend, inviter',
    roomName: 'Nom de la salle',
    openRoom: 'Ouvrir',
  },
  hosting: {
    title: 'Votre salle',
    enter: 'Entrer dans la réunion',
    waiting: 'À la porte',
    nobodyWaits: 'Personne n’attend.',
    look: 'Regarder à nouveau',
    changed: 'Les personnes qui attendent ont changé.',
    stopped: 'Cette page ne vérifie plus d’elle-même.',
    since: 'attend depuis {time}',
    letIn: 'Faire entrer',
    turnAway: 'Refuser',
    letAllIn: 'Faire entrer tout le monde ({count})',
    more: 'Et {count} de plus.',
    standing: {
      guest: 'invité : un nom choisi librement',
      account: 'connecté',
      invited: 'par invitation',
      vouched: 'envoyé par une autre application',
    },
    invitations: 'Les invitations',
    noInvitations: 'Il n’y en a pas pour cette salle.',
    make: 'Créer une invitation',
    about: 'À quel sujet',
    optional: 'Vous pouvez laisser ce champ vide.',
    role: 'On entre en tant que',
    roles: { host: 'hôte', participant: 'participant', guest: 'invité' },
    uses: 'Pour combien de personnes',
    usesHint: 'Vide : sans limite.',
    from: 'Valable à partir du',
    until: 'Valable jusqu’au',
    timesHint: 'Les deux heures sont en UTC.',
    email: 'Seulement pour cette adresse e-mail',
    emailHint: 'Il faut se connecter avec elle. Vide : pour quiconque a le lien.',
    makeButton: 'Créer le lien',
    made: 'Voici le lien. Il n’est affiché que cette fois, copiez-le maintenant :',
    text: 'Le même, en texte à envoyer',
    calendar: 'Télécharger pour un agenda',
    starts: 'La réunion commence (UTC)',
    minutes: 'et dure, en minutes',
    revoke: 'Retirer',
    untitled: 'Sans titre',
    used: '{used} sur {uses} utilisées',
    anyNumber: 'pour un nombre illimité de personnes',
    goodFrom: 'à partir du {time}',
    goodUntil: 'jusqu’au {time}',
    isOver: 'terminée depuis le {time}',
    by: 'par {by}',
    forEmail: 'pour {email}',
    out: 'Exclus de cette salle',
    nobodyOut: 'Personne.',
    turnedAway: 'refusé à la porte',
    byOperator: 'par les responsables de ce service',
    putOut: 'Exclure quelqu’un',
    nobodyLately: 'Personne n’est entré ces dernières heures.',
    who: 'Qui ?',
    howLong: 'Pour combien de temps ?',
    putOutButton: 'Exclure',
    undo: 'Autoriser de nouveau',
    done: {
      'let-in': '{name} peut entrer.',
      'let-all-in': 'Toutes les personnes qui attendaient peuvent entrer.',
      'turn-away': '{name} : entrée refusée pour un quart d’heure.',
      invite: 'L’invitation est créée.',
      revoke: 'L’invitation est retirée ; les personnes entrées par elle sont déconnectées.',
      'put-out': '{name} : exclusion de cette salle.',
      undo: '{name} peut revenir, selon les règles.',
      gone: 'Cela avait changé entre-temps ; rien n’a été fait.',
    },
  },
  arrived: {
    title: 'Est-ce bien vous ?',
    signedInAs: 'D’après {provider}, vous êtes {name}.',
    other: 'Pour le moment, la session est ouverte au nom de {name}. Si vous continuez, elle prend fin.',
    button: 'Continuer en tant que {name}',
    stay: 'Non, ne rien changer',
  },
  onward: {
    title: 'Un instant',
    button: 'Continuer vers {provider}',
  },
  problems: {
    'request.malformed': {
      happened: 'Quelque chose ne va pas dans ce lien',
      whatToDo:
        'Ouvrez de nouveau le lien de votre invitation. Si vous l’avez copié, vérifiez qu’il est complet.',
    },
    'request.not-found': {
      happened: 'Il n’y a rien à cette adresse',
      whatToDo: 'Vérifiez l’adresse, ou ouvrez de nouveau le lien de votre invitation.',
    },
    'request.method': {
      happened: 'Cette page ne s’ouvre pas de cette façon',
      whatToDo: 'Ouvrez de nouveau le lien de votre réunion et repartez de là.',
    },
    'request.too-large': {
      happened: 'C’était plus que ce que nous pouvons recevoir en une fois',
      whatToDo:
        'Ouvrez de nouveau le lien de votre réunion. Si cela ne suffit pas, prévenez l’équipe qui gère ce service.',
    },
    'request.wrong-host': {
      happened: 'Ce serveur ne répond pas à l’adresse utilisée',
      whatToDo: 'Ouvrez de nouveau le lien de votre invitation, exactement comme vous l’avez reçu.',
    },
    'request.cross-site': {
      happened: 'Un autre site a voulu agir ici à votre place',
      whatToDo:
        'Par prudence, nous nous sommes arrêtés ; rien n’a changé. Ouvrez vous-même le lien de votre réunion et continuez de là.',
    },
    'request.too-many': {
      happened: 'Cela fait beaucoup de tentatives en peu de temps',
      whatToDo: 'Patientez une minute, puis réessayez.',
    },
    'room.missing': {
      happened: 'Le lien ne dit pas dans quelle salle vous voulez entrer',
      whatToDo: 'Ouvrez le lien complet de votre invitation.',
    },
    'room.unusable': {
      happened: 'Ce nom de salle ne peut pas être utilisé',
      whatToDo:
        'Choisissez un nom plus simple. Les lettres, les chiffres et les tirets conviennent toujours.',
    },
    'room.reserved': {
      happened: 'Ce nom de salle est réservé à un autre usage',
      whatToDo: 'Choisissez un autre nom pour votre salle.',
    },
    'room.mismatch': {
      happened: 'Ce lien désigne deux salles différentes',
      whatToDo: 'Pour retrouver les bonnes personnes, ouvrez de nouveau le lien de votre invitation.',
    },
    'tenant.unusable': {
      happened: 'Une partie de l’adresse de cette salle ne peut pas être utilisée',
      whatToDo:
        'Regardez la partie qui précède le nom de la salle, ou ouvrez de nouveau le lien de votre invitation.',
    },
    'state.unusable': {
      happened: 'Votre application de réunion nous a dit quelque chose que nous ne comprenons pas',
      whatToDo:
        'Ouvrez de nouveau le lien de votre réunion. Si cela persiste, mettez à jour l’application ou le navigateur.',
    },
    'entry.refused': {
      happened: 'Ce compte n’ouvre pas cette salle',
      whatToDo:
        'Si vous avez un autre compte, connectez-vous avec celui-là. Sinon, adressez-vous à la personne qui vous a envoyé l’invitation.',
    },
    'entry.wait': {
      happened: 'Cette salle n’est pas encore ouverte',
      whatToDo: 'Revenez quand la réunion commencera. Votre lien restera valable.',
    },
    'entry.early': {
      happened: 'La réunion n’est pas encore ouverte',
      whatToDo: 'Votre lien restera valable. Revenez à l’heure indiquée ci-dessous et vérifiez de nouveau.',
    },
    'entry.closed': {
      happened: 'Cette réunion est terminée',
      whatToDo:
        'Aucune heure d’ouverture ultérieure n’est connue pour cette salle. Si vous pensez qu’il devrait y en avoir une, adressez-vous à la personne qui vous a envoyé l’invitation.',
    },
    'entry.kicked': {
      happened: 'Cette salle vous est fermée pour un temps',
      whatToDo:
        'Attendez que ce temps soit écoulé. Si vous pensez que c’est une erreur, adressez-vous aux personnes qui animent cette réunion.',
    },
    'entry.turned-away': {
      happened: 'On ne vous a pas fait entrer dans cette salle',
      whatToDo:
        'Demandez à la personne qui vous a invité. Si l’on vous attendait, on pourra vous faire entrer à votre retour.',
    },
    'host.required': {
      happened: 'Cette page est réservée à qui anime cette salle',
      whatToDo:
        'Si vous l’animez avec un autre compte, utilisez-le. Pour participer, ouvrez le lien de la réunion.',
    },
    'host.gone': {
      happened: 'Cela ne figure plus dans la liste',
      whatToDo: 'Quelqu’un a peut-être été plus rapide. Ouvrez de nouveau la page de votre salle.',
    },
    'host.unusable': {
      happened: 'Ces indications ne conviennent pas',
      whatToDo: 'Revenez en arrière et vérifiez les heures, le nombre de personnes et l’adresse e-mail.',
    },
    'waiting.full': {
      happened: 'De très nombreuses personnes attendent en ce moment',
      whatToDo: 'Réessayez dans quelques minutes. Votre lien reste valable.',
    },
    'session.required': {
      happened: 'Vous n’avez pas de session ouverte',
      whatToDo: 'Ouvrez de nouveau le lien de votre réunion et connectez-vous ; cela ne prend qu’un instant.',
    },
    'session.ended': {
      happened: 'Votre connexion a pris fin',
      whatToDo: 'Reconnectez-vous pour continuer.',
    },
    'sign-in.no-cookie': {
      happened: 'Votre navigateur ne garde pas le cookie dont nous avons besoin',
      whatToDo:
        'Autorisez les cookies de ce site ou quittez la navigation privée, puis ouvrez de nouveau le lien de votre réunion.',
    },
    'sign-in.used': {
      happened: 'Cette connexion a déjà été utilisée',
      whatToDo: 'Cela arrive après un retour en arrière ou un rechargement. Recommencez tout simplement.',
    },
    'sign-in.not-yours': {
      happened: 'Cette connexion a été commencée dans un autre navigateur',
      whatToDo:
        'Ouvrez le lien de votre réunion dans le navigateur que vous voulez utiliser, et connectez-vous là.',
    },
    'sign-in.expired': {
      happened: 'Cette connexion a attendu trop longtemps',
      whatToDo: 'Rien n’est perdu. Il suffit de recommencer.',
    },
    'sign-in.cancelled': {
      happened: 'La connexion a été annulée',
      whatToDo: 'Si ce n’était pas voulu, réessayez tout simplement.',
    },
    'sign-in.wrong-password': {
      happened: 'Ce nom d’utilisateur et ce mot de passe ne vont pas ensemble',
      whatToDo: 'Vérifiez les deux, et que la touche Verr. Maj. n’est pas active.',
    },
    'sign-in.busy': {
      happened: 'Un très grand nombre de personnes se connectent en ce moment',
      whatToDo: 'Patientez une minute, puis réessayez.',
    },
    'provider.unknown': {
      happened: 'Nous ne connaissons pas ce service de connexion',
      whatToDo: 'Ouvrez de nouveau le lien de votre réunion et choisissez dans la liste.',
    },
    'provider.member-unknown': {
      happened: 'Nous ne connaissons pas la connexion de cet établissement',
      whatToDo:
        'Revenez en arrière et choisissez-en un autre. Si le vôtre manque, signalez-le aux responsables de ce service.',
    },
    'provider.unreachable': {
      happened: 'Le service de connexion ne répond pas pour le moment',
      whatToDo: 'Vous n’y êtes pour rien. Réessayez dans quelques minutes.',
      named: '{provider} ne répond pas pour le moment',
      elsewhere: 'Vous n’y êtes pour rien. Réessayez dans quelques minutes ou connectez-vous autrement.',
    },
    'provider.misconfigured': {
      happened: 'Le service de connexion et ce serveur ne s’accordent pas encore',
      whatToDo:
        'Vous ne pouvez pas y remédier vous-même. Transmettez la référence à l’équipe qui gère ce service.',
    },
    'provider.refused': {
      happened: 'Le service de connexion a refusé notre demande',
      whatToDo: 'Réessayez une fois. Si cela persiste, prévenez l’équipe qui gère ce service.',
    },
    'provider.response-invalid': {
      happened: 'Nous n’avons pas pu nous fier à la réponse du service de connexion',
      whatToDo: 'Réessayez une fois. Si cela persiste, prévenez l’équipe qui gère ce service.',
    },
    'provider.groups-missing': {
      happened: 'Le service de connexion n’a pas dit à quels groupes vous appartenez',
      whatToDo:
        'Sans cela, nous ne savons pas quelles salles vous sont ouvertes. Prévenez l’équipe qui gère ce service.',
    },
    'provider.id-missing': {
      happened: 'Le service de connexion n’a pas dit qui vous êtes',
      whatToDo: 'Vous ne pouvez pas y remédier vous-même. Prévenez l’équipe qui gère ce service.',
    },
    'provider.reauthentication': {
      happened: 'Il faut ici une connexion plus récente ou plus forte',
      whatToDo: 'Reconnectez-vous, avec votre second facteur si vous en avez un.',
    },
    'provider.clock': {
      happened: 'Notre horloge et celle du service de connexion diffèrent',
      whatToDo: 'Vous ne pouvez pas y remédier vous-même. Prévenez l’équipe qui gère ce service.',
    },
    'saml.unacceptable': {
      happened: 'Ce que le service de connexion a envoyé à votre sujet n’est pas valable',
      whatToDo:
        'Réessayez depuis le lien de votre réunion. Si cela persiste, prévenez l’équipe qui gère ce service.',
    },
    'saml.unsolicited': {
      happened: 'Cette connexion n’a pas commencé ici',
      whatToDo:
        'Ouvrez le lien de votre réunion et connectez-vous depuis là. Si un portail vous a amené ici, prévenez l’équipe qui gère ce service.',
    },
    'saml.logout-unacceptable': {
      happened: 'Cette demande de déconnexion n’est pas valable',
      whatToDo:
        'Votre session est peut-être encore ouverte ici. Par sécurité, déconnectez-vous sur la page de votre réunion ou fermez le navigateur.',
    },
    'saml.busy': {
      happened: 'Un très grand nombre de personnes se connectent en ce moment',
      whatToDo: 'Patientez une minute, puis réessayez.',
    },
    'header.not-believed': {
      happened: 'Cette page ne peut pas être ouverte seule',
      whatToDo:
        'Ouvrez le lien de votre réunion et connectez-vous à partir de là. Si cela persiste, prévenez les responsables de ce service.',
    },
    'header.unacceptable': {
      happened: 'Nous n’avons pas pu lire ce que le service de connexion a dit de vous',
      whatToDo: 'Vous ne pouvez pas y remédier vous-même. Veuillez prévenir les responsables de ce service.',
    },
    'logout-token.unacceptable': {
      happened: 'Nous n’avons pas pu accepter cette demande de déconnexion',
      whatToDo: 'Si vous vouliez vous déconnecter, utilisez le bouton « Se déconnecter » de ce site.',
    },
    'guest.name': {
      happened: 'Nous ne pouvons pas afficher ce nom',
      whatToDo: 'Indiquez le nom sous lequel on vous connaît, en lettres ou en chiffres.',
    },
    'pass.unknown': {
      happened: 'Ce code d’entrée ne fonctionne pas, ou plus',
      whatToDo:
        'Vérifiez la saisie. Un code sert une seule fois et pas longtemps ; vous pouvez en demander un autre.',
    },
    'invite.unknown': {
      happened: 'Nous ne connaissons pas cette invitation',
      whatToDo:
        'Vérifiez que le lien est entier. Elle a peut-être été retirée : la personne qui vous a invité le sait, et peut en envoyer une autre.',
    },
    'invite.expired': {
      happened: 'Cette invitation a expiré',
      whatToDo:
        'Elle valait jusqu’à un certain moment. La personne qui vous a invité peut en envoyer une autre.',
    },
    'invite.used': {
      happened: 'Cette invitation a déjà servi',
      whatToDo:
        'Autant de personnes que prévu sont déjà venues grâce à elle. Si vous en étiez, ouvrez le lien dans le même navigateur qu’avant ; sinon, demandez-en une autre.',
    },
    'invite.lapsed': {
      happened: 'Cette invitation n’est plus valable',
      whatToDo:
        'La personne qui vous a invité ne peut plus inviter dans cette salle. Demandez à qui l’anime.',
    },
    'invite.not-yet': {
      happened: 'Cette invitation n’est pas encore valable',
      whatToDo: 'Vous êtes en avance. Ouvrez le lien de nouveau quand la réunion commence.',
    },
    'invite.other-person': {
      happened: 'Cette invitation est pour une autre personne',
      whatToDo:
        'Elle est pour une adresse e-mail, et votre compte en a une autre. Connectez-vous avec le compte qui a été invité.',
    },
    'link.unacceptable': {
      happened: 'Ce lien ne peut pas être utilisé',
      whatToDo:
        'Ouvrez de nouveau la réunion là où vous avez trouvé le lien. Si cela n’aide pas, prévenez les responsables de cette page.',
    },
    'link.expired': {
      happened: 'Ce lien a expiré',
      whatToDo:
        'Ouvrez de nouveau la réunion là où vous avez trouvé le lien : vous y recevrez un lien récent.',
    },
    'link.other-room': {
      happened: 'Ce lien est pour une autre salle',
      whatToDo: 'Ouvrez de nouveau la réunion là où vous avez trouvé le lien.',
    },
    'link.not-allowed': {
      happened: 'La page d’où vient votre lien ne peut faire entrer personne dans cette salle',
      whatToDo:
        'Demandez un autre accès à la personne qui vous a invité, ou prévenez les responsables de cette page.',
    },
    'issuer.unreachable': {
      happened: 'Nous ne pouvons pas vérifier votre lien pour le moment',
      whatToDo: 'Attendez une minute, puis ouvrez de nouveau la réunion là où vous avez trouvé le lien.',
    },
    'bearer.unacceptable': {
      happened: 'La preuve de connexion de votre requête n’est pas valable',
      whatToDo: 'Connectez-vous de nouveau au service d’où elle vient, ou prévenez ses responsables.',
    },
    'bearer.expired': {
      happened: 'La connexion dont parle votre requête est terminée',
      whatToDo:
        'Connectez-vous de nouveau là d’où elle vient. Dans un navigateur, ouvrez de nouveau le lien de la réunion.',
    },
    'bearer.graph': {
      happened: 'La preuve de votre requête est destinée à Microsoft Graph',
      whatToDo:
        'Seul Graph peut la vérifier. Le programme qui l’a envoyée doit en demander à Microsoft Entra une qui soit destinée à ce service.',
    },
    'bearer.unreachable': {
      happened: 'Nous ne pouvons pas vérifier votre connexion pour le moment',
      whatToDo: 'Attendez une minute, puis réessayez.',
    },
    'token.unacceptable': {
      happened: 'Votre billet d’entrée n’est plus valable',
      whatToDo: 'Ouvrez de nouveau le lien de votre réunion et vous en recevrez un autre.',
    },
    'outbound.forbidden': {
      happened: 'Ce serveur n’a pas le droit d’aller chercher ce dont il a besoin',
      whatToDo: 'Vous ne pouvez pas y remédier vous-même. Prévenez l’équipe qui gère ce service.',
    },
    'outbound.failed': {
      happened: 'Ce serveur n’a pas pu aller chercher ce dont il a besoin',
      whatToDo: 'Vous n’y êtes pour rien. Réessayez dans quelques minutes.',
    },
    'outbound.too-large': {
      happened: 'Ce serveur a reçu plus qu’il ne peut accepter',
      whatToDo: 'Vous n’y êtes pour rien. Réessayez dans quelques minutes.',
    },
    'key.unusable': {
      happened: 'Ce serveur ne peut pas établir de billets d’entrée pour le moment',
      whatToDo: 'Vous ne pouvez pas y remédier vous-même. Prévenez l’équipe qui gère ce service.',
    },
    'key.none': {
      happened: 'Ce serveur ne peut pas encore établir de billets d’entrée',
      whatToDo: 'Vous n’y êtes pour rien. Réessayez dans quelques minutes.',
    },
    'store.unavailable': {
      happened: 'Ce serveur ne peut rien consulter pour le moment',
      whatToDo: 'Vous n’y êtes pour rien. Réessayez dans quelques minutes.',
    },
    'store.newer': {
      happened: 'Ce serveur est en cours de mise à jour',
      whatToDo: 'Réessayez dans quelques minutes. Si cela persiste, prévenez l’équipe qui gère ce service.',
    },
    'store.full': {
      happened: 'Ce serveur ne peut rien noter pour le moment',
      whatToDo: 'Vous n’y êtes pour rien. Prévenez l’équipe qui gère ce service.',
    },
    'prosody.secret': {
      happened: 'Cela ne vient pas de notre Prosody',
      whatToDo:
        'Rien n’a été changé. Si vous gérez ce service : prosodyModule.secret ici et ostiary_secret dans Prosody doivent être identiques.',
    },
    'config.unusable': {
      happened: 'Ce serveur n’est pas encore entièrement configuré',
      whatToDo: 'Vous ne pouvez pas y remédier vous-même. Prévenez l’équipe qui gère ce service.',
    },
    'client.unknown': {
      happened: 'L’application n’a pas prouvé son identité',
      whatToDo:
        'Cette adresse est réservée aux applications. Demandez à qui gère celle-ci de comparer son identifiant et son secret avec les réglages d’ici.',
    },
    'client.grant-type': {
      happened: 'On ne peut rien demander ainsi',
      whatToDo: 'Demandez à qui gère l’application : elle a utilisé un type de demande qui n’existe pas ici.',
    },
    'client.not-allowed': {
      happened: 'L’application n’a pas le droit de demander cela',
      whatToDo: 'Demandez à qui gère l’application : ses réglages ici ne le permettent pas.',
    },
    'client.room': {
      happened: 'L’application n’a pas le droit de demander cette salle',
      whatToDo: 'Demandez à qui gère l’application : ses réglages ici nomment d’autres salles.',
    },
    'client.role': {
      happened: 'L’application n’a pas le droit de demander ce rôle',
      whatToDo: 'Demandez à qui gère l’application : ses réglages ici s’arrêtent à un rôle inférieur.',
    },
    'client.subject': {
      happened: 'L’application n’a pas dit pour qui elle demande',
      whatToDo: 'Demandez à qui gère l’application : il manque un subject_id en caractères simples.',
    },
    'ticket.unacceptable': {
      happened: 'Cet accès a expiré',
      whatToDo: 'Ouvrez de nouveau le lien de la réunion et connectez-vous.',
    },
    'socket.too-many': {
      happened: 'Vous avez trop de connexions ouvertes',
      whatToDo: 'Fermez la réunion dans les autres onglets et fenêtres, puis réessayez.',
    },
    'stream.unusable': {
      happened: 'L’application n’a pas commencé la connexion comme prévu',
      whatToDo: 'Ouvrez de nouveau le lien de la réunion dans un navigateur ou une application à jour.',
    },
    'jitsi.refused': {
      happened: 'La réunion ne vous a pas laissé entrer',
      whatToDo:
        'Réessayez. Si rien ne change, utilisez un autre compte ou demandez à la personne qui vous a invité.',
    },
    'jitsi.token-refused': {
      happened: 'La réunion n’a pas accepté votre billet d’entrée',
      whatToDo:
        'Réessayez : vous en recevrez un nouveau. Si rien ne change, prévenez les personnes qui gèrent ce service.',
    },
    'jitsi.token-expired': {
      happened: 'Votre billet d’entrée n’était plus valable',
      whatToDo: 'Réessayez : vous en recevrez un nouveau.',
    },
    'upstream.unreachable': {
      happened: 'Le serveur de réunion ne répond pas pour le moment',
      whatToDo: 'Vous êtes connecté, vous n’y êtes pour rien. Réessayez dans une minute.',
    },
    'upstream.slow': {
      happened: 'Le serveur de réunion met trop de temps à répondre',
      whatToDo: 'Vous êtes connecté, vous n’y êtes pour rien. Réessayez dans une minute.',
    },
    'upstream.unusable': {
      happened: 'Le serveur de réunion a envoyé une réponse inutilisable',
      whatToDo: 'Prévenez les personnes qui gèrent ce service et donnez-leur la référence ci-dessous.',
    },
    'server.draining': {
      happened: 'Ce serveur est en train de redémarrer',
      whatToDo: 'Réessayez dans une minute.',
    },
    'server.bug': {
      happened: 'Quelque chose s’est mal passé de notre côté',
      whatToDo: 'Réessayez. Si cela se reproduit, transmettez la référence à l’équipe qui gère ce service.',
    },
  },
};
