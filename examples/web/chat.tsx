import { useVoiceAssistant } from '@livekit/components-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { HearingHint } from './hearing-hint.tsx';
import { SendIcon } from './icons.tsx';
import { type Message, textOf } from './messages.ts';
import { HEARS_ATTRIBUTE, MODEL_ATTRIBUTE } from './protocol.ts';
import { useConversation } from './use-conversation.ts';

const MAX_LENGTH = 500;
const FIRST_QUESTION = 'What can you see?';

/** The conversation with the agent, in text, and the name of its model. */
export function Chat() {
  const { state, agentAttributes = {} } = useVoiceAssistant();
  const hears = agentAttributes[HEARS_ATTRIBUTE] === 'yes';
  const { messages, say } = useConversation();
  const [draft, setDraft] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const isReady = state === 'listening' || state === 'thinking' || state === 'speaking';

  async function ask(question: string): Promise<void> {
    const text = question.trim();
    if (!text || !isReady) return;
    setDraft('');
    setProblem(null);
    try {
      await say(text);
    } catch (error) {
      setDraft(text);
      setProblem(`Not sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return (
    <section className="card chat" aria-labelledby="chat-heading">
      <header>
        <h2 id="chat-heading">Conversation</h2>
        <p className="small soft">{agentAttributes[MODEL_ATTRIBUTE]}</p>
      </header>
      <Log messages={messages} />
      {hears && <HearingHint messages={messages} isListening={state === 'listening'} />}
      {problem && (
        <p className="notice" role="alert">
          {problem}
        </p>
      )}
      <div className="ask">
        {!messages.some(({ from }) => from === 'you') && (
          <button
            type="button"
            className="suggestion"
            disabled={!isReady}
            onClick={() => void ask(FIRST_QUESTION)}
          >
            {FIRST_QUESTION}
          </button>
        )}
        <form
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            void ask(draft);
          }}
        >
          <label htmlFor="question" className="unseen">
            Your question
          </label>
          <input
            id="question"
            autoComplete="off"
            maxLength={MAX_LENGTH}
            placeholder={
              !isReady
                ? 'The agent is getting ready'
                : hears
                  ? 'Talk, or type here'
                  : 'Ask the agent'
            }
            value={draft}
            onChange={({ target }) => setDraft(target.value)}
          />
          <button type="submit" aria-label="Send" disabled={!isReady || draft.trim() === ''}>
            <SendIcon />
          </button>
        </form>
      </div>
    </section>
  );
}

function Log({ messages }: { messages: readonly Message[] }) {
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is at the end
  useEffect(() => {
    toEnd(list.current);
  }, [messages]);
  useEffect(() => {
    const resizes = new ResizeObserver(() => toEnd(list.current));
    if (list.current) resizes.observe(list.current);
    return () => resizes.disconnect();
  }, []);
  const spoken = messages.findLast(({ from, isOpen }) => from === 'agent' && !isOpen);
  return (
    <>
      {messages.length === 0 && (
        <p className="soft empty">Ask it what it sees. It answers aloud.</p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that keys can scroll it */}
      <ol ref={list} className="log" tabIndex={0} aria-label="Messages">
        {messages.map((message) => (
          <li key={message.id} data-from={message.from}>
            <span className="unseen">{message.from === 'you' ? 'You: ' : 'Agent: '}</span>
            {textOf(message)}
          </li>
        ))}
      </ol>
      {/* Whole answers only: a screen reader would interrupt itself word by word. */}
      <p className="unseen" aria-live="polite">
        {spoken && textOf(spoken)}
      </p>
    </>
  );
}

// In newer browsers `scrollTo` returns a promise, which is no clean-up of an effect.
function toEnd(list: HTMLElement | null): void {
  list?.scrollTo({ top: list.scrollHeight });
}
