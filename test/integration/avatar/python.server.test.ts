import { fileURLToPath } from 'node:url';
import { voice } from '@livekit/agents';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AGENT, FACE } from '../../../src/testing/identities.ts';
import { LineChild } from '../../../src/testing/processes/line-child.ts';
import { pythonReference } from '../../../src/testing/processes/python-reference.ts';
import { ticket } from '../../../src/testing/rooms.ts';
import { Collector } from '../../support/avatar/collect.ts';
import { tone } from '../../support/avatar/tones.ts';
import { SAMPLE_RATE, Stage, untilThere } from '../../support/avatar/worker-stage.ts';
import { describeWithServer } from '../../support/real-parts.ts';

/** Installs Python's framework if it is missing. */
const SLOW = 400_000;
const PEER = fileURLToPath(new URL('../../support/avatar/python-peer.py', import.meta.url));

let missing = '';
// CI has it installed; `npm test` of a user need not take that long.
const installs = process.env.SIGHTLINE_REQUIRE_ALL === '1';
const python = await pythonReference((line) => {
  missing = line.replace(/^bench: /, '');
}, installs);
if (!python) process.stderr.write(`skipped: "avatars of both frameworks": ${missing}\n`);

describeWithServer('avatars of both frameworks', (server) => {
  let stage: Stage;
  let peer: LineChild;

  beforeEach(() => {
    stage = new Stage(server());
    if (python) peer = LineChild.start('peer', python.command, [PEER]);
  });
  afterEach(async () => {
    await peer?.end();
    await stage.close();
  });

  const seat = async (identity: string) => {
    const { url, token } = await ticket(server(), stage.name, identity, { kind: 'agent' });
    return `${url} ${token}`;
  };

  test.skipIf(!python)(
    "the receiver takes what Python's sender sends, and Python takes its reports",
    async () => {
      const { receiver } = await stage.receiver({ senderIdentity: AGENT });
      const heard = new Collector(receiver);
      await receiver.start();
      await peer.ask(`send ${await seat(AGENT)} ${FACE}`);
      const answer = peer.ask('say 7 25');
      await heard.untilSegments(1);
      expect(heard.segments).toEqual([Array(25 * 480).fill(7)]);
      receiver.notifyPlaybackStarted();
      receiver.notifyPlaybackFinished({ playbackPosition: 0.5, interrupted: false });
      expect(await answer).toEqual({ position: 0.5, interrupted: false, started: 1 });

      const interrupted = peer.ask('interrupted -3 10');
      await heard.until('speech', () => heard.open.length > 0);
      receiver.notifyPlaybackStarted();
      await heard.until('a clear', () => heard.clears.length > 0);
      receiver.notifyPlaybackFinished({ playbackPosition: 0.125, interrupted: true });
      expect(await interrupted).toEqual({ position: 0.125, interrupted: true, started: 2 });
      expect(heard.clears).toEqual([{ unheardSegments: 0 }]);
      expect(stage.errors).toEqual([]);
    },
    SLOW,
  );

  test.skipIf(!python)(
    "the runner plays what Python's sender sends",
    async () => {
      const ear = await stage.listener([400]);
      await stage.runner();
      await ear.subscribed;
      await peer.ask(`send ${await seat(AGENT)} ${FACE}`);
      expect(await peer.ask('say 9000 50')).toEqual({
        position: 1,
        interrupted: false,
        started: 1,
      });
      expect(await peer.ask('interrupted 9000 500')).toMatchObject({
        interrupted: true,
        started: 2,
      });
      expect(await peer.ask('say 9000 10')).toMatchObject({ position: 0.2, started: 3 });
      expect(stage.errors).toEqual([]);
    },
    SLOW,
  );

  test.skipIf(!python)(
    "Python's receiver takes what Node's sender sends",
    async () => {
      const agent = await stage.join(AGENT, 'agent');
      const joined = peer.ask(`receive ${await seat(FACE)} ${AGENT}`);
      await untilThere(agent, FACE);
      await joined;
      const output = new voice.DataStreamAudioOutput({
        room: agent,
        destinationIdentity: FACE,
        sampleRate: SAMPLE_RATE,
        waitPlaybackStart: true,
      });
      const frames = tone(440, 400, SAMPLE_RATE);
      const sum = frames.reduce((all, { data }) => data.reduce((a, b) => a + b, all), 0);
      const segment = peer.ask('segment');
      for (const frame of frames) await output.captureFrame(frame);
      output.flush();
      expect(await segment).toEqual({ samples: 9600, sum });
      expect(await output.waitForPlayout()).toMatchObject({
        playbackPosition: 0.4,
        interrupted: false,
      });

      const cleared = peer.ask('cleared');
      for (const frame of frames) await output.captureFrame(frame);
      output.clearBuffer();
      await cleared;
      expect(await output.waitForPlayout()).toMatchObject({
        playbackPosition: 0.25,
        interrupted: true,
      });
      output.flush();
    },
    SLOW,
  );
});
