import { inference, type VADEvent, type VADStream } from '@livekit/agents';
import { AudioFrame } from '@livekit/rtc-node';

/** The stream's protected method, through which each of its events goes. */
interface Sender {
  sendVADEvent(event: VADEvent): boolean;
}

/**
 * The framework's voice detector, with frames that stay as they are. The framework's own events hold
 * a view of its buffer, and at the end of speech it writes the last half second over the first one,
 * before a recogniser reads it: the recogniser then hears the end of a question twice.
 */
export class VoiceDetector extends inference.VAD {
  override stream(): VADStream {
    const stream = super.stream();
    const sender = stream as unknown as Sender;
    const send = sender.sendVADEvent.bind(stream);
    sender.sendVADEvent = (event) => send({ ...event, frames: event.frames.map(copied) });
    return stream;
  }
}

function copied({ data, sampleRate, channels, samplesPerChannel }: AudioFrame): AudioFrame {
  return new AudioFrame(data.slice(), sampleRate, channels, samplesPerChannel);
}
