import type { ParticipantKind, RemoteParticipant } from 'livekit-client';

/** The properties of a participant that are used; livekit-client's `RemoteParticipant` has them. */
export type ParticipantLike = Pick<RemoteParticipant, 'identity' | 'kind' | 'attributes'>;

/** The properties of a room that are used; livekit-client's `Room` has them. */
interface RoomLike<Participant extends ParticipantLike = RemoteParticipant> {
  readonly remoteParticipants: { values(): Iterable<Participant> };
}

/** A number, because importing the enum would import the package; the type checks its value. */
const AGENT: ParticipantKind.AGENT = 4;

/** Attribute of an avatar worker: identity of the agent that it speaks for. */
const PUBLISH_ON_BEHALF = 'lk.publish_on_behalf';

/**
 * The agent of a room: a remote participant of kind agent that speaks for no other participant. Of
 * several, the first in the room's list, like `useVoiceAssistant`.
 *
 * Call it again when a participant connects, disconnects or changes its attributes.
 *
 * @returns `undefined` if there is none, even if its avatar is in the room.
 */
export function findAgent<Participant extends ParticipantLike>(
  room: RoomLike<Participant>,
): Participant | undefined {
  return find(room, (participant) => spokenFor(participant) === undefined);
}

/**
 * The avatar worker of the room's agent: a second remote participant of kind agent, which publishes
 * the agent's voice and video.
 *
 * @returns `undefined` if the agent has none, or if there is no agent: an avatar without its agent
 * does not count.
 */
export function findAvatarWorker<Participant extends ParticipantLike>(
  room: RoomLike<Participant>,
): Participant | undefined;
/**
 * The avatar worker of one of several agents.
 *
 * @param agent - Any agent, instead of the one that `findAgent` finds.
 * @returns `undefined` also if that agent is not in the room.
 */
export function findAvatarWorker<Participant extends ParticipantLike>(
  room: RoomLike<Participant>,
  agent: Pick<ParticipantLike, 'identity'>,
): Participant | undefined;
export function findAvatarWorker<Participant extends ParticipantLike>(
  room: RoomLike<Participant>,
  given?: Pick<ParticipantLike, 'identity'>,
): Participant | undefined {
  const agent = given
    ? find(room, (one) => one.identity === given.identity && spokenFor(one) === undefined)
    : findAgent(room);
  return agent && find(room, (participant) => spokenFor(participant) === agent.identity);
}

/** Whether a participant is an agent that speaks for itself. */
export const isAgent = (participant: ParticipantLike): boolean =>
  participant.kind === AGENT && spokenFor(participant) === undefined;

function find<Participant extends ParticipantLike>(
  { remoteParticipants }: RoomLike<Participant>,
  isWanted: (agent: Participant) => boolean,
): Participant | undefined {
  for (const participant of remoteParticipants.values())
    if (participant.kind === AGENT && isWanted(participant)) return participant;
  return undefined;
}

/** LiveKit deletes an attribute by setting it to an empty string. */
const spokenFor = ({ attributes }: ParticipantLike): string | undefined =>
  attributes[PUBLISH_ON_BEHALF] || undefined;
