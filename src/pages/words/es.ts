/**
 * Every sentence a person reads, in Spanish.
 */
import type { Words } from './en.ts';

/** Spanish. */
export const es: Words = {
  language: 'es',
  frame: {
    room: 'Sala',
    reference: 'Referencia',
    home: 'Ir a la página de inicio',
    fragmentLost:
      'Sin JavaScript, los ajustes del final de su enlace se pierden por el camino, por ejemplo empezar con el micrófono apagado.',
  },
  signIn: {
    title: 'Iniciar sesión',
    titleRoom: 'Iniciar sesión para participar',
    one: 'Inicie sesión con su cuenta.',
    oneRoom: 'Inicie sesión con su cuenta y pasará directamente a la reunión.',
    choose: '¿Dónde tiene una cuenta?',
    other: 'O con otra cuenta:',
    away: 'No responde en este momento',
    email: 'O escriba su dirección de correo electrónico',
    next: 'Continuar',
    emailUnknown:
      'No conocemos ningún servicio de inicio de sesión para esta dirección. Elija uno de la lista.',
    with: 'Iniciar sesión con {provider}',
    taking: 'Le llevamos a {provider}… Si no ocurre nada, use el botón.',
  },
  waiting: {
    title: 'La reunión todavía no ha empezado',
    lead: 'Quédese en esta página. Entrará automáticamente en cuanto llegue el anfitrión.',
    go: 'El anfitrión ha llegado. Está entrando…',
    away: 'La persona que dirige no le deja entrar por ahora…',
    over: 'Ha esperado mucho tiempo. Esta página ya no comprueba por sí sola.',
    again: 'Comprobar de nuevo',
    host: 'Soy el anfitrión: iniciar sesión',
    byHand: {
      title: 'Espere a que le dejen entrar',
      lead: 'Quédese en esta página. Entrará automáticamente en cuanto el anfitrión le deje entrar.',
      go: 'Le dejan entrar…',
    },
  },
  guest: {
    title: 'No tengo cuenta: participar como invitado',
    name: 'Su nombre',
    button: 'Participar como invitado',
  },
  member: {
    title: 'Elija su institución',
    why: 'Allí inicia sesión con la cuenta que tiene.',
    search: 'Nombre de su institución',
    find: 'Buscar',
    none: 'Aquí no hay ninguna con ese nombre. Pruebe con una palabra más corta.',
  },
  inApp: {
    title: 'Abra este enlace en su navegador',
    why: 'Está en el pequeño navegador de otra aplicación. Los servicios de inicio de sesión no suelen funcionar allí.',
    how: 'En el menú de esta aplicación, elija «Abrir en el navegador», o copie este enlace en Firefox, Chrome, Safari o Edge:',
    anyway: 'Probar aquí de todos modos',
  },
  handOff: {
    title: '¿Dónde quiere participar?',
    app: 'Abrir en {app}',
    here: 'Seguir en este navegador',
    signedIn: 'Ha iniciado sesión',
    back: 'Volver a {app}',
    goingBack: 'Volviendo a {app} … Si no ocurre nada, use el botón.',
    missing:
      'Si no ocurre nada, o si su dispositivo no conoce la dirección, la aplicación aún no está instalada.',
    get: 'Obtener {app} ({shop})',
  },
  popup: {
    close:
      'Puede cerrar esta ventana y seguir en la reunión. Si la reunión no sigue por sí sola, inicie sesión allí una vez más.',
    enter: 'Entrar aquí en la reunión',
  },
  outside: {
    title: 'Abra la reunión en su propia ventana',
    why: 'Primero tiene que iniciar sesión, y eso no funciona dentro de otra página o aplicación.',
    open: 'Abrir la reunión',
  },
  link: {
    title: 'Un momento, por favor',
    enter: 'Ir a la reunión',
    byAccount: 'Continuar con una cuenta',
  },
  problem: {
    retry: 'Intentar de nuevo',
    otherProvider: 'Iniciar sesión de otra manera',
    otherAccount: 'Usar otra cuenta',
    reference: 'Si pide ayuda, indique esta referencia:',
    from: 'Una nota de {organisation}',
    until: 'Podrá volver después de esta hora: {time}.',
    opens: 'Se abre: {time}.',
  },
  signOut: {
    callsGoOn:
      'Una reunión que siga abierta en otra pestaña o en la aplicación continúa hasta que salga de ella.',
    title: '¿Quiere cerrar la sesión?',
    signedInAs: 'Ha iniciado sesión como {name}.',
    button: 'Cerrar sesión',
    stay: 'Mantener la sesión',
  },
  signingOut: {
    title: 'Aquí ya ha cerrado la sesión',
    also: 'Un paso más cierra también la sesión en {provider}.',
    button: 'Cerrar sesión en {provider}',
    taking: 'Le llevamos a {provider}… Si no ocurre nada, use el botón.',
  },
  signedOut: {
    title: 'Ha cerrado la sesión',
    done: 'Hasta la próxima. Ya puede cerrar esta ventana.',
    stillAt:
      'Es posible que su sesión siga abierta en {provider}. En un ordenador compartido, ciérrela también allí y cierre el navegador.',
    again: 'Volver a iniciar sesión',
  },
  password: {
    title: 'Iniciar sesión',
    titleRoom: 'Iniciar sesión para participar',
    lead: 'Use su cuenta de {provider}.',
    username: 'Nombre de usuario',
    password: 'Contraseña',
    button: 'Iniciar sesión',
  },
  pass: {
    title: 'Entrar con un código',
    lead: 'Alguien le dio un código de entrada. Díganos cómo quiere que le llamen, y ya está dentro.',
    code: 'Código de entrada',
    name: 'Su nombre',
    noScript: 'El código es la parte de su enlace que sigue al signo #.',
    button: 'Entrar en la sala',
  },
  invite: {
    title: 'Tiene una invitación',
    by: '{by} le invita a esta reunión.',
    card: 'Invitación a una reunión',
    forOne: 'Esta invitación es solo para usted: inicie sesión, para que sepamos que es usted.',
    signIn: 'Iniciar sesión',
    button: 'Entrar en la sala',
  },
  whoami: {
    title: 'Su sesión',
    signedInAs: 'Ha iniciado sesión como {name}',
    by: 'Sesión iniciada con {provider}.',
    lead: 'Dirigir una sala: ver quién espera e invitar',
    roomName: 'Nombre de la sala',
    openRoom: 'Abrir',
  },
  hosting: {
    title: 'Su sala',
    enter: 'Entrar en la reunión',
    waiting: 'Esperan en la puerta',
    nobodyWaits: 'No espera nadie.',
    look: 'Mirar otra vez',
    changed: 'Quienes esperan han cambiado.',
    stopped: 'Esta página ya no comprueba por sí sola.',
    since: 'espera desde hace {time}',
    letIn: 'Dejar entrar',
    turnAway: 'Rechazar',
    letAllIn: 'Dejar entrar a todos ({count})',
    more: 'Y {count} más.',
    standing: {
      guest: 'invitado: un nombre que se ha puesto',
      account: 'con sesión iniciada',
      invited: 'por invitación',
      vouched: 'enviado por otra aplicación',
    },
    invitations: 'Invitaciones',
    noInvitations: 'No hay ninguna para esta sala.',
    make: 'Crear una invitación',
    about: 'Para qué es',
    optional: 'Puede dejarlo vacío.',
    role: 'Se entra como',
    roles: { host: 'anfitrión', participant: 'participante', guest: 'invitado' },
    uses: 'Para cuántas personas',
    usesHint: 'Vacío: para cualquier número.',
    from: 'Válida desde',
    until: 'Válida hasta',
    timesHint: 'Ambas horas son UTC.',
    email: 'Solo para esta dirección de correo',
    emailHint: 'Hay que iniciar sesión con ella. Vacío: para quien tenga el enlace.',
    makeButton: 'Crear el enlace',
    made: 'Este es el enlace. Solo se muestra esta vez, cópielo ahora:',
    text: 'Lo mismo como texto para enviar',
    calendar: 'Descargar para un calendario',
    starts: 'La reunión empieza (UTC)',
    minutes: 'y dura, en minutos',
    revoke: 'Retirar',
    untitled: 'Sin título',
    used: '{used} de {uses} usadas',
    anyNumber: 'para cualquier número de personas',
    goodFrom: 'desde {time}',
    goodUntil: 'hasta {time}',
    isOver: 'terminada desde {time}',
    by: 'de {by}',
    forEmail: 'para {email}',
    out: 'Expulsados de esta sala',
    nobodyOut: 'Nadie.',
    turnedAway: 'rechazado en la puerta',
    byOperator: 'por quienes llevan este servicio',
    putOut: 'Expulsar a alguien',
    nobodyLately: 'No ha entrado nadie en las últimas horas.',
    who: '¿A quién?',
    howLong: '¿Durante cuánto tiempo?',
    putOutButton: 'Expulsar',
    undo: 'Permitir de nuevo',
    done: {
      'let-in': '{name} puede entrar.',
      'let-all-in': 'Pueden entrar todas las personas que esperaban.',
      'turn-away': '{name}: entrada rechazada durante un cuarto de hora.',
      invite: 'La invitación está creada.',
      revoke: 'La invitación está retirada y quienes entraron con ella ya no tienen sesión.',
      'put-out': '{name}: fuera de esta sala.',
      undo: '{name} puede volver a entrar, según las reglas.',
      gone: 'Eso había cambiado entretanto; no se ha hecho nada.',
    },
  },
  arrived: {
    title: '¿Es usted?',
    signedInAs: 'Según {provider}, usted es {name}.',
    other: 'En este momento, la sesión está abierta como {name}. Si continúa, se cierra.',
    button: 'Continuar como {name}',
    stay: 'No, no cambiar nada',
  },
  onward: {
    title: 'Un momento',
    button: 'Seguir a {provider}',
  },
  problems: {
    'request.malformed': {
      happened: 'Hay algo en este enlace que no está bien',
      whatToDo: 'Abra de nuevo el enlace de su invitación. Si lo copió, compruebe que está completo.',
    },
    'request.not-found': {
      happened: 'No hay nada en esta dirección',
      whatToDo: 'Revise la dirección o abra de nuevo el enlace de su invitación.',
    },
    'request.method': {
      happened: 'Esta página no se puede abrir de ese modo',
      whatToDo: 'Abra de nuevo el enlace de su reunión y empiece desde allí.',
    },
    'request.too-large': {
      happened: 'Eso era más de lo que podemos recibir de una vez',
      whatToDo:
        'Abra de nuevo el enlace de su reunión. Si no ayuda, avise al equipo que lleva este servicio.',
    },
    'request.wrong-host': {
      happened: 'Este servidor no responde a la dirección que usó',
      whatToDo: 'Abra de nuevo el enlace de su invitación, tal como lo recibió.',
    },
    'request.cross-site': {
      happened: 'Otro sitio web quiso actuar aquí en su nombre',
      whatToDo:
        'Nos detuvimos por seguridad; nada ha cambiado. Abra directamente el enlace de su reunión y continúe desde allí.',
    },
    'request.too-many': {
      happened: 'Han sido muchos intentos en poco tiempo',
      whatToDo: 'Espere un minuto y vuelva a intentarlo.',
    },
    'room.missing': {
      happened: 'El enlace no dice en qué sala quiere entrar',
      whatToDo: 'Abra el enlace completo de su invitación.',
    },
    'room.unusable': {
      happened: 'Este nombre de sala no se puede usar',
      whatToDo: 'Elija un nombre más sencillo. Las letras, las cifras y los guiones siempre valen.',
    },
    'room.reserved': {
      happened: 'Este nombre de sala está reservado para otra cosa',
      whatToDo: 'Elija otro nombre para su sala.',
    },
    'room.mismatch': {
      happened: 'Este enlace nombra dos salas distintas',
      whatToDo: 'Para que se encuentre con las personas correctas, abra de nuevo el enlace de su invitación.',
    },
    'tenant.unusable': {
      happened: 'Una parte de la dirección de esta sala no se puede usar',
      whatToDo: 'Mire la parte que precede al nombre de la sala, o abra de nuevo el enlace de su invitación.',
    },
    'state.unusable': {
      happened: 'Su aplicación de reuniones nos dijo algo que no entendemos',
      whatToDo:
        'Abra de nuevo el enlace de su reunión. Si sigue ocurriendo, actualice la aplicación o el navegador.',
    },
    'entry.refused': {
      happened: 'Esta cuenta no abre esta sala',
      whatToDo: 'Si tiene otra cuenta, inicie sesión con ella. Si no, pregunte a la persona que le invitó.',
    },
    'entry.wait': {
      happened: 'Esta sala todavía no está abierta',
      whatToDo: 'Vuelva cuando empiece la reunión. Su enlace seguirá siendo válido.',
    },
    'entry.early': {
      happened: 'La reunión todavía no está abierta',
      whatToDo: 'Su enlace seguirá siendo válido. Vuelva a la hora que figura abajo y compruebe de nuevo.',
    },
    'entry.closed': {
      happened: 'Esta reunión ha terminado',
      whatToDo:
        'No se conoce ninguna hora posterior a la que se abra esta sala. Si cree que debería haberla, pregunte a la persona que le invitó.',
    },
    'entry.kicked': {
      happened: 'Se le ha expulsado de esta sala durante un tiempo',
      whatToDo:
        'Espere a que pase ese tiempo. Si cree que es un error, pregunte a las personas que dirigen esta reunión.',
    },
    'entry.turned-away': {
      happened: 'No le han dejado entrar en esta sala',
      whatToDo: 'Pregunte a la persona que le invitó. Si le esperaban, podrán dejarle entrar cuando vuelva.',
    },
    'host.required': {
      happened: 'Esta página es solo para quien dirige esta sala',
      whatToDo: 'Si la dirige con otra cuenta, use esa. Para participar, abra el enlace de la reunión.',
    },
    'host.gone': {
      happened: 'Eso ya no está en la lista',
      whatToDo: 'Quizá otra persona fue más rápida. Abra de nuevo la página de su sala.',
    },
    'host.unusable': {
      happened: 'Con esos datos no es posible',
      whatToDo: 'Vuelva atrás y revise las horas, el número de personas y la dirección de correo.',
    },
    'waiting.full': {
      happened: 'En este momento hay muchas personas esperando',
      whatToDo: 'Inténtelo de nuevo dentro de unos minutos. Su enlace sigue siendo válido.',
    },
    'session.required': {
      happened: 'No ha iniciado sesión',
      whatToDo: 'Abra de nuevo el enlace de su reunión e inicie sesión; es solo un momento.',
    },
    'session.ended': {
      happened: 'Su sesión ha terminado',
      whatToDo: 'Inicie sesión otra vez para continuar.',
    },
    'sign-in.no-cookie': {
      happened: 'Su navegador no guarda la cookie que necesitamos',
      whatToDo:
        'Permita las cookies de este sitio o salga del modo privado, y abra de nuevo el enlace de su reunión.',
    },
    'sign-in.used': {
      happened: 'Este inicio de sesión ya se utilizó',
      whatToDo: 'Ocurre al volver atrás o recargar la página. Simplemente empiece otra vez.',
    },
    'sign-in.not-yours': {
      happened: 'Este inicio de sesión empezó en otro navegador',
      whatToDo: 'Abra el enlace de su reunión en el navegador que quiera usar e inicie sesión allí.',
    },
    'sign-in.expired': {
      happened: 'Este inicio de sesión ha esperado demasiado',
      whatToDo: 'No se ha perdido nada. Empiece otra vez, por favor.',
    },
    'sign-in.cancelled': {
      happened: 'El inicio de sesión se canceló',
      whatToDo: 'Si no era su intención, inténtelo de nuevo.',
    },
    'sign-in.wrong-password': {
      happened: 'Este nombre de usuario y esta contraseña no coinciden',
      whatToDo: 'Compruebe ambos, y que la tecla Bloq Mayús no esté activada.',
    },
    'sign-in.busy': {
      happened: 'En este momento están iniciando sesión muchísimas personas',
      whatToDo: 'Espere un minuto y vuelva a intentarlo.',
    },
    'provider.unknown': {
      happened: 'No conocemos este servicio de inicio de sesión',
      whatToDo: 'Abra de nuevo el enlace de su reunión y elija uno de la lista.',
    },
    'provider.member-unknown': {
      happened: 'No conocemos el inicio de sesión de esta institución',
      whatToDo: 'Vuelva atrás y elija otra. Si falta la suya, avise a quienes administran este servicio.',
    },
    'provider.unreachable': {
      happened: 'El servicio de inicio de sesión no responde en este momento',
      whatToDo: 'No depende de usted. Inténtelo de nuevo dentro de unos minutos.',
      named: '{provider} no responde en este momento',
      elsewhere:
        'No depende de usted. Inténtelo de nuevo dentro de unos minutos o inicie sesión de otra manera.',
    },
    'provider.misconfigured': {
      happened: 'El servicio de inicio de sesión y este servidor aún no encajan',
      whatToDo: 'Usted no puede arreglarlo. Comunique la referencia al equipo que lleva este servicio.',
    },
    'provider.refused': {
      happened: 'El servicio de inicio de sesión rechazó nuestra petición',
      whatToDo: 'Inténtelo una vez más. Si sigue así, avise al equipo que lleva este servicio.',
    },
    'provider.response-invalid': {
      happened: 'No pudimos fiarnos de la respuesta del servicio de inicio de sesión',
      whatToDo: 'Inténtelo una vez más. Si sigue así, avise al equipo que lleva este servicio.',
    },
    'provider.groups-missing': {
      happened: 'El servicio de inicio de sesión no dijo a qué grupos pertenece',
      whatToDo: 'Sin eso no sabemos qué salas le están abiertas. Avise al equipo que lleva este servicio.',
    },
    'provider.id-missing': {
      happened: 'El servicio de inicio de sesión no dijo quién es usted',
      whatToDo: 'Usted no puede arreglarlo. Avise al equipo que lleva este servicio.',
    },
    'provider.reauthentication': {
      happened: 'Aquí hace falta un inicio de sesión más reciente o más seguro',
      whatToDo: 'Inicie sesión de nuevo, con su segundo factor si tiene uno.',
    },
    'provider.clock': {
      happened: 'Nuestro reloj y el del servicio de inicio de sesión no coinciden',
      whatToDo: 'Usted no puede arreglarlo. Avise al equipo que lleva este servicio.',
    },
    'saml.unacceptable': {
      happened: 'Lo que el servicio de inicio de sesión envió sobre usted no es válido',
      whatToDo:
        'Inténtelo de nuevo desde el enlace de su reunión. Si sigue así, avise al equipo que lleva este servicio.',
    },
    'saml.unsolicited': {
      happened: 'Este inicio de sesión no empezó aquí',
      whatToDo:
        'Abra el enlace de su reunión e inicie sesión desde allí. Si un portal le trajo hasta aquí, avise al equipo que lleva este servicio.',
    },
    'saml.logout-unacceptable': {
      happened: 'Esta petición de cerrar la sesión no es válida',
      whatToDo:
        'Es posible que su sesión siga abierta aquí. Para mayor seguridad, ciérrela en la página de su reunión o cierre el navegador.',
    },
    'saml.busy': {
      happened: 'En este momento están iniciando sesión muchísimas personas',
      whatToDo: 'Espere un minuto y vuelva a intentarlo.',
    },
    'header.not-believed': {
      happened: 'Esta página no se puede abrir por sí sola',
      whatToDo:
        'Abra el enlace de su reunión e inicie sesión desde allí. Si sigue así, avise a quienes administran este servicio.',
    },
    'header.unacceptable': {
      happened: 'No hemos podido leer lo que el servicio de inicio de sesión dijo de usted',
      whatToDo: 'No puede arreglarlo usted mismo. Avise a quienes administran este servicio.',
    },
    'logout-token.unacceptable': {
      happened: 'No pudimos aceptar esta petición de cerrar la sesión',
      whatToDo: 'Si quería cerrar la sesión, use el botón «Cerrar sesión» de este sitio.',
    },
    'guest.name': {
      happened: 'No podemos mostrar este nombre',
      whatToDo: 'Indique el nombre por el que le conocen, con letras o cifras.',
    },
    'pass.unknown': {
      happened: 'Este código de entrada no vale, o ya no vale',
      whatToDo:
        'Revise si hay un error al escribirlo. Los códigos valen una vez y por poco tiempo; puede pedir otro.',
    },
    'invite.unknown': {
      happened: 'No conocemos esta invitación',
      whatToDo:
        'Compruebe que el enlace está entero. Quizá se haya retirado: quien le invitó lo sabe, y puede enviar otra.',
    },
    'invite.expired': {
      happened: 'Esta invitación ha caducado',
      whatToDo: 'Valía hasta cierto momento. Quien le invitó puede enviar otra.',
    },
    'invite.used': {
      happened: 'Esta invitación ya se ha usado',
      whatToDo:
        'Ya han entrado con ella tantas personas como estaba previsto. Si usted fue una de ellas, abra el enlace en el mismo navegador que antes; si no, pida otra.',
    },
    'invite.lapsed': {
      happened: 'Esta invitación ya no es válida',
      whatToDo: 'Quien le invitó ya no puede invitar a esta sala. Pregunte a quien la dirige.',
    },
    'invite.not-yet': {
      happened: 'Esta invitación todavía no es válida',
      whatToDo: 'Llega pronto. Abra el enlace otra vez cuando empiece la reunión.',
    },
    'invite.other-person': {
      happened: 'Esta invitación es para otra persona',
      whatToDo:
        'Es para una dirección de correo, y su cuenta tiene otra. Inicie sesión con la cuenta que fue invitada.',
    },
    'link.unacceptable': {
      happened: 'No podemos usar este enlace',
      whatToDo:
        'Abra de nuevo la reunión donde encontró el enlace. Si no ayuda, avise a quienes gestionan esa página.',
    },
    'link.expired': {
      happened: 'Este enlace ha caducado',
      whatToDo: 'Abra de nuevo la reunión donde encontró el enlace: allí recibirá uno nuevo.',
    },
    'link.other-room': {
      happened: 'Este enlace es para otra sala',
      whatToDo: 'Abra de nuevo la reunión donde encontró el enlace.',
    },
    'link.not-allowed': {
      happened: 'La página de la que viene su enlace no puede dejar entrar a nadie en esta sala',
      whatToDo: 'Pida otra forma de entrar a quien le invitó, o avise a quienes gestionan esa página.',
    },
    'issuer.unreachable': {
      happened: 'Ahora mismo no podemos comprobar su enlace',
      whatToDo: 'Espere un minuto y abra de nuevo la reunión donde encontró el enlace.',
    },
    'bearer.unacceptable': {
      happened: 'La prueba de inicio de sesión de su petición no es válida',
      whatToDo: 'Inicie sesión de nuevo en el servicio del que procede, o avise a quienes lo gestionan.',
    },
    'bearer.expired': {
      happened: 'El inicio de sesión del que habla su petición ha terminado',
      whatToDo:
        'Inicie sesión de nuevo allí de donde procede. En un navegador, abra de nuevo el enlace de la reunión.',
    },
    'bearer.graph': {
      happened: 'La prueba de su petición es para Microsoft Graph',
      whatToDo:
        'Solo Graph puede comprobarla. El programa que la envió debe pedir a Microsoft Entra una destinada a este servicio.',
    },
    'bearer.unreachable': {
      happened: 'Ahora mismo no podemos comprobar su inicio de sesión',
      whatToDo: 'Espere un minuto y vuelva a intentarlo.',
    },
    'token.unacceptable': {
      happened: 'Su pase de entrada ya no es válido',
      whatToDo: 'Abra de nuevo el enlace de su reunión y recibirá otro.',
    },
    'outbound.forbidden': {
      happened: 'Este servidor no tiene permiso para obtener algo que necesita',
      whatToDo: 'Usted no puede arreglarlo. Avise al equipo que lleva este servicio.',
    },
    'outbound.failed': {
      happened: 'Este servidor no pudo obtener algo que necesita',
      whatToDo: 'No depende de usted. Inténtelo de nuevo dentro de unos minutos.',
    },
    'outbound.too-large': {
      happened: 'Este servidor recibió más de lo que puede aceptar',
      whatToDo: 'No depende de usted. Inténtelo de nuevo dentro de unos minutos.',
    },
    'key.unusable': {
      happened: 'Este servidor no puede emitir pases de entrada en este momento',
      whatToDo: 'Usted no puede arreglarlo. Avise al equipo que lleva este servicio.',
    },
    'key.none': {
      happened: 'Este servidor todavía no puede emitir pases de entrada',
      whatToDo: 'No depende de usted. Inténtelo de nuevo dentro de unos minutos.',
    },
    'store.unavailable': {
      happened: 'Este servidor no puede consultar nada en este momento',
      whatToDo: 'No depende de usted. Inténtelo de nuevo dentro de unos minutos.',
    },
    'store.newer': {
      happened: 'Este servidor se está actualizando',
      whatToDo:
        'Inténtelo de nuevo dentro de unos minutos. Si sigue así, avise al equipo que lleva este servicio.',
    },
    'store.full': {
      happened: 'Este servidor no puede anotar nada en este momento',
      whatToDo: 'No depende de usted. Avise al equipo que lleva este servicio.',
    },
    'prosody.secret': {
      happened: 'Esto no lo ha dicho nuestro Prosody',
      whatToDo:
        'No se ha cambiado nada. Si usted gestiona este servicio: prosodyModule.secret aquí y ostiary_secret en Prosody deben ser iguales.',
    },
    'config.unusable': {
      happened: 'Este servidor aún no está configurado del todo',
      whatToDo: 'Usted no puede arreglarlo. Avise al equipo que lleva este servicio.',
    },
    'client.unknown': {
      happened: 'La aplicación no ha demostrado quién es',
      whatToDo:
        'Esta dirección es para aplicaciones. Pida a quien gestiona esta que compare su identificador y su secreto con los ajustes de aquí.',
    },
    'client.grant-type': {
      happened: 'Así no se puede pedir nada',
      whatToDo: 'Pregunte a quien gestiona la aplicación: ha usado un tipo de petición que aquí no existe.',
    },
    'client.not-allowed': {
      happened: 'La aplicación no puede pedir eso',
      whatToDo: 'Pregunte a quien gestiona la aplicación: sus ajustes aquí no lo permiten.',
    },
    'client.room': {
      happened: 'La aplicación no puede pedir esta sala',
      whatToDo: 'Pregunte a quien gestiona la aplicación: sus ajustes aquí nombran otras salas.',
    },
    'client.role': {
      happened: 'La aplicación no puede pedir este rol',
      whatToDo: 'Pregunte a quien gestiona la aplicación: sus ajustes aquí acaban en un rol inferior.',
    },
    'client.subject': {
      happened: 'La aplicación no ha dicho por quién pregunta',
      whatToDo: 'Pregunte a quien gestiona la aplicación: falta un subject_id de caracteres simples.',
    },
    'ticket.unacceptable': {
      happened: 'Este acceso ha caducado',
      whatToDo: 'Abra de nuevo el enlace de la reunión e inicie sesión.',
    },
    'socket.too-many': {
      happened: 'Tiene demasiadas conexiones abiertas',
      whatToDo: 'Cierre la reunión en las demás pestañas y ventanas e inténtelo de nuevo.',
    },
    'stream.unusable': {
      happened: 'La aplicación no inició la conexión como se esperaba',
      whatToDo: 'Abra de nuevo el enlace de la reunión en un navegador o una aplicación actual.',
    },
    'jitsi.refused': {
      happened: 'La reunión no le ha dejado entrar',
      whatToDo: 'Inténtelo de nuevo. Si sigue igual, use otra cuenta o pregunte a quien le ha invitado.',
    },
    'jitsi.token-refused': {
      happened: 'La reunión no ha aceptado su entrada',
      whatToDo:
        'Inténtelo de nuevo: recibirá una nueva. Si sigue igual, avise a quienes gestionan este servicio.',
    },
    'jitsi.token-expired': {
      happened: 'Su entrada ya no era válida',
      whatToDo: 'Inténtelo de nuevo: recibirá una nueva.',
    },
    'upstream.unreachable': {
      happened: 'El servidor de reuniones no responde en este momento',
      whatToDo: 'Ha iniciado sesión; no depende de usted. Inténtelo de nuevo dentro de un minuto.',
    },
    'upstream.slow': {
      happened: 'El servidor de reuniones tarda demasiado en responder',
      whatToDo: 'Ha iniciado sesión; no depende de usted. Inténtelo de nuevo dentro de un minuto.',
    },
    'upstream.unusable': {
      happened: 'El servidor de reuniones envió algo que no podemos usar',
      whatToDo: 'Avise a quienes gestionan este servicio y dé la referencia que aparece abajo.',
    },
    'server.draining': {
      happened: 'Este servidor se está reiniciando',
      whatToDo: 'Inténtelo de nuevo dentro de un minuto.',
    },
    'server.bug': {
      happened: 'Algo falló por nuestra parte',
      whatToDo:
        'Inténtelo de nuevo. Si vuelve a ocurrir, comunique la referencia al equipo que lleva este servicio.',
    },
  },
};
