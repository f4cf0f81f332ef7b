import { ParticipantKind, type Room } from '@livekit/rtc-node';
import { PUBLISH_ON_BEHALF } from './avatar-protocol.ts';

/** Who speaks through an avatar: the agent that the options name, or the first one that speaks. */
export class SpeechSender {
  readonly #room: Room;
  readonly #named: string | undefined;
  #first: string | undefined;

  constructor(room: Room, named: string | undefined) {
    this.#room = room;
    this.#named = named;
  }

  /** `undefined` until it is known. */
  get identity(): string | undefined {
    return this.#named ?? this.#first;
  }

  /** Notes that this participant, who may, has spoken. */
  hasSpoken(identity: string): void {
    this.#first = identity;
  }

  mayBe(identity: string): boolean {
    if (this.#named !== undefined) return identity === this.#named;
    const { remoteParticipants } = this.#room;
    // Back in the room, its speech may be here before the word of its return.
    if (identity === this.#first) return true;
    if (this.#first !== undefined && remoteParticipants.has(this.#first)) return false;
    const participant = remoteParticipants.get(identity);
    // Another avatar is of the same kind, and speaks on behalf of its own agent.
    return (
      participant?.kind === ParticipantKind.AGENT &&
      participant.attributes[PUBLISH_ON_BEHALF] === undefined
    );
  }
}
