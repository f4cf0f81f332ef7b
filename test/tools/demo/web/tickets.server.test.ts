import { RoomServiceClient } from 'livekit-server-sdk';
import { expect, test } from 'vitest';
import { makeTicket } from '../../../../tools/demo/web/tickets.ts';
import { describeWithServer } from '../../../support/real-parts.ts';

describeWithServer('a ticket of the web demo', (server) => {
  test('a ticket of the web demo is for one secret room, for minutes, with minimal rights', async () => {
    const tickets = await Promise.all([makeTicket(server()), makeTicket(server())]);
    const claims = tickets.map(({ token }) => claimsOf(token));
    for (const claim of claims) {
      expect(claim.video).toEqual({
        roomJoin: true,
        room: expect.stringMatching(/^sightline-web-[0-9a-f]{24}$/),
        canSubscribe: true,
        canPublish: true,
        canPublishSources: ['microphone', 'camera', 'screen_share'],
        canPublishData: true,
        canUpdateOwnMetadata: false,
      });
      expect(claim.exp - claim.nbf).toBeLessThanOrEqual(300);
      expect(claim).not.toHaveProperty('roomConfig');
    }
    expect(new Set(claims.map(({ video }) => video.room)).size).toBe(2);
    expect(new Set(claims.map(({ sub }) => sub)).size).toBe(2);
    for (const ticket of tickets) expect(JSON.stringify(ticket)).not.toContain(server().apiSecret);

    const { url, apiKey, apiSecret } = server();
    const rooms = await new RoomServiceClient(
      url.replace(/^ws/, 'http'),
      apiKey,
      apiSecret,
    ).listRooms(claims.map(({ video }) => video.room));
    expect(rooms.map(({ maxParticipants }) => maxParticipants)).toEqual([4, 4]);
  });
});

interface Claims {
  sub: string;
  exp: number;
  nbf: number;
  video: { room: string };
}

const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
