/**
 * For the page of a user: who in a LiveKit room is the agent, who shows its face, and whether it
 * watches. No Node, and no package imported at run time, so it needs no bundler.
 */
import type { ParticipantKind, RemoteParticipant } from 'livekit-client';

export { setVideoMode, videoMode } from './control.ts';
export type { VideoMode } from './control-protocol.ts';

/** What is read of a participant; livekit-client's `RemoteParticipant` has it. */
export type ParticipantLike = Pick<RemoteParticipant, 'identity' | 'kind' | 'attributes'>;

/** What is read of a room; livekit-client's `Room` has it. */
interface RoomLike<Participant extends ParticipantLike = RemoteParticipant> {
  readonly remoteParticipants: { values(): Iterable<Participant> };
}

/** As a number, since an enum is a value: the type holds it to livekit-client's. */
const AGENT: ParticipantKind.AGENT = 4;

/** Attribute of an avatar worker: identity of the agent that it speaks for. */
const PUBLISH_ON_BEHALF = 'lk.publish_on_behalf';

/**
 * The agent of a room: a remote participant of kind agent that speaks for nobody else. Of several,
 * the one that comes first in the room's list, which is also the one that `useVoiceAssistant` takes.
 *
 * What is found is true now. Ask again when a participant connects, disconnects or changes its
 * attributes.
 *
 * @returns `undefined` while there is none, also when its avatar is there already or still.
 */
export function findAgent<Participant extends ParticipantLike>(
  room: RoomLike<Participant>,
): Participant | undefined {
  return find(room, (participant) => spokenFor(participant) === undefined);
}

/**
 * The avatar worker of the room's agent: a second remote participant of kind agent, which publishes
 * the agent's voice and its face.
 *
 * @returns `undefined` while the agent has none, and while there is no agent: an avatar that came
 * before its agent, or is left behind by it, is nobody's face.
 */
export function findAvatarWorker<Participant extends ParticipantLike>(
  room: RoomLike<Participant>,
): Participant | undefined;
/**
 * The avatar worker of one of several agents.
 *
 * @param agent - Any agent, in place of the one that `findAgent` finds.
 * @returns `undefined` also when that agent is not in the room.
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

function find<Participant extends ParticipantLike>(
  { remoteParticipants }: RoomLike<Participant>,
  isWanted: (agent: Participant) => boolean,
): Participant | undefined {
  for (const participant of remoteParticipants.values())
    if (participant.kind === AGENT && isWanted(participant)) return participant;
  return undefined;
}

/** An empty attribute is none: that is how LiveKit deletes one. */
const spokenFor = ({ attributes }: ParticipantLike): string | undefined =>
  attributes[PUBLISH_ON_BEHALF] || undefined;
