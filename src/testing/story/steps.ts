import type { SamplingMode } from '../../source.ts';

/** Who is in a story: the agent serves the one who joined first. */
export const PEOPLE = ['user', 'guest'] as const;
export type Person = (typeof PEOPLE)[number];

export const SHARES = ['camera', 'screen'] as const;
/** What a person shares. */
export type Shared = (typeof SHARES)[number];

export const AGENT_KINDS = ['pipeline', 'textOnly', 'gemini', 'openai', 'voiceOnly'] as const;
/**
 * An agent by its model: a pipeline's with pictures or without (`textOnly`), Gemini Live, OpenAI
 * Realtime, or a realtime model that takes no video (`voiceOnly`).
 */
export type AgentKind = (typeof AGENT_KINDS)[number];

export const TOOL_CALLS = ['look', 'lookAtCamera', 'lookAtScreen', 'slow'] as const;
/** A tool that the model calls before it answers: a look, or a tool that takes its time. */
export type StoryToolCall = (typeof TOOL_CALLS)[number];

export const AVATAR_KINDS = [
  'well',
  'late',
  'refusedOnce',
  'withoutVideo',
  'withoutReports',
  'refusesClear',
] as const;
/** An avatar by what is wrong with it. */
export type AvatarKind = (typeof AVATAR_KINDS)[number];

/** Lengths of what the agent says, in ms: steps of a stair, no pitch twice. */
export const SPEECH_LENGTHS = [400, 600, 800, 1200, 1600, 2400] as const;

export const DROP_CODES = [1000, 1006, 1011] as const;

interface OfPerson {
  /** @defaultValue 'user' */
  readonly who?: Person;
}

interface OfShare extends OfPerson {
  readonly what: Shared;
}

interface Asking {
  /** What the model calls before it answers, all in one step. */
  readonly tools?: readonly StoryToolCall[];
}

/** What can happen in a story, by the name of the step, with what the step needs. */
export interface StepFields {
  /** The agent starts. A story without this step begins with it: a pipeline without an avatar. */
  start: { readonly agent: AgentKind; readonly avatar?: AvatarKind };
  join: OfPerson;
  leave: OfPerson;
  /** Leaves and joins at once, and shares the same again. */
  rejoin: OfPerson;
  share: OfShare;
  unshare: OfShare;
  mute: OfShare;
  unmute: OfShare;
  /** The camera or the screen shows another picture. */
  show: OfShare;
  /** The phone is turned by 90 degrees. */
  turnPhone: OfPerson;
  /** Nothing happens for this time, in ms. */
  still: { readonly ms: number };
  /** A typed question. It interrupts the agent, as the text input of the framework does. */
  type: Asking;
  /** A spoken question. */
  speak: Asking;
  /** The user interrupts the agent. */
  interrupt: Record<never, never>;
  mode: { readonly mode: SamplingMode };
  /** The application chooses what is watched; `null` gives the choice back. */
  pin: { readonly what: Shared | null };
  /** The application looks by itself. */
  look: { readonly what?: Shared };
  handOff: { readonly to: AgentKind };
  /** The agent speaks for so long, in ms: whole steps of 200 ms. */
  say: { readonly ms: number };
  /** The user interrupts the agent as soon as it is heard. */
  bargeIn: Record<never, never>;
  /** The process of the avatar dies: in a word if the agent speaks, otherwise in silence. */
  avatarDies: Record<never, never>;
  /** The avatar leaves the room: in a word if the agent speaks, otherwise in silence. */
  avatarLeaves: Record<never, never>;
  /** The application chooses another avatar, or none. */
  avatarSwapped: { readonly to: 'another' | 'none' };
  /** The service of the realtime model closes the connection; 1006 breaks it off. */
  drop: { readonly code: (typeof DROP_CODES)[number] };
  /** The service breaks the connection off, and refuses the next ones for this time, in ms. */
  refuse: { readonly how: 'tcp' | '503'; readonly ms: number };
  /** The network is cut: the room resumes, or comes back with everything new (`full`). */
  reconnect: { readonly how: 'resume' | 'full' };
  /** The end: of the video session, or of the agent session without it. */
  close: { readonly what?: 'video' | 'agent' };
}

