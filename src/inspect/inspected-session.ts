import { EventEmitter } from 'node:events';
import { ActorTable } from './actor-table.ts';
import { EventRing, type KeptEvent, type RingLimits } from './event-ring.ts';
import type { SessionSummary } from './view.ts';
import type { WireEvent, WirePicture } from './wire.ts';

/** Most pictures that are kept, and their size in base64 characters. */
const PICTURES = { count: 24, text: 16 * 1024 * 1024 } as const;

/** The kept data of one agent or recording; bounded, however long it runs. */
export class InspectedSession {
  connected = true;
  refused = 0;
  readonly id: string;
  readonly name: string;
  readonly kind: SessionSummary['kind'];
  readonly ring: EventRing;
  readonly pictures: { seq: number; json: string }[] = [];
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #base = new ActorTable();
  readonly #startedAt: number;
  #seq = 0;
  #pictureSeq = 0;
  #dropped = 0;

  constructor(
    options: Pick<SessionSummary, 'id' | 'name' | 'kind' | 'startedAt'> & { limits: RingLimits },
  ) {
    this.id = options.id;
    this.name = options.name;
    this.kind = options.kind;
    this.#startedAt = options.startedAt;
    this.ring = new EventRing(options.limits, (event) => this.#base.fold(event));
  }

  /** The actors before the first kept event. */
  get base(): string[] {
    return this.#base.messages();
  }

  get lastSeq(): number {
    return this.#seq;
  }

  add(event: WireEvent): void {
    if (event.type === '@sightline.picture') this.#addPicture(event);
    else {
      if (event.type === '@sightline.loss') this.#dropped = event.dropped;
      this.ring.push(kept(event, ++this.#seq));
    }
    this.#changes.emit('change');
  }

  onChange(listener: () => void): () => void {
    this.#changes.on('change', listener);
    return () => this.#changes.off('change', listener);
  }

  summary(): SessionSummary {
    return {
      id: this.id,
      name: this.name,
      kind: this.kind,
      connected: this.connected,
      startedAt: this.#startedAt,
      events: this.#seq,
      gone: this.#seq - this.ring.size,
      dropped: this.#dropped,
      refused: this.refused,
    };
  }

  #addPicture(picture: WirePicture): void {
    const { pictures } = this;
    pictures.push({ seq: ++this.#pictureSeq, json: JSON.stringify(picture) });
    let text = pictures.reduce((sum, { json }) => sum + json.length, 0);
    while (pictures.length > PICTURES.count || (text > PICTURES.text && pictures.length > 1))
      text -= pictures.shift()?.json.length ?? 0;
  }
}

function kept(event: WireEvent, seq: number): KeptEvent {
  const { type, sessionId } = event;
  const actor = type === '@xstate.actor' ? event : undefined;
  const children = type === '@xstate.snapshot' ? event.snapshot.children : undefined;
  return {
    seq,
    json: JSON.stringify(event),
    type,
    sessionId,
    children: children && Object.keys(children),
    parentId: actor?.parentId,
    name: actor?.name,
  };
}
