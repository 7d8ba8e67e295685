/**
 * The page's own part: where the meeting goes, who is asked for a token, and what people read.
 */
import { joinMeeting } from '/embed.js';

const room = new URLSearchParams(location.search).get('room') ?? 'crm-7';
const byId = (id) => document.getElementById(id);
const say = (word, text) => {
  document.body.dataset.meeting = word;
  byId('status').textContent = text;
};

async function token() {
  const answer = await fetch(`/meeting-token?room=${encodeURIComponent(room)}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return answer.json();
}

try {
  const meeting = await joinMeeting({
    domain: document.body.dataset.meetings,
    room,
    parent: byId('meeting'),
    token,
  });
  meeting.on('joined', () => say('joined', 'You are in the meeting.'));
  meeting.on('left', () => say('left', 'You have left the meeting.'));
  meeting.on('refused', ({ code, id }) => say('refused', `Not let in: ${code} (${id})`));
  meeting.on('failed', () => say('failed', 'The meeting cannot be had now. Please try again later.'));
  meeting.on('outside', ({ url }) => {
    say('outside', 'This browser keeps nothing for other sites: please open the meeting in a tab.');
    byId('tab').href = url;
    byId('tab').hidden = false;
  });
  byId('again').onclick = () => meeting.rebuild();
  byId('leave').onclick = () => meeting.api?.executeCommand('hangup');
} catch (cause) {
  say('failed', cause.message);
}
