import type { HiredAvatar } from './hired-avatar.ts';
import { type Call, Refusal, StrictServer } from './strict-server.ts';

/** A fault of the API, instead of an avatar. */
export type ApiFault =
  /** Refuses with this HTTP status. */
  | { status: number }
  /** Does not answer. */
  | 'silent'
  /** Answers when the test calls `answerNow`. */
  | 'late';

/** A provider of avatars: its API, and the participants that it sends. */
export abstract class FakeProvider {
  readonly avatars: HiredAvatar[] = [];
  /** Events of the participants and the API, in order. */
  readonly events: string[] = [];
  fault: ApiFault | undefined;
  /** Answers the waiting calls. */
  answerNow = () => {};
  readonly #server = new StrictServer((call) => this.answer(call));
  readonly #late = new Promise<void>((resolve) => {
    this.answerNow = resolve;
  });
  readonly #coming: Promise<unknown>[] = [];
  #url = '';

  get url(): string {
    return this.#url;
  }

  /** Reasons of the refused calls. */
  get refusals(): readonly string[] {
    return this.#server.refusals;
  }

  async open(): Promise<void> {
    this.#url = await this.#server.open();
  }

  async close(): Promise<void> {
    await this.#server.close();
    await Promise.allSettled(this.#coming);
    await Promise.all(this.avatars.map((avatar) => avatar.leave()));
  }

  protected abstract answer(call: Call): Promise<unknown>;

  /** @throws Refusal if the test set one as the fault. */
  protected async misbehave(): Promise<void> {
    if (this.fault === 'silent') await new Promise(() => {});
    if (this.fault === 'late') await this.#late;
    if (typeof this.fault === 'object') throw new Refusal(this.fault.status, 'refused by the test');
  }

  /** Sends an avatar. As with a real provider, the API's answer does not wait for it. */
  protected send(join: () => ReturnType<typeof HiredAvatar.in>): void {
    const coming = join().then((avatar) => {
      this.avatars.push(avatar);
      this.events.push('joined');
    });
    this.#coming.push(coming);
    coming.catch((error) => this.events.push(`did not join: ${String(error)}`));
  }
}
