import { modelLinkMachine } from '../../../src/machines/model-link.machine.ts';
import type { ModelLinkEvent, ModelLinkInput } from '../../../src/machines/model-link.types.ts';
import { linkInput } from './inputs.ts';
import { Outside } from './outside.ts';
import { record } from './recorded.ts';

/** The link to a realtime model whose connection is controlled by a test. */
export function simulatedLink(change: Partial<ModelLinkInput> = {}) {
  const outside = new Outside();
  const revivals = outside.jobs<void>('revive');
  const recorded = record(
    modelLinkMachine.provide({
      actors: {
        connectionEvents: outside.actor<ModelLinkEvent>('connection'),
        revive: revivals.logic,
      },
    }),
    { ...linkInput, ...change },
  );
  const { actor } = recorded;
  const tell = (type: ModelLinkEvent['type']) => outside.say('connection', { type });
  return {
    ...recorded,
    leaves: outside.leaves,
    /** Attempts to make the plugin reconnect; a test settles them. */
    revivals,
    value: () => actor.getSnapshot().value,
    context: () => actor.getSnapshot().context,
    connect: () => tell('model.connected'),
    disconnect: () => tell('model.disconnected'),
    closeSilently: () => tell('model.closedSilently'),
    /** The reports so far: `waiting`, `sighted`, `blind`. */
    told: () => recorded.reports.map(({ type }) => type.replace('model.', '')),
    reasons: () =>
      recorded.reports.flatMap((report) => (report.type === 'model.blind' ? [report.reason] : [])),
  };
}
