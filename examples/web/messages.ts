/** What one of the two said. */
export interface Message {
  id: string;
  from: 'you' | 'agent';
  text: string;
  /** Whether the text goes on. */
  isOpen: boolean;
}

/** Older ones are dropped. */
const MAX_MESSAGES = 200;

/** With a new message, or more of one that is there. What is said before a new one does not go on. */
export function withMessage(before: readonly Message[], message: Message): readonly Message[] {
  if (before.some(({ id }) => id === message.id))
    return before.map((one) => (one.id === message.id ? message : one));
  const closed = before.map((one) => (one.isOpen ? { ...one, isOpen: false } : one));
  return [...closed, message].slice(-MAX_MESSAGES);
}

/** The text to show. An answer that was interrupted ends within a sentence: three dots say so. */
export function textOf({ from, text, isOpen }: Message): string {
  const isWhole = isOpen || from === 'you' || /[.!?…]["'”’)]*\s*$/.test(text);
  return isWhole ? text : `${text.trimEnd()} …`;
}
