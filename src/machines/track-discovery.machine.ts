import { assign, enqueueActions, setup } from 'xstate';
import type { SourceSelector, TrackInfo } from '../source.ts';
import type {
  Candidate,
  TrackDiscoveryContext,
  TrackDiscoveryEvent,
  TrackDiscoveryInput,
} from './track-discovery.types.ts';

const selectorOf = (context: TrackDiscoveryContext) => context.pinned ?? context.selector;

/** The kind of track that the selector names. */
function kindOf(selector: SourceSelector): 'camera' | 'screen' | undefined {
  if (typeof selector === 'string') return selector === 'latest' ? undefined : selector;
  return 'trackSid' in selector ? undefined : selector.source;
}

function matches(context: TrackDiscoveryContext, candidate: Candidate): boolean {
  const selector = selectorOf(context);
  if (typeof selector === 'object' && 'trackSid' in selector)
    return candidate.sid === selector.trackSid;
  const identity = typeof selector === 'object' ? selector.identity : context.linkedIdentity;
  if (candidate.identity !== identity) return false;
  const kind = kindOf(selector);
  if (kind === undefined || candidate.source === kind) return true;
  // A track that names no source is a camera's, unless there is one that says so.
  return kind === 'camera' && candidate.source === 'unknown';
}

/** The tracks that can be watched now, the preferred one first. */
function eligible(context: TrackDiscoveryContext): Candidate[] {
  const kind = kindOf(selectorOf(context));
  const namesIt = ({ source }: Candidate) => (source === kind ? 1 : 0);
  return context.candidates
    .filter((c) => matches(context, c) && !c.muted && c.subscription !== 'lost')
    .sort((a, b) => namesIt(b) - namesIt(a) || b.order - a.order);
}

const wanted = (context: TrackDiscoveryContext) => eligible(context)[0];
const ready = (context: TrackDiscoveryContext) =>
  eligible(context).find((c) => c.subscription === 'subscribed');

function patch(
  context: TrackDiscoveryContext,
  sid: string,
  change: (candidate: Candidate) => Partial<Candidate>,
): Candidate[] {
  return context.candidates.map((c) => (c.sid === sid ? { ...c, ...change(c) } : c));
}

function add(candidates: Candidate[], track: TrackInfo, order: number): Candidate[] {
  if (track.onBehalfOf !== null) return candidates.filter((c) => c.sid !== track.sid);
  const known = candidates.find((c) => c.sid === track.sid);
  const subscription = track.subscribed ? 'subscribed' : (known?.subscription ?? 'none');
  return [
    ...candidates.filter((c) => c.sid !== track.sid),
    {
      sid: track.sid,
      identity: track.identity,
      source: track.source,
      muted: track.muted,
      subscription: !track.subscribed && subscription === 'subscribed' ? 'none' : subscription,
      ours: known?.ours ?? false,
      order: known?.order ?? order,
    },
  ];
}

/** The cause of a decision, for logs and reports: `muted` for `track.muted`. */
const reasonOf = (event: { type: string }) =>
  event.type.startsWith('xstate.') ? 'timeout' : event.type.slice(event.type.indexOf('.') + 1);

const contextFromInput = ({ input }: { input: TrackDiscoveryInput }): TrackDiscoveryContext => ({
  ...input,
  pinned: null,
  linkedIdentity: null,
  candidates: [],
  pick: null,
  askedSid: null,
  nextOrder: 1,
});

/**
 * Decides which remote video track to watch. By default this is the newest published track of the
 * linked participant; when it ends, the one published before it follows. Two regions: the watched
 * track (`pick`), and the subscription of the preferred track (`subscription`).
 */
