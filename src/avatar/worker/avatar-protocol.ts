/** The names of LiveKit's avatar protocol, as both frameworks use them. */

/** Byte streams of this topic carry raw 16-bit PCM, one stream for each speech segment. */
export const AUDIO_STREAM_TOPIC = 'lk.audio_stream';

/** Agent to avatar: drop all audio that was not played yet. */
export const CLEAR_BUFFER = 'lk.clear_buffer';

/** Avatar to agent: the first audio of a segment is being played. */
export const PLAYBACK_STARTED = 'lk.playback_started';

/** Avatar to agent: a segment ended, played or dropped. */
export const PLAYBACK_FINISHED = 'lk.playback_finished';

/** Attribute of an avatar: the identity of the agent that it speaks for. */
export const PUBLISH_ON_BEHALF = 'lk.publish_on_behalf';

/** How far a segment was played when it ended. */
export interface PlaybackFinished {
  /** In seconds. */
  playbackPosition: number;
  /** Whether a clear ended it. */
  interrupted: boolean;
}

/** Body of `lk.playback_finished`. Python's side raises on any other key. */
export function finishedPayload({ playbackPosition, interrupted }: PlaybackFinished): string {
  return JSON.stringify({
    playback_position: playbackPosition,
    interrupted,
    synchronized_transcript: null,
  });
}

/** Parses an avatar's report of an end. Without a valid position, nothing counts as played. */
export function finishedOf(payload: string): PlaybackFinished {
  let said: Partial<Record<string, unknown>> | null = null;
  try {
    said = JSON.parse(payload);
  } catch {
    // An avatar may send invalid JSON.
  }
  // The framework accepts both spellings.
  const position = said?.playback_position ?? said?.playbackPosition;
  return {
    playbackPosition: typeof position === 'number' && Number.isFinite(position) ? position : 0,
    interrupted: said?.interrupted === true,
  };
}

/** The audio format in the attributes of a byte stream. */
export interface PcmFormat {
  readonly sampleRate: number;
  readonly channels: number;
}

/** @returns `undefined` if the attributes describe no playable format. */
export function formatOf(attributes: Record<string, string> | undefined): PcmFormat | undefined {
  const sampleRate = Number(attributes?.sample_rate);
  const channels = Number(attributes?.num_channels);
  const playable =
    Number.isInteger(sampleRate) &&
    sampleRate >= 1000 &&
    sampleRate <= 384_000 &&
    Number.isInteger(channels) &&
    channels >= 1 &&
    channels <= 8;
  return playable ? { sampleRate, channels } : undefined;
}

/** Longest part of another participant's text that a message quotes, in characters. */
export const MAX_QUOTE = 200;
