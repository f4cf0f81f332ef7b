import type { SamplingMode } from '../../source.ts';

/** The people of a story. The agent serves the first one to join. */
export const PEOPLE = ['user', 'guest'] as const;
export type Person = (typeof PEOPLE)[number];

export const SHARES = ['camera', 'screen'] as const;
/** A source that a person shares. */
export type Shared = (typeof SHARES)[number];

export const AGENT_KINDS = ['pipeline', 'textOnly', 'gemini', 'openai', 'voiceOnly'] as const;
/**
 * An agent by its model: a pipeline's with pictures or without (`textOnly`), Gemini Live, OpenAI
 * Realtime, or a realtime model that takes no video (`voiceOnly`).
 */
export type AgentKind = (typeof AGENT_KINDS)[number];

export const TOOL_CALLS = ['look', 'lookAtCamera', 'lookAtScreen', 'slow'] as const;
/** A tool that the model calls before it answers: a look, or a slow tool. */
export type StoryToolCall = (typeof TOOL_CALLS)[number];

export const AVATAR_KINDS = [
  'well',
  'late',
  'refusedOnce',
  'withoutVideo',
  'withoutReports',
  'refusesClear',
] as const;
/** An avatar by its fault. */
export type AvatarKind = (typeof AVATAR_KINDS)[number];

export const MASK_KINDS = ['well', 'slow', 'failing'] as const;
/** A mask on what people show: it hides a part of each picture. A failing one throws at times. */
export type MaskKind = (typeof MASK_KINDS)[number];

/** Lengths of the agent's speeches, in ms: whole steps of a stair, each pitch at most once. */
export const SPEECH_LENGTHS = [400, 600, 800, 1200, 1600, 2400] as const;

/** The user releases the button of push-to-talk, or cancels. */
export const PRESS_ENDS = ['release', 'cancel'] as const;

export const DROP_CODES = [1000, 1006, 1011] as const;

interface OfPerson {
  /** @defaultValue 'user' */
  readonly who?: Person;
}

interface OfShare extends OfPerson {
  readonly what: Shared;
}

interface Asking {
  /** Tools that the model calls before it answers, all in one step. */
  readonly tools?: readonly StoryToolCall[];
}

/** The fields of each kind of step. */
export interface StepFields {
  /**
   * The agent starts. A story without this step begins with it: a pipeline without an avatar. With
   * a `mask`, each camera and screen shows a part that the mask hides.
   */
  start: {
    readonly agent: AgentKind;
    readonly avatar?: AvatarKind;
    readonly mask?: MaskKind;
    /**
     * The budget of a turn's picture, in ms.
     * @defaultValue 1000, for a busy machine
     */
    readonly attachBudgetMs?: number;
  };
  join: OfPerson;
  leave: OfPerson;
  /** Leaves, joins again at once, and shares the same sources. */
  rejoin: OfPerson;
  share: OfShare;
  unshare: OfShare;
  mute: OfShare;
  unmute: OfShare;
  /** The camera or the screen shows another picture. */
  show: OfShare;
  /** The person turns the phone by 90 degrees. */
  turnPhone: OfPerson;
  /** Nothing happens for this time, in ms. */
  still: { readonly ms: number };
  /** A typed question. It interrupts the agent, as the text input of the framework does. */
  type: Asking;
  /** A spoken question. */
  speak: Asking;
  /**
   * A spoken question of push-to-talk: the user holds the button, speaks, and releases it, or cancels.
   * The agent sees another picture at the end of the press than at its beginning.
   */
  press: Asking & { readonly end: (typeof PRESS_ENDS)[number] };
  /** The user interrupts the agent. */
  interrupt: Record<never, never>;
  mode: { readonly mode: SamplingMode };
  /** The person switches the video from their page. The agent refuses it unless it serves them. */
  modeByUser: OfPerson & { readonly mode: SamplingMode };
  /** The application pins a source; `null` unpins it. */
  pin: { readonly what: Shared | null };
  /** The application replaces the mask by another one. */
  setMask: { readonly to: MaskKind };
  /** The application watches the video with a model, in a story with a mask. */
  watch: Record<never, never>;
  /** The application publishes the pictures that it gets, in a story with a mask. */
  publish: Record<never, never>;
  /** The application calls `look()`. */
  look: { readonly what?: Shared };
  handOff: { readonly to: AgentKind };
  /** The application makes this person the linked participant, whom the agent serves. */
  setParticipant: OfPerson;
  /** The agent speaks for this time, in ms: whole steps of 200 ms. */
  say: { readonly ms: number };
  /** The user interrupts the agent as soon as it is heard. */
  bargeIn: Record<never, never>;
  /** The avatar's process dies, in the middle of a word if the agent speaks. */
  avatarDies: Record<never, never>;
  /** The avatar leaves the room, in the middle of a word if the agent speaks. */
  avatarLeaves: Record<never, never>;
  /** The application chooses another avatar, or none. */
  avatarSwapped: { readonly to: 'another' | 'none' };
  /** The service of the realtime model closes the connection; 1006 without a handshake. */
  drop: { readonly code: (typeof DROP_CODES)[number] };
  /** The service ends the connection, and refuses the next ones for this time, in ms. */
  refuse: { readonly how: 'tcp' | '503'; readonly ms: number };
  /** The network is interrupted. The room resumes, or reconnects with new participants (`full`). */
  reconnect: { readonly how: 'resume' | 'full' };
  /** Closes the video session, or the agent session alone. */
  close: { readonly what?: 'video' | 'agent' };
}

