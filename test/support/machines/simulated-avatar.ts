import { avatarMachine } from '../../../src/machines/avatar.machine.ts';
import type { AvatarEvent, AvatarInput } from '../../../src/machines/avatar.types.ts';
import { avatarInput } from './inputs.ts';
import { Outside } from './outside.ts';
import { record } from './recorded.ts';

/** An avatar whose provider, participant and user are controlled by a test. */
export function simulatedAvatar(change: Partial<AvatarInput> = {}) {
  const outside = new Outside();
  const starts = outside.jobs<void>('start');
  const stops = outside.jobs<void>('stop');
  const speechEnds = outside.jobs<void>('speech end');
  const recorded = record(
    avatarMachine.provide({
      actors: {
        startAvatar: starts.logic,
        stopAvatar: stops.logic,
        speechEnd: speechEnds.logic,
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
  const avatar = {
    ...recorded,
    leaves: outside.leaves,
    starts,
    stops,
    speechEnds,
    /** The state of the avatar, such as `coming.starting` or `shown.live`. */
    value: () => dotted(actor.getSnapshot().value.presence),
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
      say({ type: 'avatar.broke', reason: 'it is silent', heardUntil });
    },
    userLeaves: () => say({ type: 'user.left' }),
    userReturns: () => say({ type: 'user.returned' }),
    /** The application sets another avatar, or removes it. */
    personaIsSet: (hasAvatar: boolean) => actor.send({ type: 'persona.set', hasAvatar }),
    agentStarts: () => actor.send({ type: 'agent.started' }),
    /** The reports so far: `shown`, `lost`, `failed`, `givenUp`, `away`. */
    told: () => recorded.reports.map(({ type }) => type.replace('avatar.', '')),
  };
  return avatar;
}

export type SimulatedAvatar = ReturnType<typeof simulatedAvatar>;

/** An avatar that is in the room, with a running agent. */
export async function liveAvatar(change: Partial<AvatarInput> = {}): Promise<SimulatedAvatar> {
  const avatar = simulatedAvatar(change);
  await avatar.starts.done();
  avatar.joins();
  avatar.agentStarts();
  return avatar;
}

const dotted = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : Object.entries(value as object)
        .map(([name, inner]) => `${name}.${dotted(inner)}`)
        .join(' ');
