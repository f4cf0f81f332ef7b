import { fromCallback, fromPromise } from 'xstate';
import type { ModelLinkEvent } from '../machines/model-link.types.ts';
import type { RealtimeVideoSink } from '../models/video-sink.ts';

/** The plugins have no event for a new connection, so it is looked for this often, in ms. */
const POLL_MS = 100;

/** Tells when the connection of the model's session of this moment comes, goes, or is another one. */
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

/** Makes the plugin connect anew. */
export const revive = (sink: () => RealtimeVideoSink | undefined) =>
  fromPromise<void>(async () => {
    if (!sink()?.revive()) throw new Error('this session cannot be made to reconnect');
  });
