import { withoutSecrets } from './secrets.ts';

/** Base class of every error that Sightline throws. `code` is stable; the message is for people. */
export class SightlineError extends Error {
  /** Stable name of the kind of error, for code that has to distinguish errors. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(withoutSecrets(message), options);
    this.name = new.target.name;
    this.code = code;
  }

  /**
   * Redacts secrets when a console prints the error, because it also prints the cause.
   *
   * @internal
   */
  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    return withoutSecrets(inspect(this, { ...options, customInspect: false }));
  }
}

/** An option that is out of range, of the wrong kind, or unknown. */
export class OptionError extends SightlineError {
  /** Path of the option, such as `turn.attachBudgetMs`. */
  readonly option: string;
  /** The value that was given. It is in no log, because it may hold a key. */
  declare readonly value: unknown;
  /** How to fix it. */
  readonly remedy: string;

  /**
   * @param problem - By default a description of the value. Pass a text for an unknown option,
   * whose value may be a key.
   */
  constructor(option: string, value: unknown, remedy: string, problem = `is ${describe(value)}`) {
    super('option', `${option} ${problem}: ${remedy}`);
    this.option = option;
    Object.defineProperty(this, 'value', { value });
    this.remedy = remedy;
  }
}

/** `start` found a model that cannot take pictures. */
export class UnsupportedModelError extends SightlineError {
  /** The model's label, as its plugin reports it. */
  readonly model: string;

  constructor(model: string, remedy: string) {
    super('unsupported-model', `${model} cannot see: ${remedy}`);
    this.model = model;
  }
}

/** A copy of `@livekit/agents` that this process has loaded. */
export interface FrameworkCopy {
  readonly version: string;
  /** The package's folder. */
  readonly folder: string;
  /** A package that is both imported and required is loaded twice. */
  readonly build: 'ES modules' | 'CommonJS';
}

/** An object that comes from another copy of `@livekit/agents` than Sightline uses. */
export class DuplicateFrameworkError extends SightlineError {
  /** Class of the framework, such as `AgentSession`. */
  readonly className: string;
  /** The copy that Sightline uses; `undefined` if it cannot be found. */
  readonly own: FrameworkCopy | undefined;
  /** The copy that `className` comes from; `undefined` if it cannot be found. */
  readonly other: FrameworkCopy | undefined;
  /** How to get down to one copy. */
  readonly remedy: string;

  constructor(className: string, own: FrameworkCopy | undefined, other: FrameworkCopy | undefined) {
    const remedy =
      own && own.folder === other?.folder
        ? 'load it and its plugins with `import` everywhere, never with `require`'
        : '`npm ls @livekit/agents` shows what installs it; `npm dedupe`, or the same version ' +
          'for all, leaves one copy';
    super(
      'duplicate-framework',
      `the ${className} comes from another copy of @livekit/agents (${place(other)}) than ` +
        `Sightline's (${place(own)}): ${remedy}`,
    );
    this.className = className;
    this.own = own;
    this.other = other;
    this.remedy = remedy;
  }
}

/** Why a call does not fit the session's state, with the remedy. */
const SESSION_STATES = {
  closed: 'this VideoSession is closed: make a new one',
  started: 'start() was already called: a VideoSession starts only once',
  closing: 'close() was called during start()',
  'started-alone':
    'the AgentSession was started without its video, and the agent sees nothing: ' +
    'call video.start({ agent }) instead of session.start()',
  'served-by-another':
    'another VideoSession serves this AgentSession: use that one, ' +
    "with input.sources: ['camera', 'screen'] for both",
  'no-avatar': 'this session was created without the option avatar: pass one, or null',
} as const;

/** A call that does not fit the state of the session, such as a second `start()`. */
export class SessionStateError extends SightlineError {
  constructor(readonly state: keyof typeof SESSION_STATES) {
    super('session-state', SESSION_STATES[state]);
  }
}

/** A step of the start exceeded its limit. */
export class StartTimeoutError extends SightlineError {
  constructor(message: string) {
    super('start-timeout', message);
  }
}

/** `look()` got no fresh frame. */
export class LookError extends SightlineError {
  readonly reason: 'timeout' | 'off' | 'closed' | 'withheld';

  constructor(reason: LookError['reason'], message: string) {
    super(`look-${reason}`, message);
    this.reason = reason;
  }
}

/** `point()` could not show its place to the user. */
export class PointError extends SightlineError {
  /**
   * `unseen`: the model was not shown such a frame, or it was taken away. `gone`: the video is no
   * longer shared. `outside`: the place is on the black bars of the picture.
   */
  readonly reason: 'off' | 'closed' | 'unseen' | 'gone' | 'outside' | 'unsent';

  constructor(reason: PointError['reason'], message: string, options?: ErrorOptions) {
    super(`point-${reason}`, message, options);
    this.reason = reason;
  }
}

/** A frame could not be encoded. */
export class EncodeError extends SightlineError {
  constructor(message: string, options?: ErrorOptions) {
    super('encode', message, options);
  }
}

/** A processor failed, or was late: its frame is withheld. */
export class ProcessorError extends SightlineError {
  /** The name of the processor. */
  readonly processor: string;

  constructor(processor: string, reason: string, options?: ErrorOptions) {
    super('processor', `the processor "${processor}" withholds its frames: ${reason}`, options);
    this.processor = processor;
  }
}

/** A `VideoOutput` could not be published, or is not open. */
export class OutputError extends SightlineError {
  readonly reason: 'publish' | 'not-connected' | 'closed';

  constructor(reason: OutputError['reason'], message: string, options?: ErrorOptions) {
    super(`output-${reason}`, message, options);
    this.reason = reason;
  }
}

/** What went wrong with an avatar. */
export type AvatarFault =
  | 'start-failed'
  | 'no-output'
  | 'start-timeout'
  | 'closed'
  | 'exited'
  | 'stream'
  | 'report'
  | 'generator';

/** An avatar did not start, ended by itself, or lost a part of its speech. */
export class AvatarError extends SightlineError {
  readonly reason: AvatarFault;

  constructor(reason: AvatarFault, message: string, options?: ErrorOptions) {
    super(`avatar-${reason}`, message, options);
    this.reason = reason;
  }
}

const place = (copy: FrameworkCopy | undefined): string =>
  copy ? `${copy.version}, ${copy.build}, ${copy.folder}` : 'at an unknown path';

/** The value as shown in a message: short, and on one line. */
function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'number' || typeof value === 'boolean' || value == null)
    return String(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function' && value.name) return `the function ${value.name.slice(0, 80)}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const type = typeof value === 'object' ? classOf(value) : undefined;
  return type ? `of class ${type}` : `of type ${typeof value}`;
}

/** The name of an object's class; nothing for a plain object. */
function classOf(value: object): string | undefined {
  const type: unknown = value.constructor;
  const name = typeof type === 'function' ? type.name : '';
  return name === 'Object' ? undefined : name.slice(0, 80);
}
