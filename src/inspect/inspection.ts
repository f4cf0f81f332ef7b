import type { ActorOptions, AnyActorLogic, InspectionEvent } from 'xstate';
import { OptionError } from '../errors.ts';
import type { EncodedImage } from '../frames/encode.ts';
import { notify } from '../notify.ts';
import { createInspector, type Inspector, type InspectorOptions } from './inspector.ts';

/**
 * Who watches a session: the inspector on this machine (`true`), one that its options name, or a
 * function that gets XState's own events.
 */
export type InspectOption = boolean | InspectorOptions | ((event: InspectionEvent) => void);

/**
 * The option, or what the environment says where there is none.
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

/** One session as an inspector sees it. */
export class Inspection {
  readonly #inspector: Inspector | undefined;
  readonly #inspect: ((event: InspectionEvent) => void) | undefined;

  constructor(option: ReturnType<typeof inspectOption>, metrics: () => object) {
    this.#inspector = typeof option === 'object' ? createInspector(option) : undefined;
    this.#inspector?.metrics(metrics);
    // One of the application's that throws must not stop the actors.
    const own =
      typeof option === 'function'
        ? (event: InspectionEvent) => notify(option, event, () => {})
        : undefined;
    this.#inspect = this.#inspector?.inspect ?? own;
  }

  /** What `createActor` takes. */
  get actorOptions(): Pick<ActorOptions<AnyActorLogic>, 'inspect'> {
    return this.#inspect ? { inspect: this.#inspect } : {};
  }

  /** A picture that the model gets: shown where pixels were asked for. */
  picture(picture: EncodedImage | undefined, label: string): void {
    if (picture) this.#inspector?.picture({ ...picture, label });
  }

  /** Sends the last figures, then hangs up. Idempotent. */
  async close(): Promise<void> {
    await this.#inspector?.close();
  }
}