export type StepKind = keyof StepFields;

/** One step of a story, as plain JSON. */
export type Step = {
  [K in StepKind]: { readonly do: K } & StepFields[K] & {
      /** `false`: the next step does not wait until this one is done. */
      readonly wait?: false;
    };
}[StepKind];

export type StepOf<K extends StepKind> = Extract<Step, { do: K }>;

/** Steps in their order: `story(steps)` checked them. */
export type Story = readonly Step[];

/** What a field of a step may be. */
type Field =
  | { readonly oneOf: readonly unknown[]; readonly isOptional?: boolean }
  | { readonly listOf: readonly unknown[] }
  | { readonly upTo: number };

const who: Field = { oneOf: PEOPLE, isOptional: true };
const what: Field = { oneOf: SHARES };
/** Longest pause of a story, in ms. */
const MOST_MS = 60_000;

/** Steps that need a room with speech, and a user who listens. */
export const SPEECH_STEPS: ReadonlySet<StepKind> = new Set([
  'say',
  'bargeIn',
  'avatarDies',
  'avatarLeaves',
  'avatarSwapped',
]);

/** Whether the agent of the story is heard. */
export const isSpoken = (story: Story): boolean =>
  story.some((step) => SPEECH_STEPS.has(step.do) || (step.do === 'start' && step.avatar));

/** The fields of each step, and what they may be. */
export const FIELDS: Readonly<Record<StepKind, Readonly<Record<string, Field>>>> = {
  start: {
    agent: { oneOf: ['pipeline', 'gemini', 'openai'] },
    avatar: { oneOf: AVATAR_KINDS, isOptional: true },
  },
  join: { who },
  leave: { who },
  rejoin: { who },
  share: { what, who },
  unshare: { what, who },
  mute: { what, who },
  unmute: { what, who },
  show: { what, who },
  turnPhone: { who },
  still: { ms: { upTo: MOST_MS } },
  type: { tools: { listOf: TOOL_CALLS } },
  speak: { tools: { listOf: TOOL_CALLS } },
  interrupt: {},
  mode: { mode: { oneOf: ['off', 'onDemand', 'sampled'] } },
  pin: { what: { oneOf: [...SHARES, null] } },
  look: { what: { oneOf: SHARES, isOptional: true } },
  handOff: { to: { oneOf: AGENT_KINDS } },
  say: { ms: { oneOf: SPEECH_LENGTHS } },
  bargeIn: {},
  avatarDies: {},
  avatarLeaves: {},
  avatarSwapped: { to: { oneOf: ['another', 'none'] } },
  drop: { code: { oneOf: DROP_CODES } },
  refuse: { how: { oneOf: ['tcp', '503'] }, ms: { upTo: MOST_MS } },
  reconnect: { how: { oneOf: ['resume', 'full'] } },
  close: { what: { oneOf: ['video', 'agent'], isOptional: true } },
};

/** What is wrong with the value of a field; `undefined` if nothing is. */
export function fieldProblem(field: Field, value: unknown): string | undefined {
  if ('listOf' in field) {
    if (value === undefined) return undefined;
    const isList = Array.isArray(value) && value.every((one) => field.listOf.includes(one));
    return isList ? undefined : `give a list of ${field.listOf.join(', ')}`;
  }
  if ('upTo' in field) {
    const isInRange = typeof value === 'number' && value >= 0 && value <= field.upTo;
    return isInRange ? undefined : `give a number from 0 to ${field.upTo}`;
  }
  if (field.oneOf.includes(value) || (value === undefined && field.isOptional)) return undefined;
  return `give one of ${field.oneOf.map((one) => JSON.stringify(one)).join(', ')}`;
}
