import pc from 'picocolors';
import type { Audience } from './play.ts';
import { isRight, type Switch, type Transition, type Turn } from './result.ts';
import type { WatchAudience } from './watch.ts';

/** Columns of a plain terminal. */
const WIDTH = 80;

type Style = 'dim' | 'bold' | 'red' | 'green' | 'cyan';

/** Prints the events as lines of text. */
export class Terminal implements Audience, WatchAudience {
  readonly #colours: ReturnType<typeof pc.createColors>;
  readonly #elapsedMs: () => number;
  readonly #verbose: boolean;

  /** @param verbose - Whether each transition of a machine has a line. */
  constructor(colours: boolean, elapsedMs: () => number, verbose: boolean) {
    this.#colours = pc.createColors(colours);
    this.#elapsedMs = elapsedMs;
    this.#verbose = verbose;
  }

  scene(title: string): void {
    this.#line('bold', `\n${title}`);
  }

  turn(turn: Turn): void {
    const { kind, question, answer, expected, imagesInRequest, llmCalls, frame } = turn;
    this.#line('cyan', `  user (${kind}): ${question}`);
    this.#line(isRight(turn) ? 'green' : 'red', `  agent: ${answer}`);
    const picture = frame
      ? `${frame.source} ${frame.width}x${frame.height}, ${frame.ageMs} ms old, ` +
        `${Math.round(frame.bytes / 1024)} KB of ${frame.mimeType}`
      : 'no picture';
    this.#line(
      'dim',
      `    ${picture}\n    ${imagesInRequest} picture in the request, ${llmCalls} model call`,
    );
    if (expected !== undefined && !isRight(turn)) this.#line('red', `    expected: ${expected}`);
  }

  switched({ from, to, reason, gapMs }: Switch): void {
    this.#line('cyan', `  source: ${from} → ${to} (${reason}, ${gapMs} ms)`);
  }

  transition({ machine, from, to, event }: Transition): void {
    if (this.#verbose)
      this.#line('dim', `  ${machine.padEnd(12)} ${from || '·'} → ${to || '·'}   ${event}`);
  }

  step(text: string): void {
    this.#line('dim', `  ${text}`);
  }

  said(line: string): void {
    this.#line('green', `  agent: ${line}`);
  }

  say(text: string): void {
    this.#line('bold', text);
  }

  fail(text: string): void {
    this.#line('red', text);
  }

  #line(style: Style, text: string): void {
    const seconds = (this.#elapsedMs() / 1000).toFixed(2).padStart(6);
    for (const line of text.split('\n')) {
      if (!line) console.log('');
      for (const part of wrapped(line, WIDTH - seconds.length - 2))
        console.log(this.#colours[style](`${seconds}  ${part}`));
    }
  }
}

/**
 * The line in parts that fit, broken at blanks. A longer word stays whole, so that it can be
 * copied.
 */
export function wrapped(line: string, width = WIDTH): string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const parts: string[] = [];
  let part = '';
  for (const word of line.trim().split(/ (?=\S)/)) {
    if (part && indent.length + part.length + 1 + word.length > width) {
      parts.push(indent + part);
      part = `  ${word}`;
    } else part = part ? `${part} ${word}` : word;
  }
  return part ? [...parts, indent + part] : parts;
}
