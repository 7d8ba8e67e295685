/**
 * The page's own part: where the meeting goes, who is asked for a token, and what people read. In React, which no frame
 * of Jitsi's may be redrawn by: the component holds an element of its own for it and never touches what is inside.
 */
import { joinMeeting } from '/embed.js';

const { createElement: h, useEffect, useRef, useState } = globalThis.React;

const SAID = {
  preparing: 'The meeting is being prepared …',
  joined: 'You are in the meeting.',
  left: 'You have left the meeting.',
  failed: 'The meeting cannot be had now. Please try again later.',
  outside: 'This browser keeps nothing for other sites: please open the meeting in a tab.',
};

async function tokenFor(room) {
  const answer = await fetch(`/meeting-token?room=${encodeURIComponent(room)}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return answer.json();
}

/** A meeting for as long as the component is there. A new `room` is a new meeting; nothing else touches its frame. */
function Meeting({ domain, room, onChange, held }) {
  const parent = useRef(null);
  useEffect(() => {
    let meeting;
    let gone = false;
    const hear = (word) => (about) => onChange({ word, ...about });
    joinMeeting({ domain, room, parent: parent.current, token: () => tokenFor(room) }).then(
      (joined) => {
        if (gone) return joined.dispose();
        meeting = joined;
        held.current = joined;
        for (const word of ['joined', 'left', 'refused', 'failed', 'outside']) joined.on(word, hear(word));
      },
      (cause) => gone || onChange({ word: 'failed', text: cause.message }),
    );
    return () => {
      gone = true;
      meeting?.dispose();
    };
  }, [domain, room, onChange, held]);
  return h('div', { id: 'meeting', ref: parent });
}

function Customer({ domain, room }) {
  const [state, setState] = useState({ word: 'preparing' });
  const held = useRef(undefined);
  const { word, code, id, url } = state;
  useEffect(() => {
    if (word !== 'preparing') document.body.dataset.meeting = word;
  }, [word]);
  const button = (name, label, onClick) => h('button', { id: name, type: 'button', onClick }, label);
  return h(
    'main',
    null,
    h('h1', null, 'Customer 7'),
    h('p', { id: 'status', role: 'status' }, state.text ?? SAID[word] ?? `Not let in: ${code} (${id})`),
    h(
      'p',
      null,
      button('again', 'Join again', () => held.current?.rebuild()),
      ' ',
      button('leave', 'Leave', () => held.current?.api?.executeCommand('hangup')),
      ' ',
      h(
        'a',
        { id: 'tab', href: url ?? '/', target: '_blank', rel: 'noopener', hidden: url === undefined },
        'Open the meeting in a tab',
      ),
    ),
    h(Meeting, { domain, room, onChange: setState, held }),
  );
}

globalThis.ReactDOM.createRoot(document.getElementById('customer')).render(
  h(Customer, {
    domain: document.body.dataset.meetings,
    room: new URLSearchParams(location.search).get('room') ?? 'crm-7',
  }),
);
