import type { Room } from '@livekit/rtc-node';
import { LoopbackRoom } from '../loopback-room.ts';
import { OwnRooms } from './own-rooms.ts';
import { hasControl, hasLink, isSpoken, type Person, type Story } from './steps.ts';
import type { StoryCamera } from './story-camera.ts';
import type { StoryRoom } from './story-room.ts';

/** The room of a story in this process, without a server. */
export class LoopbackStoryRoom implements StoryRoom {
  readonly place: LoopbackRoom;
  readonly hasDelay = false;
  readonly hasLink: boolean;
  readonly spreadMs = 60;
  readonly avatarJoinMs = 1500;
  /** Set if people hear the agent or switch its video. */
  readonly #own: OwnRooms | undefined;

  constructor(story: Story) {
    this.hasLink = hasLink(story);
    this.place = new LoopbackRoom({ speech: this.hasLink });
    if (isSpoken(story) || hasControl(story)) this.#own = new OwnRooms(this.place);
  }

  get agent(): Room {
    return this.place.asRoom();
  }

  get hasOwnRooms(): boolean {
    return this.#own !== undefined;
  }

  has(identity: string): boolean {
    return this.place.remoteParticipants.has(identity);
  }

  of(who: Person): Room {
    if (!this.#own) throw new Error('the people of this story have no rooms of their own');
    return this.#own.of(who).asRoom();
  }

  async join(who: Person): Promise<Room | undefined> {
    if (this.#own) return (await this.#own.join(who)).asRoom();
    this.place.join(who);
    return undefined;
  }

  leave(who: Person): undefined {
    this.place.leave(who);
  }

  publish(who: Person, camera: StoryCamera): undefined {
    const { track, source } = camera.camera;
    camera.readOwn();
    this.place.publish(who, track, source);
  }

  unpublish(who: Person, camera: StoryCamera): undefined {
    const published = this.place.remoteParticipants.get(who)?.trackPublications.values() ?? [];
    const publication = camera.publicationIn(published);
    if (publication) this.place.unpublish(publication);
  }

  setMuted(_who: Person, camera: StoryCamera, muted: boolean): undefined {
    if (muted) camera.mute();
    else camera.unmute();
  }

  reconnect(how: 'resume' | 'full'): Promise<void> {
    return this.place.reconnect(how);
  }

  async close(): Promise<void> {
    await this.#own?.close();
    if (this.hasLink) await this.place.disconnect();
  }
}