export type StepKind = keyof StepFields;

/** One step of a story, as plain JSON. */
export type Step = {
  [K in StepKind]: { readonly do: K } & StepFields[K] & {
      /** With `false`, the next step does not wait for the end of this one. */
      readonly wait?: false;
    };
}[StepKind];

export type StepOf<K extends StepKind> = Extract<Step, { do: K }>;

/** Steps in order, checked by `story(steps)`. */
export type Story = readonly Step[];

/** The valid values of a field. */
type Field =
  | { readonly oneOf: readonly unknown[]; readonly isOptional?: boolean }
  | { readonly listOf: readonly unknown[] }
  | { readonly upTo: number; readonly isOptional?: boolean };

const who: Field = { oneOf: PEOPLE, isOptional: true };
const what: Field = { oneOf: SHARES };
const MODES: readonly SamplingMode[] = ['off', 'onDemand', 'sampled'];
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

/** Whether the story has speech of the agent. */
export const isSpoken = (story: Story): boolean =>
  story.some((step) => SPEECH_STEPS.has(step.do) || (step.do === 'start' && step.avatar));

/** The mask of the story at its start. */
export const maskOf = (story: Story): MaskKind | undefined =>
  story.find((step) => step.do === 'start')?.mask;

/** All masks of the story. */
export const masksOf = (story: Story): MaskKind[] =>
  story.flatMap((step) => {
    if (step.do === 'setMask') return [step.to];
    return (step.do === 'start' && step.mask) || [];
  });

/** Steps that need an agent session with the room. In other stories it has no room, and no link. */
const LINK_STEPS: ReadonlySet<StepKind> = new Set(['setParticipant', 'modeByUser']);

/** Whether the agent session has the room, and so links the person whom it serves. */
export const hasLink = (story: Story): boolean =>
  isSpoken(story) || story.some((step) => LINK_STEPS.has(step.do));

/** Whether people switch the video themselves. */
export const hasControl = (story: Story): boolean => story.some((step) => step.do === 'modeByUser');

/** Whether the user ends all spoken turns of the story with a button. */
export const isPushToTalk = (story: Story): boolean => story.some((step) => step.do === 'press');

/** The fields of each step with their valid values. */
export const FIELDS: Readonly<Record<StepKind, Readonly<Record<string, Field>>>> = {
  start: {
    agent: { oneOf: ['pipeline', 'gemini', 'openai'] },
    avatar: { oneOf: AVATAR_KINDS, isOptional: true },
    mask: { oneOf: MASK_KINDS, isOptional: true },
    attachBudgetMs: { upTo: MOST_MS, isOptional: true },
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
  press: { end: { oneOf: PRESS_ENDS }, tools: { listOf: TOOL_CALLS } },
  interrupt: {},
  mode: { mode: { oneOf: MODES } },
  modeByUser: { mode: { oneOf: MODES }, who },
  pin: { what: { oneOf: [...SHARES, null] } },
  setMask: { to: { oneOf: MASK_KINDS } },
  watch: {},
  publish: {},
  look: { what: { oneOf: SHARES, isOptional: true } },
  handOff: { to: { oneOf: AGENT_KINDS } },
  setParticipant: { who },
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

/** How to fix the value of a field; `undefined` if it is valid. */
export function fieldProblem(field: Field, value: unknown): string | undefined {
  if ('listOf' in field) {
    if (value === undefined) return undefined;
    const isList = Array.isArray(value) && value.every((one) => field.listOf.includes(one));
    return isList ? undefined : `give a list of ${field.listOf.join(', ')}`;
  }
  if ('upTo' in field) {
    if (value === undefined && field.isOptional) return undefined;
    const isInRange = typeof value === 'number' && value >= 0 && value <= field.upTo;
    return isInRange ? undefined : `give a number from 0 to ${field.upTo}`;
  }
  if (field.oneOf.includes(value) || (value === undefined && field.isOptional)) return undefined;
  return `give one of ${field.oneOf.map((one) => JSON.stringify(one)).join(', ')}`;
}
