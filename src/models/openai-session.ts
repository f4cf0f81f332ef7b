import type { llm } from '@livekit/agents';

/** The used part of a `ws` socket. */
export interface OpenAISocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string): void;
  close(): void;
  once(event: 'close', listener: () => void): unknown;
}

/**
 * The used members of the OpenAI plugin's session, and of plugins that inherit it, such as xAI's.
 * `runWs` and `remoteChatCtx` are private; `test/integration/plugin-contract.test.ts` fails if a
 * version lacks one.
 */
export interface OpenAIRealtimeSession extends llm.RealtimeSession {
  sendEvent(event: { type: string }): void;
  /** The plugin calls it for each connection, once it is open. */
  runWs(socket: OpenAISocket): Promise<void>;
  /** The acknowledged part of the server's conversation. */
  remoteChatCtx: { get(itemId: string): unknown; delete(itemId: string): void };
}

/** Whether this is a session of the OpenAI plugin, or of one that inherits it. */
export function isOpenAISession(session: llm.RealtimeSession): session is OpenAIRealtimeSession {
  return 'sendEvent' in session && 'runWs' in session && 'remoteChatCtx' in session;
}

/** Like {@link isOpenAISession}, during construction: the methods exist, but no fields. */
export const opensByConstructor = (session: llm.RealtimeSession): boolean =>
  'sendEvent' in session && 'runWs' in session;
