/** The trigger of a transition. */
export type Trigger =
  | { kind: 'event'; name: string }
  | { kind: 'always' }
  /** `delay` is its name, or its time if it has none; `value` is its time with default options. */
  | { kind: 'after'; delay: string; value: string | undefined }
  | { kind: 'actor'; actor: string; outcome: 'done' | 'failed' | 'snapshot' }
  | { kind: 'stateDone' };

export interface ChartTransition {
  trigger: Trigger;
  guard: string | undefined;
  actions: string[];
  /** Ids of the target states; none for an internal transition. */
  targets: string[];
  reenter: boolean;
  description: string | undefined;
  /** Key of the trigger in the source: `track.muted`, `attachBudget`, `always`, `onDone`. */
  sourceKey: string;
}

export interface ChartInvoke {
  src: string;
  /** Only if the machine names it. */
  id: string | undefined;
  /** Whether an action starts it, instead of a state. */
  isSpawned?: boolean;
}

export interface ChartState {
  /** Full id, such as `session.open.sources`. */
  id: string;
  key: string;
  path: string[];
  kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  description: string | undefined;
  entry: string[];
  exit: string[];
  invokes: ChartInvoke[];
  transitions: ChartTransition[];
  /** Id of the initial state. */
  initial: string | undefined;
  children: ChartState[];
}

/** The state itself and all states inside it, in document order. */
export function withDescendants(state: ChartState): ChartState[] {
  return [state, ...state.children.flatMap(withDescendants)];
}

/** Whether `id` is the state `ancestor` or lies inside it. */
export function isWithin(id: string, ancestor: string): boolean {
  return id === ancestor || id.startsWith(`${ancestor}.`);
}
