import { randomUUID } from 'node:crypto';
import { DEFAULT_API_CONNECT_OPTIONS, llm } from '@livekit/agents';

type ChatOptions = Parameters<llm.LLM['chat']>[0];

/**
 * A model that keeps nothing, so that growth is not its own. It reports how many pictures it got.
 */
export class YesModel extends llm.LLM {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override label(): string {
    return 'soak.YesModel';
  }

  override get model(): string {
    return this.#name;
  }

  override chat({ chatCtx, toolCtx, connOptions }: ChatOptions): llm.LLMStream {
    const options = { chatCtx, connOptions: connOptions ?? DEFAULT_API_CONNECT_OPTIONS };
    return new YesStream(this, toolCtx ? { ...options, toolCtx } : options);
  }
}

class YesStream extends llm.LLMStream {
  protected override async run(): Promise<void> {
    if (this.abortController.signal.aborted) return;
    const pictures = this.chatCtx.items.flatMap((item) =>
      item.type === 'message'
        ? item.content.filter((part) => typeof part === 'object' && part.type === 'image_content')
        : [],
    );
    const content = `Yes, ${pictures.length}.`;
    this.queue.put({ id: randomUUID(), delta: { role: 'assistant', content } });
  }
}
