import { fromCallback, fromPromise } from 'xstate';
import type { ModelLinkEvent } from '../machines/model-link.types.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';

/** Interval of the check for a new connection, which the plugins do not report, in ms. */
const POLL_MS = 100;

/** Reports when the connection of the current model session opens, closes or is replaced. */
export function connectionEvents(sink: () => RealtimeVideoSink | undefined) {
  return fromCallback<ModelLinkEvent>(({ sendBack }) => {
    const send = (event: ModelLinkEvent) => sendBack(event);
    let known: object | undefined;
    let silentlyClosed = false;
    const look = () => {
      const now = sink();
      const connection = now?.connection();
      const wasSilentlyClosed = silentlyClosed;
      silentlyClosed = now?.isSilentlyClosed() ?? false;
      if (silentlyClosed && !wasSilentlyClosed) send({ type: 'model.closedSilently' });
      if (connection === known) return;
      known = connection;
      if (connection) send({ type: 'model.connected' });
      else if (!silentlyClosed) send({ type: 'model.disconnected' });
    };
    const poll = setInterval(look, POLL_MS);
    look();
    return () => clearInterval(poll);
  });
}

/** Makes the plugin reconnect. */
export const revive = (sink: () => RealtimeVideoSink | undefined) =>
  fromPromise<void>(async () => {
    if (!sink()?.revive()) throw new Error('this plugin session cannot reconnect');
  });
