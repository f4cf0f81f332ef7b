import { avatarMachine } from '../../../src/machines/avatar.machine.ts';
import type { AvatarEvent, AvatarInput } from '../../../src/machines/avatar.types.ts';
import { avatarInput } from './inputs.ts';
import { Outside } from './outside.ts';
import { record } from './recorded.ts';

/** An avatar whose provider, participant and user a test plays. */
export function simulatedFace(change: Partial<AvatarInput> = {}) {
  const outside = new Outside();
  const starts = outside.jobs<void>('start');
  const stops = outside.jobs<void>('stop');
  const recorded = record(
    avatarMachine.provide({
      actors: {
        startAvatar: starts.logic,
        stopAvatar: stops.logic,
        avatarPresence: outside.actor<{ type: 'presence.asked' }>('presence', () => {
          if (isThere) outside.say('presence', { type: 'avatar.joined' });
        }),
      },
    }),
    { ...avatarInput, ...change },
  );
  const { actor } = recorded;
  let isThere = false;
  const say = (event: AvatarEvent) => outside.say('presence', event);
  const face = {
    ...recorded,
    leaves: outside.leaves,
    starts,
    stops,
    /** `coming.starting`, `shown.live`: where the avatar is. */
    value: () => dotted((actor.getSnapshot().value as { face: unknown }).face),
    context: () => actor.getSnapshot().context,
    joins() {
      isThere = true;
      say({ type: 'avatar.joined' });
    },
    goes() {
      isThere = false;
      say({ type: 'avatar.left' });
    },
    fallsSilent(heardUntil: number) {
      isThere = false;
      say({ type: 'avatar.silent', heardUntil });
    },
    userLeaves: () => say({ type: 'user.left' }),
    userReturns: () => say({ type: 'user.returned' }),
    agentStarts: () => actor.send({ type: 'agent.started' }),
    /** `shown`, `lost`, `failed`, `givenUp`, `away`: what was told so far. */
    told: () => recorded.reports.map(({ type }) => type.replace('face.', '')),
  };
  return face;
}

export type SimulatedFace = ReturnType<typeof simulatedFace>;

/** One that is there, with an agent that runs. */
export async function liveFace(change: Partial<AvatarInput> = {}): Promise<SimulatedFace> {
  const face = simulatedFace(change);
  await face.starts.done();
  face.joins();
  face.agentStarts();
  return face;
}

const dotted = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as object)
        .map(([name, inner]) => `${name}.${dotted(inner)}`)
        .join(' ');