export const trackDiscoveryMachine = setup({
  types: {
    context: {} as TrackDiscoveryContext,
    events: {} as TrackDiscoveryEvent,
    input: {} as TrackDiscoveryInput,
  },
  guards: {
    aParticipantIsKnown: ({ context }) =>
      typeof selectorOf(context) === 'object' || context.linkedIdentity !== null,
    noParticipantIsKnown: ({ context }) =>
      typeof selectorOf(context) !== 'object' && context.linkedIdentity === null,
    aTrackIsReady: ({ context }) => ready(context) !== undefined,
    nothingIsReady: ({ context }) => ready(context) === undefined,
    anotherTrackIsBetter: ({ context }) => ready(context)?.sid !== context.pick?.sid,
    wantedIsNotSubscribed: ({ context }) => {
      const track = wanted(context);
      return track !== undefined && track.subscription !== 'subscribed';
    },
    wantedIsSubscribed: ({ context }) => {
      const track = wanted(context);
      return track === undefined || track.subscription === 'subscribed';
    },
    wantedIsAnother: ({ context }) => (wanted(context)?.sid ?? null) !== context.askedSid,
  },
  actions: {
    replaceCandidates: assign(({ context, event }) => {
      if (event.type !== 'room.synced') return {};
      const sids = new Set(event.tracks.map((t) => t.sid));
      let candidates = context.candidates.filter((c) => sids.has(c.sid));
      let nextOrder = context.nextOrder;
      for (const track of event.tracks) candidates = add(candidates, track, nextOrder++);
      return { candidates, nextOrder };
    }),
    addCandidate: assign(({ context, event }) => {
      if (event.type !== 'track.published') return {};
      return {
        candidates: add(context.candidates, event.track, context.nextOrder),
        nextOrder: context.nextOrder + 1,
      };
    }),
    removeCandidate: assign(({ context, event }) =>
      event.type === 'track.unpublished'
        ? { candidates: context.candidates.filter((c) => c.sid !== event.sid) }
        : {},
    ),
    removeParticipant: assign(({ context, event }) =>
      event.type === 'participant.left' || event.type === 'participant.represents'
        ? { candidates: context.candidates.filter((c) => c.identity !== event.identity) }
        : {},
    ),
    removeAll: assign({ candidates: [], linkedIdentity: null }),
    linkParticipant: assign(({ event }) =>
      event.type === 'participant.linked' ? { linkedIdentity: event.identity } : {},
    ),
    pinSource: assign(({ event }) =>
      event.type === 'source.pinned' ? { pinned: event.selector } : {},
    ),
    markSubscribed: assign(({ context, event }) =>
      event.type === 'track.subscribed'
        ? { candidates: patch(context, event.sid, () => ({ subscription: 'subscribed' })) }
        : {},
    ),
    markUnsubscribed: assign(({ context, event }) =>
      // A track that we unsubscribed is `none` already, and may be requested again.
      event.type === 'track.unsubscribed' || event.type === 'track.subscriptionFailed'
        ? {
            candidates: patch(context, event.sid, (c) =>
              c.subscription === 'none' ? {} : { subscription: 'lost', ours: false },
            ),
          }
        : {},
    ),
    markMuted: assign(({ context, event }) =>
      event.type === 'track.muted'
        ? { candidates: patch(context, event.sid, () => ({ muted: true })) }
        : {},
    ),
    markUnmuted: assign(({ context, event }) =>
      event.type === 'track.unmuted'
        ? { candidates: patch(context, event.sid, () => ({ muted: false })) }
        : {},
    ),
    giveUpOnWanted: assign(({ context }) => ({
      candidates: context.candidates.map((c) =>
        c.sid === context.askedSid ? { ...c, subscription: 'lost' as const, ours: false } : c,
      ),
    })),
    expectWanted: assign(({ context }) => ({ askedSid: wanted(context)?.sid ?? null })),
    requestSubscription: enqueueActions(({ context, enqueue }) => {
      const track = wanted(context);
      if (!track) return;
      enqueue.assign({
        askedSid: track.sid,
        candidates: patch(context, track.sid, () => ({ subscription: 'asked', ours: true })),
      });
      enqueue.sendTo(context.parent, { type: 'subscription.wanted', sid: track.sid });
    }),
    announcePick: enqueueActions(({ context, event, enqueue }) => {
      const track = ready(context);
      const previous = context.pick;
      if (track?.sid === previous?.sid) return;
      const pick = track
        ? { sid: track.sid, identity: track.identity, source: track.source }
        : null;
      enqueue.assign({ pick });
      enqueue.sendTo(context.parent, {
        type: 'pick.changed',
        pick,
        previous,
        reason: reasonOf(event),
      });
    }),
    releaseOthers: enqueueActions(({ context, enqueue }) => {
      const kept = new Set([context.pick?.sid, ready(context)?.sid, wanted(context)?.sid]);
      const released = context.candidates.filter(
        (c) => c.ours && c.subscription === 'subscribed' && !c.muted && !kept.has(c.sid),
      );
      if (released.length === 0) return;
      const sids = new Set(released.map((c) => c.sid));
      enqueue.assign({
        candidates: context.candidates.map((c) =>
          sids.has(c.sid) ? { ...c, subscription: 'none' as const, ours: false } : c,
        ),
      });
      for (const sid of sids) {
        enqueue.sendTo(context.parent, { type: 'subscription.released', sid });
      }
    }),
  },
  delays: {
    subscribeGrace: ({ context }) => context.subscribeGraceMs,
    subscribeTimeout: ({ context }) => context.subscribeTimeoutMs,
  },
}).createMachine({
  id: 'trackDiscovery',
  description: 'Which remote video track to watch',
  context: contextFromInput,
  type: 'parallel',
  on: {
    'room.synced': { actions: 'replaceCandidates', description: 'The room was scanned again' },
    'room.disconnected': { actions: 'removeAll', description: 'The room disconnected for good' },
    'participant.linked': {
      actions: 'linkParticipant',
      description: 'The agent serves another participant',
    },
    'participant.left': {
      actions: 'removeParticipant',
      description: 'A participant left the room',
    },
    'participant.represents': {
      actions: 'removeParticipant',
      description: 'A participant turned out to be an avatar',
    },
    'track.published': { actions: 'addCandidate', description: 'A video track was published' },
    'track.unpublished': {
      actions: 'removeCandidate',
      description: 'A video track was unpublished',
    },
    'track.subscribed': {
      actions: ['markSubscribed', 'releaseOthers'],
      description: 'A track was subscribed; a track that is no longer needed is unsubscribed',
    },
    'track.unsubscribed': { actions: 'markUnsubscribed', description: 'A track was unsubscribed' },
    'track.subscriptionFailed': {
      actions: 'markUnsubscribed',
      description: 'The server refused the subscription',
    },
    'track.muted': { actions: 'markMuted', description: 'A track was muted' },
    'track.unmuted': { actions: 'markUnmuted', description: 'A track was unmuted' },
    'source.pinned': {
      actions: 'pinSource',
      description: 'The application pinned a source, or removed the pin',
    },
  },
  states: {
    pick: {
      description: 'The track that is watched now',
      initial: 'waiting',
      states: {
        waiting: {
          description: 'No participant is linked or pinned',
          entry: 'announcePick',
          always: { guard: 'aParticipantIsKnown', target: 'searching' },
        },
        searching: {
          description: 'The participant has no track that can be watched',
          entry: 'announcePick',
          always: [
            { guard: 'noParticipantIsKnown', target: 'waiting' },
            { guard: 'aTrackIsReady', target: 'watching' },
          ],
        },
        watching: {
          description: 'A track is watched',
          entry: ['announcePick', 'releaseOthers'],
          on: {
            'room.reconnecting': {
              target: 'holding',
              description: 'The connection was interrupted',
            },
          },
          always: [
            { guard: 'nothingIsReady', target: 'searching' },
            { guard: 'anotherTrackIsBetter', target: 'watching', reenter: true },
          ],
        },
        holding: {
          description: 'The pick is kept while the room reconnects',
          on: {
            'room.synced': { target: 'watching', actions: 'replaceCandidates' },
            'room.disconnected': { target: 'searching', actions: 'removeAll' },
          },
        },
      },
    },
    subscription: {
      description: 'Whether the preferred track is subscribed',
      initial: 'satisfied',
      states: {
        satisfied: {
          description: 'The preferred track is subscribed, or there is none',
          always: { guard: 'wantedIsNotSubscribed', target: 'expecting' },
        },
        expecting: {
          description: 'A room with autoSubscribe may subscribe the track by itself',
          entry: 'expectWanted',
          always: [
            { guard: 'wantedIsSubscribed', target: 'satisfied' },
            { guard: 'wantedIsAnother', target: 'expecting', reenter: true },
          ],
          after: { subscribeGrace: { target: 'asking' } },
        },
        asking: {
          description: 'The subscription was requested',
          entry: 'requestSubscription',
          always: [
            { guard: 'wantedIsSubscribed', target: 'satisfied' },
            { guard: 'wantedIsAnother', target: 'expecting' },
          ],
          after: { subscribeTimeout: { target: 'satisfied', actions: 'giveUpOnWanted' } },
        },
      },
    },
  },
});
