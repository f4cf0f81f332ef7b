import { ParticipantKind, type Room } from '@livekit/rtc-node';
import { PUBLISH_ON_BEHALF } from './avatar-protocol.ts';

/**
 * The participant that speaks through an avatar: the one in the options, or the first agent that
 * sends speech.
 */
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

  /** Records that this participant, which is allowed to, has sent speech. */
  hasSpoken(identity: string): void {
    this.#first = identity;
  }

  mayBe(identity: string): boolean {
    if (this.#named !== undefined) return identity === this.#named;
    const { remoteParticipants } = this.#room;
    // After a return, its speech may arrive before the event of its return.
    if (identity === this.#first) return true;
    if (this.#first !== undefined && remoteParticipants.has(this.#first)) return false;
    const participant = remoteParticipants.get(identity);
    // Another avatar is an agent participant too, but acts on behalf of its own agent.
    return (
      participant?.kind === ParticipantKind.AGENT &&
      participant.attributes[PUBLISH_ON_BEHALF] === undefined
    );
  }
}
