import {
  type AgentKind,
  type Person,
  type Shared,
  SPEECH_STEPS,
  type Step,
  type StepKind,
  type StepOf,
} from './steps.ts';

interface Present {
  readonly shares: Map<Shared, { isMuted: boolean }>;
}

/** Models whose service can drop the connection. */
const WITH_CONNECTION: readonly AgentKind[] = ['gemini', 'openai'];

/** The people and their shares after the steps so far, which decide the possible next steps. */
export class Situation {
  readonly #people = new Map<Person, Present>();
  #agent: AgentKind | undefined;
  #hasAvatar = false;
  #hasMask = false;
  /** How the user asks by voice: the turns of a session end in one way. */
  #spoken: 'speak' | 'press' | undefined;
  /** What the application does until the end. */
  readonly #lasting = new Set<StepKind>();
  #isClosed = false;

  /** Why this step is not possible, with the remedy; `undefined` if it is possible. */
  problem(step: Step): { readonly what: string; readonly remedy: string } | undefined {
    if (this.#isClosed) return { what: 'comes after close', remedy: 'make close the last step' };
    if (step.do === 'start')
      return this.#agent && { what: 'comes again', remedy: 'an agent starts once' };
    if (!this.#agent && NEEDS_AGENT.has(step.do))
      return { what: 'comes before the agent starts', remedy: 'put it behind start' };
    if (SPEECH_STEPS.has(step.do) && !this.#people.has('user'))
      return { what: 'comes while the user is not in the room', remedy: 'let the user join first' };
    if (step.do.startsWith('avatar') && !this.#hasAvatar)
      return { what: 'needs an avatar', remedy: 'start with one: { do: "start", avatar: "well" }' };
    if (isByVoice(step) && this.#spoken && this.#spoken !== step.do)
      return { what: `comes with ${this.#spoken}`, remedy: 'ask in one of both ways' };
    if (LASTING.has(step.do) && this.#lasting.has(step.do))
      return { what: 'comes again', remedy: `leave one ${step.do} out` };
    if (NEEDS_MASK.has(step.do) && !this.#hasMask)
      return { what: 'needs a mask', remedy: 'start with one: { do: "start", mask: "well" }' };
    if ((step.do === 'drop' || step.do === 'refuse') && !this.#hasConnection)
      return {
        what: 'needs a model with a connection',
        remedy: 'hand off to gemini or openai first',
      };
    return this.#problemOfPeople(step);
  }

  apply(step: Step): void {
    if (step.do === 'start') {
      this.#agent = step.agent;
      this.#hasAvatar = step.avatar !== undefined;
      this.#hasMask = step.mask !== undefined;
    }
    if (isByVoice(step)) this.#spoken = step.do;
    if (LASTING.has(step.do)) this.#lasting.add(step.do);
    if (step.do === 'handOff') this.#agent = step.to;
    if (step.do === 'close') this.#isClosed = true;
    if (!('who' in step || PERSONAL.has(step.do))) return;
    const who = personOf(step);
    const present = this.#people.get(who);
    if (step.do === 'join') this.#people.set(who, { shares: new Map() });
    if (step.do === 'leave') this.#people.delete(who);
    if (step.do === 'rejoin' && present) {
      // Joins again behind the others.
      this.#people.delete(who);
      this.#people.set(who, present);
    }
    if (step.do === 'share') present?.shares.set(step.what, { isMuted: false });
    if (step.do === 'unshare') present?.shares.delete(step.what);
    const share =
      'what' in step && step.what ? present?.shares.get(step.what as Shared) : undefined;
    if (share && step.do === 'mute') share.isMuted = true;
    if (share && step.do === 'unmute') share.isMuted = false;
  }

  get #hasConnection(): boolean {
    return this.#agent !== undefined && WITH_CONNECTION.includes(this.#agent);
  }

  #problemOfPeople(step: Step): ReturnType<Situation['problem']> {
    if (!PERSONAL.has(step.do)) return undefined;
    const who = personOf(step);
    const present = this.#people.get(who);
    if (step.do === 'join')
      return present && { what: `${who} is in the room`, remedy: `let ${who} leave first` };
    if (!present) return { what: `${who} is not in the room`, remedy: `let ${who} join first` };
    if (step.do === 'turnPhone')
      return present.shares.has('camera') ? undefined : notShared(who, 'camera');
    if (!('what' in step)) return undefined;
    const what = step.what as Shared;
    const share = present.shares.get(what);
    if (step.do === 'share')
      return share && { what: `${who} shares the ${what}`, remedy: 'unshare it first' };
    if (!share) return notShared(who, what);
    if (step.do === 'mute')
      return share.isMuted
        ? { what: `the ${what} is muted`, remedy: 'unmute it first' }
        : undefined;
    if (step.do === 'unmute' && !share.isMuted)
      return { what: `the ${what} is not muted`, remedy: 'mute it first' };
    return undefined;
  }
}

const notShared = (who: Person, what: Shared) => ({
  what: `${who} does not share the ${what}`,
  remedy: `share the ${what} first`,
});

export const personOf = (step: Step): Person => ('who' in step && step.who) || 'user';

const isByVoice = (step: Step): step is StepOf<'speak' | 'press'> =>
  step.do === 'speak' || step.do === 'press';

const PERSONAL: ReadonlySet<StepKind> = new Set([
  'join',
  'leave',
  'rejoin',
  'share',
  'unshare',
  'mute',
  'unmute',
  'show',
  'turnPhone',
  'modeByUser',
  'setParticipant',
]);

/** Steps that last until the end of the story. */
const LASTING: ReadonlySet<StepKind> = new Set(['watch', 'publish']);

/** Steps that matter only if a mask hides a part of the pictures. */
const NEEDS_MASK: ReadonlySet<StepKind> = new Set(['setMask', 'watch', 'publish']);

const NEEDS_AGENT: ReadonlySet<StepKind> = new Set([
  'type',
  'speak',
  'press',
  'interrupt',
  'look',
  'watch',
  'publish',
  'say',
  'bargeIn',
  'avatarDies',
  'avatarLeaves',
  'avatarSwapped',
  'handOff',
  'modeByUser',
  'setParticipant',
  'drop',
  'refuse',
]);
