import type { HiredAvatar } from './hired-avatar.ts';
import { type Call, Refusal, StrictServer } from './strict-server.ts';

/** What its API does instead of sending an avatar. */
export type ApiFault =
  /** Says no with this HTTP status. */
  | { status: number }
  /** Does not answer. */
  | 'silent'
  /** Answers when the test says so, with `answerNow`. */
  | 'late';

/** A provider of avatars: its API, and the participants that it sends. */
export abstract class FakeProvider {
  readonly avatars: HiredAvatar[] = [];
  /** Who is there, and who said what: in the order in which it happened. */
  readonly events: string[] = [];
  fault: ApiFault | undefined;
  /** Ends the wait of the calls that are answered late. */
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

  /** Why calls were refused. */
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

  /** @throws Refusal where the test wants one. */
  protected async misbehave(): Promise<void> {
    if (this.fault === 'silent') await new Promise(() => {});
    if (this.fault === 'late') await this.#late;
    if (typeof this.fault === 'object') throw new Refusal(this.fault.status, 'the test wants it');
  }

  /** Sends an avatar; as with a real one, the API's answer does not wait for it. */
  protected send(join: () => ReturnType<typeof HiredAvatar.in>): void {
    const coming = join().then((avatar) => {
      this.avatars.push(avatar);
      this.events.push('joined');
    });
    this.#coming.push(coming);
    coming.catch((error) => this.events.push(`did not join: ${String(error)}`));
  }
}
