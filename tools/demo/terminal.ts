import pc from 'picocolors';
import { isRight, type Switch, type Transition, type Turn } from './result.ts';
import type { Audience } from './show.ts';
import type { WatchAudience } from './watch.ts';

type Style = 'dim' | 'bold' | 'red' | 'green' | 'cyan';

/** Tells what happens in lines of text. */
export class Terminal implements Audience, WatchAudience {
  readonly #colours: ReturnType<typeof pc.createColors>;
  readonly #startedAt = performance.now();

  constructor(colours: boolean) {
    this.#colours = pc.createColors(colours);
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
      `    ${picture}; ${imagesInRequest} picture in the request, ${llmCalls} model call`,
    );
    if (!isRight(turn)) this.#line('red', `    expected: ${expected}`);
  }

  switched({ from, to, reason, gapMs }: Switch): void {
    this.#line('cyan', `  source: ${from} → ${to} (${reason}, ${gapMs} ms)`);
  }

  transition({ machine, from, to, event }: Transition): void {
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
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(2).padStart(6);
    const lines = text.split('\n').map((line) => (line ? `${seconds}  ${line}` : ''));
    for (const line of lines) console.log(line && this.#colours[style](line));
  }
}
