import { describe, expect, test } from 'vitest';
import { idlePauseInput, replacementInput } from '../support/machines/inputs.ts';
import { track } from '../support/machines/simulated-room.ts';
import { type SimulatedSource, seeing } from '../support/machines/simulated-source.ts';

const { leadMs } = idlePauseInput.rest;
const near = 1_000;

/** A source whose user speaks, just after a sample. */
function resting(): SimulatedSource {
  const source = seeing();
  source.streams.get(1)?.report('stream.frame', { gapMs: 33 });
  source.rate(near);
  source.sampled();
  if (source.value() !== 'resting') throw new Error('it does not rest');
  return source;
}

describe('a source between two samples of a user who speaks', () => {
  test('a source at rest does not read its stream until shortly before the next sample', () => {
    const source = resting();
    expect(source.told(1)).toEqual(['stream.rest']);
    source.clock.advance(near - leadMs - 1);
    expect(source.told(1)).toEqual(['stream.rest']);
    source.clock.advance(1);
    expect(source.told(1)).toEqual(['stream.rest', 'stream.read']);
    expect(source.value()).toBe('seeing');
  });

  test('a source at rest stays live', () => {
    const source = resting();
    source.clock.advance(near - leadMs);
    source.sampled();
    expect(source.statuses()).toEqual(['none', 'opening', 'live']);
    expect(source.context().streamStatus).toBe('live');
  });

  test('a source whose frames stop during a rest is stalled', () => {
    const source = resting();
    source.clock.advance(replacementInput.stallAfterMs);
    expect(source.value()).toBe('stalled');
    expect(source.told(1)).toEqual(['stream.rest', 'stream.read']);
  });

  test('a turn that is typed during a rest waits for the next frame', () => {
    const source = resting();
    source.toParts.sampling.length = 0;
    source.say({ type: 'user.typed' });
    expect(source.toParts.sampling).toEqual(['sample.awaited']);
    expect(source.told(1)).toEqual(['stream.rest', 'stream.read']);
    source.say({ type: 'user.typed' });
    expect(source.toParts.sampling).toEqual(['sample.awaited', 'sample.due']);
  });

  test.each([
    ['a look needs a frame', (source) => source.needed()],
    ['the user starts to speak again', (source) => source.say({ type: 'user.speaking' })],
    ['every frame is needed', (source) => source.say({ type: 'flow.held' })],
  ] as [string, (source: SimulatedSource) => void][])(
    'a source at rest is read at once when %s',
    (_, wake) => {
      const source = resting();
      wake(source);
      expect(source.told(1)).toEqual(['stream.rest', 'stream.read']);
      expect(source.value()).toBe('seeing');
    },
  );

  test('a stream that replaces one at rest is read', () => {
    const source = resting();
    source.publish(track('camera 2'));
    expect(source.told(1)).toEqual(['stream.rest', 'stream.close', 'stream.read']);
    source.stream('stream.closed');
    source.stream('stream.opened', 'stream.frame');
    expect(source.told(2)).toEqual([]);
    expect(source.value()).toBe('seeing');
  });

  test('a source that is switched off during a rest is closed', () => {
    const source = resting();
    source.mode('off');
    expect(source.told(1)).toContain('stream.close');
    source.stream('stream.closed');
    source.clock.advance(near);
    expect(source.value()).toBe('closed');
    expect(source.clock.pending).toBe(0);
  });
});
