import type { Room } from '@livekit/rtc-node';
import type { ServerAccess } from '../livekit-server.ts';
import { LoopbackRoom } from '../loopback-room.ts';
import { network, networkFault } from '../network-fault.ts';
import { joinRoom, leaveRoom, uniqueRoomName } from '../rooms.ts';

/** A room with a speaker and a listener, and no other participant. */
export interface ControlRooms {
  readonly speaker: Room;
  readonly listener: Room;
  /** Both leave. */
  close(): Promise<void>;
}

/** In a loopback room, or on a server. */
export const openControlRooms = (server?: ServerAccess): Promise<ControlRooms> =>
  server ? onServer(server) : onLoopback();

async function onLoopback(): Promise<ControlRooms> {
  const speaker = new LoopbackRoom({ speech: true });
  const listener = await speaker.joinAs('listener');
  const close = async () => {
    await listener.disconnect();
    await speaker.disconnect();
  };
  return { speaker: speaker.asRoom(), listener: listener.asRoom(), close };
}

async function onServer(server: ServerAccess): Promise<ControlRooms> {
  const name = uniqueRoomName('control');
  const join = (who: string) => network(`join of the ${who}`, joinRoom(server, name, who));
  const speaker = await join('speaker');
  const listener = await join('listener');
  const close = async () => {
    const left = await Promise.all([leaveRoom(listener), leaveRoom(speaker)]);
    if (left.includes(false)) throw networkFault('the control did not leave its room');
  };
  return { speaker, listener, close };
}
