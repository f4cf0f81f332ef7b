import { voice } from '@livekit/agents';
import type { InspectionEvent } from 'xstate';
import type { OfflineEyes } from '../../offline/eyes/offline-eyes.ts';
import { localTurnDetector } from '../../offline/local-turn-detector.ts';
import { OfflineVoice } from '../../offline/offline-voice.ts';
import { OfflineReader } from '../../offline/reader.ts';
import { ScriptedSTT } from '../../offline/scripted-stt.ts';
import { ScriptedSpeechInput } from '../../offline/speech-input.ts';
import { LocalAvatar, VideoSession } from '../../src/index.ts';
import type { SourceSwitched } from '../../src/session/reporter.ts';
import type { LiveKitServer } from '../../src/testing/livekit-server.ts';
import { AvatarWitness } from './avatar-witness.ts';
import { Conversation } from './conversation.ts';
import {
  type DemoResult,
  isFine,
  isRight,
  type Switch,
  type Transition,
  type Turn,
} from './result.ts';
import type { Stage } from './stage.ts';
import { transitionLog } from './transitions.ts';

/** Gets the events of the show as they happen. */
export interface Audience {
  scene(title: string): void;
  turn(turn: Turn): void;
  switched(event: Switch): void;
  transition(transition: Transition): void;
}

/** Observes the machines from outside, and gets the result. */
export interface Observer {
  inspect?(event: InspectionEvent): void;
  video?(video: VideoSession): void;
  turn?(turn: Turn): void;
}

export interface PlayOptions {
  readonly avatar: boolean;
  /** The demo's clock, which the terminal and the report use too. */
  readonly elapsedMs: () => number;
  /** For pictures with more than text. */
  readonly eyes?: OfflineEyes;
}

const FACE = 'sightline-avatar';
const AVATAR_START_MS = 60_000;
const GREETING = 'Hello. Show me something, and I will read it to you.';

/**
 * An agent with its stand-ins on a stage, and a conversation that follows a script.
 *
 * @param prepare - Runs before the agent starts.
 */
export async function play(
  stage: Stage,
  { avatar: wantsAvatar, elapsedMs, eyes }: PlayOptions,
  audience: Audience,
  observer: Observer,
  script: (conversation: Conversation) => Promise<void>,
  prepare: (conversation: Conversation) => Promise<void> = async () => {},
): Promise<DemoResult> {
  const reader = new OfflineReader(eyes ? { eyes } : {});
  const stt = new ScriptedSTT();
  const microphone = new ScriptedSpeechInput();
  const session = new voice.AgentSession({
    llm: reader,
    stt,
    ...(wantsAvatar ? { tts: new OfflineVoice() } : {}),
    turnHandling: { turnDetection: localTurnDetector() },
  });
  session.input.audio = microphone;

  const real = wantsAvatar ? stage.real : undefined;
  const transitions: Transition[] = [];
  const switches: Switch[] = [];
  const logTransitions = transitionLog((transition) => {
    transitions.push(transition);
    audience.transition(transition);
  }, elapsedMs);
  const video = new VideoSession(session, {
    room: stage.room,
    // Camera, voice, encoder, model and avatar share this machine, which may be busy.
    turn: { attachBudgetMs: 10_000 },
    avatarLimits: { startTimeoutMs: AVATAR_START_MS, joinTimeoutMs: AVATAR_START_MS },
    ...(real ? { avatar: localAvatar(real.server) } : {}),
    inspect: (event) => {
      logTransitions(event);
      observer.inspect?.(event);
    },
  });
  observer.video?.(video);
  const witness = real && new AvatarWitness(real.user, video, FACE);
  let avatar: DemoResult['avatar'];
  video.on('source.switched', (event) => {
    const entry = toSwitch(event);
    switches.push(entry);
    audience.switched(entry);
  });

  const conversation = new Conversation(
    { stage, session, video, reader, stt, microphone, elapsedMs },
    (turn) => {
      audience.turn(turn);
      observer.turn?.(turn);
    },
  );
  try {
    reader.prewarm();
    await prepare(conversation);
    await video.start({
      agent: new voice.Agent({ instructions: 'Say what you see.' }),
      inputOptions: { audioEnabled: false },
      outputOptions: { audioEnabled: wantsAvatar },
    });
    if (witness) {
      audience.scene('The avatar is there before the first word');
      await session.say(GREETING).waitForPlayout();
    }
    await script(conversation);
    avatar = await witness?.result(avatarStates(transitions));
  } finally {
    await video.close();
    await microphone.close();
    await reader.aclose();
  }
  const { turns } = conversation;
  return {
    ok: turns.length > 0 && turns.every(isRight) && (!avatar || isFine(avatar)),
    turns,
    switches,
    metrics: video.metrics(),
    transitions,
    ...(avatar ? { avatar } : {}),
  };
}

const localAvatar = ({ url, apiKey, apiSecret }: LiveKitServer) =>
  new LocalAvatar({
    ...{ url, apiKey, apiSecret, identity: FACE, name: 'Sightline' },
    startTimeoutMs: AVATAR_START_MS,
  });

/** The avatar's states, in order. */
const avatarStates = (transitions: readonly Transition[]): string[] => [
  'coming.starting',
  ...transitions
    .filter(({ machine }) => machine === 'avatar')
    .flatMap(({ to }) => to.split(', '))
    .filter((state) => state.startsWith('presence.'))
    .map((state) => state.slice('presence.'.length)),
];

function toSwitch({ from, to, reason, gapMs }: SourceSwitched): Switch {
  return { from: from?.source ?? 'none', to: to.source, reason, gapMs };
}
