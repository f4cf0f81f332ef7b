// Your own avatar: a lamp that is as bright as the speech is loud. `AvatarRunner` plays what the
// generator yields. This avatar runs in the agent's process; a heavy one needs its own. Needs
// GOOGLE_API_KEY.
// Run it: `npx tsx examples/own-avatar.ts dev`. In an application of your own, import from 'sightline'.
import { fileURLToPath } from 'node:url';
import { cli, defineAgent, type JobContext, ServerOptions, voice } from '@livekit/agents';
import * as google from '@livekit/agents-plugin-google';
import { AudioFrame, Room, VideoBufferType, VideoFrame } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import {
  AvatarRunner,
  DataStreamAudioReceiver,
  type SpeechItem,
  type VideoGenerator,
  VideoSession,
} from '../src/index.ts';

// One video frame for each 20 ms of speech, the size in which it arrives.
const FORMAT = { width: 64, height: 64, fps: 50, sampleRate: 24_000, channels: 1 };

class Lamp implements VideoGenerator {
  #speech: SpeechItem[] = [];
  #isClosed = false;

  pushAudio(item: SpeechItem) {
    this.#speech.push(item);
  }

  clearBuffer() {
    this.#speech = [];
  }

  aclose() {
    this.#isClosed = true;
  }

  async *[Symbol.asyncIterator]() {
    while (!this.#isClosed) {
      const item = this.#speech.shift();
      // The video frame first, then the audio that is heard while it is shown.
      yield picture(item instanceof AudioFrame ? loudness(item) : 0);
      if (item) yield item;
    }
  }
}

export class LampAvatar extends voice.AvatarSession {
  readonly #room = new Room();
  #runner: AvatarRunner | undefined;

  override get avatarIdentity() {
    return 'lamp';
  }

  override async start(session: voice.AgentSession, agentRoom: Room) {
    await super.start(session, agentRoom);
    const { LIVEKIT_URL = '', LIVEKIT_API_KEY, LIVEKIT_API_SECRET } = process.env;
    const agent = agentRoom.localParticipant?.identity ?? '';
    const token = new AccessToken(LIVEKIT_API_KEY, LIVEKIT_API_SECRET, {
      identity: this.avatarIdentity,
      attributes: { 'lk.publish_on_behalf': agent },
    });
    token.kind = 'agent';
    token.addGrant({ roomJoin: true, room: agentRoom.name ?? '' });
    await this.#room.connect(LIVEKIT_URL, await token.toJwt(), {
      autoSubscribe: false,
      dynacast: false,
    });
    const audio = new DataStreamAudioReceiver(this.#room, { senderIdentity: agent });
    this.#runner = new AvatarRunner({
      room: this.#room,
      audio,
      video: new Lamp(),
      options: FORMAT,
    });
    await this.#runner.start();
    session.output.audio = new voice.DataStreamAudioOutput({
      room: agentRoom,
      destinationIdentity: this.avatarIdentity,
      sampleRate: FORMAT.sampleRate,
      waitPlaybackStart: true,
    });
  }

  override async aclose() {
    await this.#runner?.aclose();
    await this.#room.disconnect();
    await super.aclose();
  }
}

/** From 0 to 255. */
function loudness({ data }: AudioFrame): number {
  return Math.min(255, data.reduce((sum, sample) => sum + Math.abs(sample), 0) / data.length / 32);
}

function picture(brightness: number): VideoFrame {
  const { width, height } = FORMAT;
  const pixels = new Uint8Array(width * height * 4).fill(brightness);
  return new VideoFrame(pixels, width, height, VideoBufferType.RGBA);
}

export default defineAgent({
  entry: async (ctx: JobContext) => {
    const session = new voice.AgentSession({ llm: new google.realtime.RealtimeModel() });
    const video = new VideoSession(session, { room: ctx.room, avatar: () => new LampAvatar() });
    await video.start({ agent: new voice.Agent({ instructions: 'You are a lamp.' }) });
  },
});

// The framework loads this file again in the process of each job, which must not start a worker.
const file = fileURLToPath(import.meta.url);
// Its health check is for this machine: the framework's default is every address.
if (process.argv[1] === file) cli.runApp(new ServerOptions({ agent: file, host: '127.0.0.1' }));
