import { LOOK } from '../defaults.ts';
import { LookError } from '../errors.ts';
import type { FramePart } from '../frames/frame-part.ts';
import type { WhichFrame } from '../frames/kept-frames.ts';
import type { SeenFrame } from '../frames/seen-frame.ts';
import { filled } from '../option-table.ts';
import { checkedRegion, type Region } from '../processors/region.ts';
import { type LookKind, lookKindOf, type SourceId, type SourceSelector } from '../source.ts';
import { OpenedSources } from './opened-sources.ts';
import type { SessionActor } from './session-actor.ts';
import type { Sources } from './sources.ts';

/** What a look is at. */
export interface LookOptions {
  /** @defaultValue the watched source; of several, the first that is live */
  source?: LookKind | undefined;
  /**
   * Identity of the participant whose video it is, served by the agent or not. A region is then a
   * part of a fresh frame, unless `frameId` names one.
   * @defaultValue the watched one: the participant that the agent serves, or that is pinned
   */
  participant?: string | undefined;
  /**
   * Part of the upright picture, in the resolution of the track: of the newest frame that a model
   * was shown, or of a fresh frame if none is kept. The session keeps two frames of each source,
   * from its first look at a region, or from `createLookTool`.
   * @defaultValue the whole frame
   */
  region?: Region | undefined;
  /**
   * Largest side of the result, in pixels. A smaller one is not enlarged.
   * @defaultValue the frame's size
   */
  maxSize?: number | undefined;
  /**
   * Id of a frame that a model was shown. If it is not kept any more, a fresh frame is taken.
   * @defaultValue the newest that a model was shown
   */
  frameId?: number | undefined;
}

/** @throws OptionError */
export function checkedLook(look: LookKind | LookOptions | undefined): LookOptions {
  if (look === undefined || typeof look === 'string') return filled('', { source: look }, LOOK);
  const { region } = look ?? {};
  const checked = filled('', look, LOOK);
  return region === undefined ? checked : { ...checked, region: checkedRegion('region', region) };
}

/** The source that is opened for a look. */
function selectorOf({ source, participant }: LookOptions): SourceSelector {
  if (participant === undefined) return source ?? 'latest';
  return source ? { identity: participant, source } : { identity: participant };
}

/** A track of unknown source counts as a camera. */
const isOf = (frame: SeenFrame, { source, participant }: LookOptions): boolean =>
  (source === undefined || lookKindOf(frame.source) === source) &&
  (participant === undefined || frame.identity === participant);

export interface LookRequestsDeps {
  actor: SessionActor;
  sources: Pick<Sources, 'checkLink' | 'current' | 'showing'>;
  timeoutMs: number;
  /** Takes the id of one of the session's sources. */
  latestFrame(sourceId: SourceId, part?: FramePart): Promise<SeenFrame | undefined>;
  /** A frame that a model was shown, if it is kept. */
  shownFrame(which: WhichFrame, part: FramePart): Promise<SeenFrame | undefined>;
  /** Whether the source has a frame, even if a processor withholds it. */
  hasFrame(sourceId: SourceId): boolean;
}

/** No request to the server makes the publisher of a still screen send its last frame again. */
const STILL = 'the screen sends its next frame when it changes';
const FOLLOW = "input.sources: ['camera', 'screen'] keeps the newest frame of both";

/** Looks of the application: each is a promise that a source's answer settles. */
export class LookRequests {
  readonly #deps: LookRequestsDeps;
  readonly #opened: OpenedSources;
  #nextId = 1;

  constructor(deps: LookRequestsDeps) {
    this.#deps = deps;
    this.#opened = new OpenedSources(deps.actor);
  }

  /**
   * The first frame that arrives after the call, or a frame that a model was shown. A source that
   * is not followed is opened for this look, so looks at several sources disturb neither each other
   * nor the watched source.
   * @throws LookError
   */
  async look(look: LookOptions): Promise<SeenFrame> {
    const { actor, sources } = this.#deps;
    if (!actor.getSnapshot().hasTag('open'))
      throw new LookError('closed', 'look() needs a started VideoSession');
    sources.checkLink();
    const { source: kind, participant } = look;
    const shown = await this.#shown(look);
    if (shown) return shown;
    if (participant === undefined && kind === undefined) return this.#ask(sources.current, look);
    const followed = sources.showing(kind, participant);
    if (followed !== undefined) {
      const frame = await this.#ask(followed, look);
      // The source may have changed to another track before the frame arrived.
      if (isOf(frame, look)) return frame;
    }
    return this.#opened.use(selectorOf(look), (sourceId) => this.#ask(sourceId, look));
  }

  /** The frame that the look is at, if a model was shown it. */
  async #shown({
    source: kind,
    participant,
    frameId,
    ...part
  }: LookOptions): Promise<SeenFrame | undefined> {
    if (!part.region && frameId === undefined) return undefined;
    // The kept frames of several participants are known by their ids only.
    if (participant !== undefined && frameId === undefined) return undefined;
    const isAnyOf = kind ?? frameId;
    const sourceId = isAnyOf === undefined ? this.#deps.sources.current : undefined;
    const shown = await this.#deps.shownFrame({ kind, frameId, sourceId }, part);
    return shown && isOf(shown, { participant }) ? shown : undefined;
  }

  #ask(sourceId: SourceId, look: LookOptions): Promise<SeenFrame> {
    const { actor, latestFrame, hasFrame } = this.#deps;
    const { region, maxSize } = look;
    const part = region || maxSize !== undefined ? { region, maxSize } : undefined;
    const lookId = this.#nextId++;
    return new Promise((resolve, reject) => {
      const end = (reason?: LookError['reason']) => {
        for (const subscription of subscriptions) subscription.unsubscribe();
        if (reason) return reject(this.#error(reason, sourceId, look));
        latestFrame(sourceId, part).then((frame) => {
          if (frame) return resolve(frame);
          const now = actor.getSnapshot();
          const isOff = now.context.mode === 'off';
          const missing = isOff ? 'off' : hasFrame(sourceId) ? 'withheld' : 'timeout';
          reject(this.#error(now.hasTag('open') ? missing : 'closed', sourceId, look));
        }, reject);
      };
      const subscriptions = [
        actor.on('look.answered', ({ lookIds }) => {
          if (lookIds.includes(lookId)) end();
        }),
        actor.on('look.failed', ({ lookIds, reason }) => {
          if (lookIds.includes(lookId)) end(reason);
        }),
        actor.subscribe((snapshot) => {
          if (!snapshot.hasTag('open')) end('closed');
        }),
      ];
      actor.send({ type: 'look.requested', sourceId, lookId });
    });
  }

  #error(
    reason: LookError['reason'],
    sourceId: SourceId,
    { source: kind, participant }: LookOptions,
  ): LookError {
    const pick = this.#deps.actor.getSnapshot().context.sources[sourceId]?.pick;
    if (reason === 'timeout' && !pick) {
      const what = kind ?? 'camera or screen';
      if (participant !== undefined)
        return new LookError(reason, `${participant} shares no ${what}`);
      if (kind) return new LookError(reason, `no ${kind} is shared`);
    }
    const still = kind ? `${STILL}; ${FOLLOW}` : STILL;
    const why = pick?.source === 'screen' ? still : 'is a camera or screen shared?';
    const message = {
      timeout: `no frame came within ${this.#deps.timeoutMs} ms: ${why}`,
      off: "video is off: call setMode('onDemand') first",
      closed: 'the VideoSession was closed',
      withheld: 'one of input.processors withheld the frame',
    };
    return new LookError(reason, message[reason]);
  }
}
