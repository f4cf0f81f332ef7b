/// <reference lib="dom" />
/// <reference lib="dom.asynciterable" />
import type { Participant, Room } from 'livekit-client';
import { isAgent } from './find.ts';
import type { Box } from './picture-geometry.ts';
import { POINT_TOPIC, type PointMessage, parsePoint } from './point-protocol.ts';
import { PointerMark } from './pointer-mark.ts';
import { isOtherScene, PatchReader, patchAround, type ScenePatch } from './scene-patch.ts';
import { placeInWindow, visiblePart } from './video-layout.ts';

/** The members of a room that are used. */
export type PointedRoom = Pick<Room, 'on' | 'off' | 'localParticipant' | 'remoteParticipants'>;

export interface PointerOverlayOptions {
  /**
   * How long a mark stays if its scene does not change, in ms.
   * @defaultValue 15000
   */
  showForMs?: number;
  /**
   * Which element shows a video, for a page that draws videos by itself.
   * @defaultValue the largest of the elements that livekit-client has attached the track to
   */
  videoOf?: (point: PointMessage) => HTMLVideoElement | undefined;
  /** Called when a mark begins, and with `undefined` when it ends. */
  onChange?: (point: PointMessage | undefined) => void;
}

const SHOW_FOR_MS = 15_000;
/** The longest delay of a browser's timer, in ms. */
const MAX_SHOW_FOR_MS = 2 ** 31 - 1;
/** Interval of the checks of the scene, in ms. */
const CHECK_MS = 250;
/** As many checks in a row must find a change, so that a passing mouse pointer is none. */
const CHECKS = 2;

/** The mark that is shown. */
interface Shown {
  readonly point: PointMessage;
  readonly place: Box;
  /** What the video showed at first; `undefined` until its picture can be read. */
  scene: ScenePatch | undefined;
  changes: number;
  checkedAt: number;
  frame: number;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * Shows what the agent points at with `createPointTool`: draws a box or a ring with a label over
 * the video of the camera or screen. A mark ends when the scene changes at its place, after a time,
 * when the video ends or is muted, and when the next mark begins.
 *
 * @example
 * ```ts
 * const overlay = new PointerOverlay(room);
 * // when the page leaves the room
 * overlay.close();
 * ```
 */
export class PointerOverlay {
  readonly #room: PointedRoom;
  readonly #options: PointerOverlayOptions;
  readonly #mark = new PointerMark();
  readonly #patches = new PatchReader();
  #shown: Shown | undefined;

  /** @throws RangeError if `showForMs` is no positive number. */
  constructor(room: PointedRoom, options: PointerOverlayOptions = {}) {
    const { showForMs = SHOW_FOR_MS } = options;
    if (!(showForMs > 0 && showForMs <= MAX_SHOW_FOR_MS))
      throw new RangeError(`showForMs is ${showForMs}: use 1 to ${MAX_SHOW_FOR_MS} ms`);
    this.#room = room;
    this.#options = options;
    room.on('dataReceived', this.#onData);
    room.on('disconnected', this.#end);
  }

  /** The place that is marked now. */
  get point(): PointMessage | undefined {
    return this.#shown?.point;
  }

  /** Removes the mark, all elements and all listeners. */
  close(): void {
    this.#room.off('dataReceived', this.#onData);
    this.#room.off('disconnected', this.#end);
    this.#end();
    this.#mark.close();
  }

  readonly #onData = (
    payload: Uint8Array,
    sender?: Participant,
    _kind?: unknown,
    topic?: string,
  ): void => {
    // Any participant can send data: only an agent points.
    if (topic !== POINT_TOPIC || !sender || !isAgent(sender)) return;
    const point = parsePoint(payload);
    if (!point || !this.#publicationOf(point)) return;
    this.#end();
    const { x, y, width = 0, height = 0 } = point;
    const timer = setTimeout(this.#end, this.#options.showForMs ?? SHOW_FOR_MS);
    this.#shown = {
      ...{ point, timer, place: { x, y, width, height } },
      ...{ scene: undefined, changes: 0, checkedAt: Number.NEGATIVE_INFINITY, frame: 0 },
    };
    this.#mark.announce(point.label);
    this.#options.onChange?.(point);
    this.#draw(this.#shown);
  };

  /** Draws in each frame of the browser, because the layout of a page may change at any time. */
  #draw(shown: Shown): void {
    if (this.#shown !== shown) return;
    const publication = this.#publicationOf(shown.point);
    if (!publication || publication.isMuted) {
      this.#end();
      return;
    }
    shown.frame = requestAnimationFrame(() => this.#draw(shown));
    const video = this.#videoOf(shown.point);
    const place = video && placeInWindow(video, shown.place);
    // A page may show the video again, such as in another tab of it.
    if (!place) this.#mark.hide();
    else if (this.#isOver(shown, video)) this.#end();
    else this.#mark.draw(place, visiblePart(video), shown.point.label);
  }

  /** Whether the video shows another scene at the place. */
  #isOver(shown: Shown, video: HTMLVideoElement): boolean {
    const now = performance.now();
    if (now - shown.checkedAt < CHECK_MS) return false;
    shown.checkedAt = now;
    const scene = this.#patches.read(video, patchAround(shown.place));
    if (!scene) return false;
    shown.scene ??= scene;
    shown.changes = isOtherScene(shown.scene, scene) ? shown.changes + 1 : 0;
    return shown.changes >= CHECKS;
  }

  readonly #end = (): void => {
    const shown = this.#shown;
    if (!shown) return;
    this.#shown = undefined;
    clearTimeout(shown.timer);
    cancelAnimationFrame(shown.frame);
    this.#mark.hide();
    this.#mark.announce('');
    this.#options.onChange?.(undefined);
  };

  #publicationOf({ participant, track }: PointMessage) {
    const { localParticipant, remoteParticipants } = this.#room;
    const owner: Participant | undefined =
      localParticipant.identity === participant
        ? localParticipant
        : remoteParticipants.get(participant);
    const publication = owner?.trackPublications.get(track);
    return publication?.kind === 'video' ? publication : undefined;
  }

  #videoOf(point: PointMessage): HTMLVideoElement | undefined {
    if (this.#options.videoOf) return this.#options.videoOf(point);
    const attached = this.#publicationOf(point)?.track?.attachedElements ?? [];
    const area = ({ offsetWidth, offsetHeight }: HTMLElement) => offsetWidth * offsetHeight;
    return attached
      .filter((one) => one instanceof HTMLVideoElement && one.isConnected)
      .toSorted((one, other) => area(other) - area(one))[0] as HTMLVideoElement | undefined;
  }
}
