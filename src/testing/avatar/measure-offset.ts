import { voice } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';
import { LocalAvatar } from '../../avatar/worker/local-avatar.ts';
import type { LiveKitServer } from '../livekit-server.ts';
import { joinRoom, ticket, uniqueRoomName } from '../rooms.ts';
import { WAIT_LIMIT_MS } from '../waits.ts';
import { type OffsetFigures, offsetFigures, type Sample } from './offset.ts';
import { syllables } from './syllables.ts';
import { Viewer } from './viewer.ts';

/** Length of the frames that the agent sends, in ms. */
const FRAME_MS = 100;
const SAMPLE_RATE = 24_000;

/** Length of speech that is not measured, in s, because a new receiver buffers more sound. */
const WARM_UP_SECONDS = 10;

/**
 * The offset between the mouth of a `LocalAvatar` and its voice, as a participant receives them. It
 * is measured from decoded pictures and sound, over this many seconds of speech.
 */
export async function measureOffset(
  server: LiveKitServer,
  seconds: number,
): Promise<OffsetFigures> {
  const { sound, picture } = await recordSpeech(server, seconds);
  return offsetFigures(sound, picture);
}

/** The opening of the mouth by sound and by picture during this many seconds of speech. */
export async function recordSpeech(
  server: LiveKitServer,
  seconds: number,
): Promise<{ sound: Sample[]; picture: Sample[] }> {
  const name = uniqueRoomName('offset');
  const agent = await joinRoom(server, name, 'agent', { kind: 'agent' });
  const viewer = new Viewer();
  const session = new voice.AgentSession({ vad: null, turnHandling: { turnDetection: null } });
  const { url: serverUrl, apiKey, apiSecret } = server;
  const startTimeoutMs = WAIT_LIMIT_MS;
  const avatar = new LocalAvatar({ url: serverUrl, apiKey, apiSecret, startTimeoutMs });
  try {
    const { url, token } = await ticket(server, name, 'viewer');
    await viewer.join(url, token);
    await avatar.start(session, agent);
    await avatar.waitForJoin();
    await viewer.untilBoth();
    const from = performance.now() + WARM_UP_SECONDS * 1000;
    await speak(session, WARM_UP_SECONDS + seconds);
    const measured = ({ at }: { at: number }) => at >= from;
    return { sound: viewer.sound.filter(measured), picture: viewer.picture.filter(measured) };
  } finally {
    await avatar.aclose();
    await viewer.leave();
    await agent.disconnect();
  }
}

/** Sends speech like an agent, faster than it is played, and waits for its end. */
async function speak(session: voice.AgentSession, seconds: number): Promise<void> {
  const { audio } = session.output;
  if (!audio) throw new Error('the avatar set no audio output');
  const samples = syllables(seconds, SAMPLE_RATE);
  const length = (SAMPLE_RATE * FRAME_MS) / 1000;
  for (let at = 0; at < samples.length; at += length) {
    const part = samples.slice(at, at + length);
    await audio.captureFrame(new AudioFrame(part, SAMPLE_RATE, 1, part.length));
  }
  audio.flush();
  await audio.waitForPlayout();
}
