// A user's code with the types of the package, for the compiler: see project.ts.
import type { Room } from '@livekit/rtc-node';
import type { VideoGenerator } from 'sightline';
import { type AudioReceiver, AvatarRunner, DataStreamAudioReceiver } from 'sightline';

declare const room: Room;
declare const video: VideoGenerator;

const audio = new DataStreamAudioReceiver(room, { frameMs: 20 });
audio.on('error', ({ reason }) => console.warn(reason));
audio.on('clearBuffer', ({ unheardSegments }) => console.info(unheardSegments));
const own: AudioReceiver = audio;
const options = { width: 512, height: 512, fps: 25, sampleRate: 24_000, channels: 1 };
export const runner = new AvatarRunner({ room, audio: own, video, options });
