import { voice } from '@livekit/agents';

const { SpeechCreated } = voice.AgentSessionEventTypes;

/** The agent's speeches under way, from their creation to their end. */
export class Speeches {
  readonly #session: voice.AgentSession;
  readonly #underWay = new Set<voice.SpeechHandle>();
  readonly #onCreated = ({ speechHandle }: voice.SpeechCreatedEvent) => {
    this.#underWay.add(speechHandle);
    speechHandle.addDoneCallback(() => this.#underWay.delete(speechHandle));
  };

  constructor(session: voice.AgentSession) {
    this.#session = session;
  }

  /** Call it before the agent session starts. */
  open(): void {
    this.#session.on(SpeechCreated, this.#onCreated);
  }

  /**
   * Aborts when all speeches of this moment were interrupted or discarded, so nothing uses the
   * answer to a request that was made for one of them. The framework does not report to which speech
   * a model request belongs.
   *
   * @param over - Ends the wait.
   */
  interrupted(over: AbortSignal): AbortSignal {
    const controller = new AbortController();
    const speeches = [...this.#underWay].filter(({ interrupted }) => !interrupted);
    const ended = new Promise<void>((resolve) => {
      over.addEventListener('abort', () => resolve(), { once: true });
      if (over.aborted) resolve();
    });
    const each = speeches.map((speech) => speech.waitIfNotInterrupted([ended]));
    if (speeches.length > 0)
      void Promise.all(each).then(() => {
        if (!over.aborted) controller.abort();
      });
    return controller.signal;
  }

  close(): void {
    this.#session.off(SpeechCreated, this.#onCreated);
    this.#underWay.clear();
  }
}
