import { assign, enqueueActions, sendTo, setup } from 'xstate';
import type { StreamStatus } from '../source.ts';
import type {
  StreamReplacementContext,
  StreamReplacementEvent,
  StreamReplacementInput,
} from './stream-replacement.types.ts';

const contextFromInput = ({
  input,
}: {
  input: StreamReplacementInput;
}): StreamReplacementContext => ({
  ...input,
  wanted: null,
  current: null,
  streamId: 0,
  failures: 0,
  lastError: null,
  switches: 0,
  stalls: 0,
  staleEvents: 0,
});

const parentOf = ({ context }: { context: StreamReplacementContext }) => context.parent;

/**
 * Keeps at most one stream open: closes the old one before it opens the new one. A pick that
 * arrives meanwhile replaces the earlier one. Failed opens are retried with back-off, up to a
 * limit.
 */
export const streamReplacementMachine = setup({
  types: {
    context: {} as StreamReplacementContext,
    events: {} as StreamReplacementEvent,
    input: {} as StreamReplacementInput,
  },
  guards: {
    /** A screen sends frames when something changes. */
    silenceIsAStall: ({ context }) => context.current?.source !== 'screen',
    nothingIsPicked: ({ event }) => event.type === 'pick.changed' && event.pick === null,
    samePick: ({ context, event }) =>
      event.type === 'pick.changed' && event.pick?.sid === context.wanted?.sid,
    somethingIsWanted: ({ context }) => context.wanted !== null,
    anotherAttemptIsLeft: ({ context }) => context.failures < context.maxAttempts,
    ofCurrentStream: ({ context, event }) =>
      'streamId' in event && event.streamId === context.streamId,
  },
  actions: {
    setWanted: assign(({ event }) =>
      event.type === 'pick.changed' ? { wanted: event.pick, failures: 0, lastError: null } : {},
    ),
    countFailure: assign(({ context, event }) => ({
      failures: context.failures + 1,
      lastError:
        event.type === 'stream.openFailed'
          ? event.error
          : event.type === 'stream.ended'
            ? 'the stream ended'
            : `no answer within ${context.openTimeoutMs} ms`,
    })),
    forgetFailures: assign({ failures: 0, lastError: null }),
    countSwitch: assign(({ context }) => ({ switches: context.switches + 1 })),
    countStall: assign(({ context }) => ({ stalls: context.stalls + 1 })),
    countStale: assign(({ context }) => ({ staleEvents: context.staleEvents + 1 })),
    forgetCurrent: assign({ current: null }),
    requestOpen: enqueueActions(({ context, enqueue }) => {
      if (!context.wanted) return;
      const streamId = context.streamId + 1;
      enqueue.assign({ streamId, current: context.wanted });
      enqueue.sendTo(context.parent, {
        type: 'stream.openRequested',
        streamId,
        pick: context.wanted,
      });
    }),
    requestClose: sendTo(parentOf, ({ context }) => ({
      type: 'stream.closeRequested',
      streamId: context.streamId,
    })),
    reportStatus: sendTo(parentOf, ({ context }, params: { streamStatus: StreamStatus }) => ({
      type: 'streamStatus.changed',
      streamStatus: params.streamStatus,
      pick: context.current,
      error: context.lastError,
    })),
  },
  delays: {
    openTimeout: ({ context }) => context.openTimeoutMs,
    closeTimeout: ({ context }) => context.closeTimeoutMs,
    stallAfter: ({ context }) => context.stallAfterMs,
    // Failures are forgotten late, so that a stream that always ends after its first frame is given
    // up.
    healthyAfter: ({ context }) => context.retryMaxMs,
    backOff: ({ context }) =>
      Math.min(context.retryMaxMs, context.retryBaseMs * 2 ** Math.max(0, context.failures - 1)),
  },
}).createMachine({
  id: 'streamReplacement',
  description: 'At most one open stream',
  context: contextFromInput,
  initial: 'idle',
  on: {
    'stream.*': {
      actions: 'countStale',
      description: 'A report of a stream that is closed already',
    },
  },
  states: {
    idle: {
      description: 'No track is watched',
      entry: ['forgetCurrent', { type: 'reportStatus', params: { streamStatus: 'none' } }],
      on: {
        'pick.changed': [
          { guard: 'nothingIsPicked' },
          { target: 'opening', actions: 'setWanted', description: 'There is a track to watch' },
        ],
      },
    },
    opening: {
      description: 'A stream is opening',
      entry: ['requestOpen', { type: 'reportStatus', params: { streamStatus: 'opening' } }],
      on: {
        'pick.changed': [
          { guard: 'samePick' },
          {
            target: 'closing',
            actions: 'setWanted',
            description: 'Another track was picked while this one was opening',
          },
        ],
        'stream.opened': { guard: 'ofCurrentStream', target: 'open' },
        'stream.openFailed': {
          guard: 'ofCurrentStream',
          target: 'failing',
          actions: 'countFailure',
        },
      },
      after: {
        openTimeout: { target: 'abandoning', actions: 'countFailure' },
      },
    },
    open: {
      description: 'A stream is open',
      entry: 'countSwitch',
      initial: 'starting',
      on: {
        'pick.changed': [
          { guard: 'samePick' },
          { target: 'closing', actions: 'setWanted', description: 'Another track was picked' },
        ],
        'stream.ended': {
          guard: 'ofCurrentStream',
          target: 'abandoning',
          actions: 'countFailure',
          description: 'The stream ended by itself: reopen it after a pause',
        },
        'video.paused': {
          target: '.paused',
          description: 'The server was asked to send no frames',
        },
      },
      states: {
        starting: {
          description: 'Open, and no frame has arrived yet',
          on: {
            'stream.frame': { guard: 'ofCurrentStream', target: 'live' },
          },
          after: { stallAfter: { target: 'stalled' } },
        },
        live: {
          description: 'Frames arrive',
          entry: { type: 'reportStatus', params: { streamStatus: 'live' } },
          initial: 'fresh',
          after: { healthyAfter: { actions: 'forgetFailures' } },
          states: {
            fresh: {
              description: 'Another frame arrived in time',
              on: {
                'stream.frame': { guard: 'ofCurrentStream', target: 'fresh', reenter: true },
              },
              after: {
                stallAfter: {
                  guard: 'silenceIsAStall',
                  target: '#streamReplacement.open.stalled',
                },
              },
            },
          },
        },
        paused: {
          description: 'Paused until the next sample; missing frames are no stall',
          entry: { type: 'reportStatus', params: { streamStatus: 'paused' } },
          on: {
            'video.resumed': { target: 'starting', description: 'The next sample is near' },
            'stream.frame': {
              guard: 'ofCurrentStream',
              target: 'live',
              description: 'Frames arrive despite the pause',
            },
          },
        },
        stalled: {
          description: 'Open, but no frames arrive',
          entry: ['countStall', { type: 'reportStatus', params: { streamStatus: 'stalled' } }],
          on: {
            'stream.frame': { guard: 'ofCurrentStream', target: 'live' },
          },
        },
      },
    },
    closing: {
      description: 'The old stream is closing',
      entry: 'requestClose',
      on: {
        'pick.changed': {
          actions: 'setWanted',
          description: 'The newest pick replaces the earlier one',
        },
        'stream.closed': [
          { guard: 'ofCurrentStream', target: 'closed' },
          { actions: 'countStale', description: 'The report of an earlier stream' },
        ],
        'stream.openFailed': {
          guard: 'ofCurrentStream',
          target: 'closed',
          description: 'The stream never opened, so there is nothing to close',
        },
      },
      after: { closeTimeout: { target: 'closed' } },
    },
    closed: {
      description: 'The old stream is closed: is there a track to open?',
      always: [{ guard: 'somethingIsWanted', target: 'opening' }, { target: 'idle' }],
    },
    abandoning: {
      description: 'A stream that did not open, or showed no frame, is closing',
      entry: 'requestClose',
      on: {
        'pick.changed': [
          { guard: 'samePick' },
          { target: 'closing', actions: 'setWanted', description: 'Another track was picked' },
        ],
        'stream.closed': { guard: 'ofCurrentStream', target: 'failing' },
        'stream.openFailed': {
          guard: 'ofCurrentStream',
          target: 'failing',
          description: 'The stream never opened, so there is nothing to close',
        },
      },
      after: { closeTimeout: { target: 'failing' } },
    },
    failing: {
      description: 'An open failed: is another attempt allowed?',
      always: [{ guard: 'anotherAttemptIsLeft', target: 'backingOff' }, { target: 'lost' }],
    },
    backingOff: {
      description: 'Waiting before the next attempt',
      on: {
        'pick.changed': [
          { guard: 'nothingIsPicked', target: 'idle', actions: 'setWanted' },
          { guard: 'samePick' },
          { target: 'opening', actions: 'setWanted' },
        ],
      },
      after: { backOff: { target: 'opening' } },
    },
    lost: {
      description: 'This pick could not be opened; waiting for another pick',
      entry: { type: 'reportStatus', params: { streamStatus: 'lost' } },
      on: {
        'pick.changed': [
          { guard: 'nothingIsPicked', target: 'idle', actions: 'setWanted' },
          {
            target: 'opening',
            actions: 'setWanted',
            description: 'A new pick, or the same one again',
          },
        ],
      },
    },
  },
});
