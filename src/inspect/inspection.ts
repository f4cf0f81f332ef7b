import type { ActorOptions, AnyActorLogic, InspectionEvent } from 'xstate';
import { OptionError } from '../errors.ts';
import type { EncodedImage } from '../frames/encode.ts';
import { notify } from '../notify.ts';
import { createInspector, type Inspector, type InspectorOptions } from './inspector.ts';

/**
 * The destination of a session's inspection events: this user's inspector on this machine (`true`),
 * another inspector, or a function that gets XState's own events.
 */
export type InspectOption = boolean | InspectorOptions | ((event: InspectionEvent) => void);

/**
 * The option, or the value of `SIGHTLINE_INSPECT` if it is not set.
 * @throws OptionError
 */
export function inspectOption(
  option: InspectOption | undefined,
  environment: string | undefined = process.env.SIGHTLINE_INSPECT,
): InspectorOptions | ((event: InspectionEvent) => void) | undefined {
  if (option === true) return {};
  if (option && typeof option !== 'object' && typeof option !== 'function')
    throw new OptionError('inspect', option, 'use true, InspectorOptions or a function');
  if (option !== undefined) return option || undefined;
  if (environment === '1' || environment === 'true') return {};
  return environment ? { url: environment } : undefined;
}

/** The inspection of one session. */
export class Inspection {
  readonly #inspector: Inspector | undefined;
  readonly #inspect: ((event: InspectionEvent) => void) | undefined;

  constructor(option: ReturnType<typeof inspectOption>, metrics: () => object) {
    this.#inspector = typeof option === 'object' ? createInspector(option) : undefined;
    this.#inspector?.metrics(metrics);
    // An error of the application's function must not stop the actors.
    const own =
      typeof option === 'function'
        ? (event: InspectionEvent) => notify(option, event, () => {})
        : undefined;
    this.#inspect = this.#inspector?.inspect ?? own;
  }

  /** The options for `createActor`. */
  get actorOptions(): Pick<ActorOptions<AnyActorLogic>, 'inspect'> {
    return this.#inspect ? { inspect: this.#inspect } : {};
  }

  /** A picture for the model; sent only if pixels are enabled. */
  picture(picture: EncodedImage | undefined, label: string): void {
    if (picture) this.#inspector?.picture({ ...picture, label });
  }

  /** Sends the final figures, and disconnects. Idempotent. */
  async close(): Promise<void> {
    await this.#inspector?.close();
  }
}
