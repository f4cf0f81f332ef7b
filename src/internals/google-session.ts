import type { llm } from '@livekit/agents';
import type { GoogleOptions } from '../models/google.ts';
import type { ToolsSession } from './google-tools.ts';

/** The used members of the Google plugin's session, all of them private. */
export interface GoogleSession extends llm.RealtimeSession, ToolsSession {
  /** Called for each error of a connection; an unrecoverable one ends the agent session. */
  emitError(error: Error & { statusCode?: number }, recoverable: boolean): void;
  /** Makes the plugin's loop continue with its next connection. */
  markRestartNeeded(): void;
  /** Called by the loop between two connections and at its end, and by `close`. */
  closeActiveSession(): Promise<void>;
  sendClientEvent(event: ClientEvent): void;
  /** Called when the service announces the end of the connection. */
  handleGoAway?(message: object): void;
  sessionShouldClose: { readonly isSet: boolean };
  /** The current connection. */
  activeSession?: { conn?: { ws?: object } };
  /** The server's id of the conversation; without one, the plugin sends its history. */
  sessionResumptionHandle?: string | undefined;
  /** The current answer. */
  currentGeneration?: { _done?: boolean } | undefined;
  /** The answer that was asked for and has not begun. */
  pendingGenerationFut?: { readonly done: boolean } | undefined;
  /** The model's calls of this connection that have no result yet. */
  pendingToolCallIds?: ReadonlySet<string>;
  _chatCtx: llm.ChatContext;
  options: GoogleOptions & { connOptions?: { timeoutMs?: number } };
}

export interface ClientEvent {
  type: string;
  value?: {
    turns?: readonly unknown[] | undefined;
    /** On Vertex AI, they have no ids. */
    functionResponses?: readonly { id?: string }[];
  };
}

/** A version of the plugin without one of them stays as it is. */
export const MEMBERS = [
  'buildConnectConfig',
  '_tools',
  'emitError',
  'markRestartNeeded',
  'closeActiveSession',
  'sendClientEvent',
  'sessionShouldClose',
  '_chatCtx',
  'options',
] as const satisfies readonly (keyof GoogleSession)[];

/** The model is answering, or waits for the result of a tool. */
export function isAnswering({ currentGeneration, pendingToolCallIds }: GoogleSession): boolean {
  const isGenerating = currentGeneration !== undefined && !currentGeneration._done;
  return isGenerating || (pendingToolCallIds?.size ?? 0) > 0;
}
