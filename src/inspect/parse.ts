import { withoutSecrets } from '../secrets.ts';
import { pick } from './convert.ts';
import { plain } from './plain.ts';
import { MAX_MESSAGE_BYTES, type WireEvent, type WirePayload, type WireState } from './wire.ts';

/** Longest name or id, in characters. */
const MAX_NAME = 200;
const MAX_DEFINITION = 1024 * 1024;
const IMAGE = /^image\/(jpeg|png|webp)$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Fields = Record<string, unknown>;

/**
 * Parses and checks an agent's message, and removes unknown fields. Returns `undefined` for invalid
 * messages; never throws. Removes secrets again, because other senders may not.
 */
export function parseWire(text: string): WireEvent | undefined {
  if (Buffer.byteLength(text) > MAX_MESSAGE_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isFields(value) ? check(value) : undefined;
}

function check(fields: Fields): WireEvent | undefined {
  const sessionId = name(fields.sessionId);
  const time = timeOf(fields.createdAt);
  if (sessionId === undefined || time === undefined) return undefined;
  const rootId = name(fields.rootId);
  const base = {
    sessionId,
    ...(rootId === undefined ? {} : { rootId }),
    createdAt: String(time),
    id: name(fields.id) ?? null,
    _version: name(fields._version) ?? '',
  };
  switch (fields.type) {
    case '@xstate.actor': {
      const parentId = name(fields.parentId);
      const definition = definitionOf(fields.definition);
      const snapshot = state(fields.snapshot);
      return {
        type: fields.type,
        ...base,
        name: name(fields.name) ?? sessionId,
        ...(parentId === undefined ? {} : { parentId }),
        ...(definition === undefined ? {} : { definition }),
        ...(snapshot === undefined ? {} : { snapshot }),
      };
    }
    case '@xstate.event': {
      const event = payload(fields.event);
      const sourceId = name(fields.sourceId);
      if (!event) return undefined;
      return { type: fields.type, ...base, event, ...(sourceId === undefined ? {} : { sourceId }) };
    }
    case '@xstate.snapshot': {
      const snapshot = state(fields.snapshot);
      if (!snapshot) return undefined;
      return {
        type: fields.type,
        ...base,
        event: payload(fields.event) ?? { type: '' },
        snapshot,
      };
    }
    case '@sightline.metrics':
      if (!isFields(fields.metrics)) return undefined;
      return { type: fields.type, ...base, metrics: plain(fields.metrics) as Fields };
    case '@sightline.loss':
      if (!isCount(fields.dropped)) return undefined;
      return { type: fields.type, ...base, dropped: fields.dropped };
    case '@sightline.picture': {
      const { mimeType, data, width, height } = fields;
      if (typeof mimeType !== 'string' || !IMAGE.test(mimeType)) return undefined;
      if (typeof data !== 'string' || !BASE64.test(data)) return undefined;
      if (!isCount(width) || !isCount(height)) return undefined;
      const label = name(fields.label) ?? '';
      return { type: fields.type, ...base, mimeType, data, width, height, label };
    }
    default:
      return undefined;
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const limited = (value: unknown, length: number) =>
  typeof value === 'string' && value.length <= length ? value : undefined;

/** In ms since the epoch, as a number or a string. */
function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = Number(value);
  return Number.isFinite(time) && time >= 0 ? time : undefined;
}

/** A name or an id, without secrets. */
function name(value: unknown): string | undefined {
  const text = limited(value, MAX_NAME);
  return text ? withoutSecrets(text) : undefined;
}

/** The config of a machine, which an app may fill with anything. */
function definitionOf(value: unknown): string | undefined {
  const text = limited(value, MAX_DEFINITION);
  if (text === undefined) return undefined;
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    // The app sent the URL of its definition, which cannot be drawn.
    return undefined;
  }
  return isFields(config) ? JSON.stringify(plain(config)) : undefined;
}

function payload(value: unknown): WirePayload | undefined {
  if (!isFields(value)) return undefined;
  const type = limited(value.type, MAX_NAME);
  return type === undefined
    ? undefined
    : { ...(plain(value) as Fields), type: withoutSecrets(type) };
}

function state(value: unknown): WireState | undefined {
  if (!isFields(value)) return undefined;
  const copy = pick(plain(value) as WireState);
  if (!isFields(copy.children)) delete copy.children;
  if (typeof copy.status !== 'string') delete copy.status;
  return copy;
}
