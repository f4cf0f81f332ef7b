import { type Room, TrackSource } from '@livekit/rtc-node';
import { afterEach, expect, test, vi } from 'vitest';
import { RoomVoice } from '../../src/avatar/room-voice.ts';
import { AGENT } from '../../src/testing/identities.ts';
import { joinRoom, uniqueRoomName } from '../../src/testing/rooms.ts';
import { until } from '../../src/testing/waits.ts';
import { describeWithServer } from '../support/real-parts.ts';

const SLOW = 200_000;
const rooms: Room[] = [];
afterEach(async () => {
  await Promise.all(rooms.splice(0).map((room) => room.disconnect()));
});

describeWithServer("the agent's own voice", (server) => {
  async function voiceInRoom() {
    const name = uniqueRoomName('voice');
    const agent = await joinRoom(server(), name, AGENT, { kind: 'agent' });
    const user = await joinRoom(server(), name, 'user');
    rooms.push(agent, user);
    const errors: unknown[] = [];
    const voice = new RoomVoice(agent, 24_000, (error) => errors.push(error));
    const published = (room: Room) => {
      const agentThere =
        room === agent ? agent.localParticipant : room.remoteParticipants.get(AGENT);
      return [...(agentThere?.trackPublications.values() ?? [])];
    };
    return { voice, errors, agent, user, published };
  }

  test(
    'a voice that is closed while its track is published leaves no track',
    async () => {
      const { voice, errors, agent, user, published } = await voiceInRoom();
      const { localParticipant } = agent;
      if (!localParticipant) return expect.fail('the agent is not in the room');
      const publishing = vi.spyOn(localParticipant, 'publishTrack');
      voice.open();
      await voice.close();
      await publishing.mock.results[0]?.value;
      expect(published(agent)).toEqual([]);
      await until('the track is gone', () => published(user).length === 0);
      expect(errors).toEqual([]);
    },
    SLOW,
  );

  test(
    'a voice that is reopened while the earlier track is unpublished keeps its new track',
    async () => {
      const { voice, errors, agent, user, published } = await voiceInRoom();
      voice.open();
      await until('a track', () => published(user).length === 1);
      const closing = voice.close();
      voice.open();
      await closing;
      await until('one track', () => published(user).length === 1 && published(agent).length === 1);
      expect(published(user).map(({ source }) => source)).toEqual([TrackSource.SOURCE_MICROPHONE]);
      expect(errors).toEqual([]);
      await voice.close();
    },
    SLOW,
  );
});
