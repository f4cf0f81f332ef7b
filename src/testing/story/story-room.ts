import type { Room } from '@livekit/rtc-node';
import type { AvatarPlace } from '../avatar/test-avatar.ts';
import type { Person } from './steps.ts';
import type { StoryCamera } from './story-camera.ts';

/**
 * The room of a story: the agent's side of it, and what people do in it. An operation without a
 * promise is over at once. Otherwise, it resolves when the agent's room has the news of it.
 */
export interface StoryRoom {
  /** The agent's room object. */
  readonly agent: Room;
  /** Where avatars join it. */
  readonly place: AvatarPlace;
  /** Whether news of people reaches the agent later than they act, as over a network. */
  readonly hasDelay: boolean;
  /** Whether the agent session gets the room, and so links a participant. */
  readonly hasLink: boolean;
  /** Whether each person has a room object, and so arrives later than they join. */
  readonly hasOwnRooms: boolean;
  /** Most time between the arrivals of a picture at two readers of its track, in ms. */
  readonly spreadMs: number;
  /** Longest wait for the join of an avatar, in ms. Short, since some of them never join. */
  readonly avatarJoinMs: number;

  /** Whether the agent's room has this participant. */
  has(identity: string): boolean;
  /** The newest room object of a person. @throws Error if the person has none. */
  of(who: Person): Room;
  /** Resolves with the person's room object, if people have their own. */
  join(who: Person): Promise<Room | undefined>;
  leave(who: Person): Promise<void> | undefined;
  /** Also begins to note when the pictures of the camera arrive. */
  publish(who: Person, camera: StoryCamera): Promise<void> | undefined;
  unpublish(who: Person, camera: StoryCamera): Promise<void> | undefined;
  setMuted(who: Person, camera: StoryCamera, muted: boolean): Promise<void> | undefined;
  /** The agent's network is cut. Resolves when the room has everything again. */
  reconnect(how: 'resume' | 'full'): Promise<void>;
  /** Everyone leaves. */
  close(): Promise<void>;
}
