import { type Browser, errors, type Locator, type Page } from 'playwright-core';
import type { Speech } from '../../offline/speech.ts';
import type { Region } from '../../src/index.ts';
import { until } from '../../src/testing/waits.ts';

/** Time limit of each step of the page, in ms. The browser also encodes and decodes. */
const LIMIT_MS = 100_000;
/** How long a user waits for an answer before they say the question again, in ms. */
const PATIENCE_MS = 20_000;

/** The page announces whole answers to screen readers. */
const NEWEST_IS_WHOLE = `(() => {
  const newest = [...document.querySelectorAll('.log [data-from="agent"]')].at(-1);
  const announced = document.querySelector('.log + [aria-live]').textContent;
  return newest.textContent === 'Agent: ' + announced;
})()`;

/**
 * Replaces the browser's devices: a camera and a screen that show a text, and failures of the
 * camera or microphone before they work. It runs in the page, so it is text here.
 */
const devices = ({ camera, screen, failures = [], photo, speaks = false }: Shown) => `(() => {
  const failures = ${JSON.stringify(failures)};
  const camera = ${JSON.stringify(camera ?? null)};
  const speaks = ${speaks};
  const photo = ${JSON.stringify(photo ?? null)};
  const picture = Object.assign(new Image(), photo ? { src: photo } : {});
  const painted = (text) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const pen = canvas.getContext('2d');
    let frame = 0;
    const paint = () => {
      pen.fillStyle = '#f6f3ea';
      pen.fillRect(0, 0, 1280, 720);
      pen.fillStyle = '#1b2030';
      pen.font = 'bold 130px sans-serif';
      pen.textAlign = 'center';
      pen.fillText(text, 640, 400);
      if (picture.width > 0) pen.drawImage(picture, 0, 0, 1280, (1280 * picture.height) / picture.width);
      // No two frames are the same, as those of a real camera.
      pen.fillRect(20 + (frame++ % 60) * 20, 690, 20, 20);
    };
    paint();
    setInterval(paint, 200);
    return canvas.captureStream(5);
  };
  const ownDevice = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const name = failures.shift();
    if (name) throw new DOMException('made by the test', name);
    if (!wanted.video) return speaks ? microphone() : ownDevice(wanted);
    return camera === null ? ownDevice(wanted) : painted(camera);
  };
  // Silent, except while the test speaks.
  const microphone = () => {
    const context = new AudioContext();
    const sound = context.createMediaStreamDestination();
    window.speakIntoMicrophone = (samples, sampleRate) => {
      const buffer = context.createBuffer(1, samples.length, sampleRate);
      buffer.copyToChannel(Float32Array.from(samples, (sample) => sample / 32768), 0);
      const speech = new AudioBufferSourceNode(context, { buffer });
      speech.connect(sound);
      speech.start();
      return new Promise((resolve) => { speech.onended = () => resolve(); });
    };
    return sound.stream;
  };
  navigator.mediaDevices.getDisplayMedia = async () => painted(${JSON.stringify(screen)});
})()`;

export interface Shown {
  /** A text. The browser's own camera if there is none. */
  camera?: string;
  screen: string;
  /** Names of errors that the camera or the microphone has before it works. */
  failures?: readonly string[];
  /** Data URL of a photograph, which both show instead of the text: its top, over their width. */
  photo?: string;
  /** Whether the microphone has what the test says, instead of the browser's beep once a second. */
  speaks?: boolean;
}

/** A user on the page of the web demo. */
export class Visitor {
  readonly page: Page;
  /** Errors in the browser's console, and uncaught ones. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
    page.on('pageerror', ({ message }) => this.complaints.push(message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, shown: Shown): Promise<Visitor> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(devices(shown));
    const visitor = new Visitor(page);
    await page.goto(url);
    return visitor;
  }

  /** Enters, and waits until the agent listens or speaks. */
  async join(): Promise<void> {
    await this.press('Join');
    await this.page.waitForSelector('.face:is([data-state="listening"], [data-state="speaking"])');
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button, exact: true }).click();
  }

  /** Waits until the page shows this text, as a status or as the whole text of an element. */
  async reads(text: string): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /**
   * Types the question until an answer contains the text, or matches the pattern: a sender starts
   * with small video, which grows with the bandwidth.
   */
  async askUntil(wanted: string | RegExp): Promise<void> {
    const isRight = (answer: string) =>
      typeof wanted === 'string' ? answer.includes(wanted) : wanted.test(answer);
    const deadline = performance.now() + LIMIT_MS;
    while (performance.now() < deadline) {
      const before = await this.answers.count();
      await this.ask('What can you see?');
      if (isRight(await this.answerAfter(before, LIMIT_MS))) return;
    }
    throw new Error(`no answer holds ${wanted}: ${await this.#log()}`);
  }

  /** Repeats a spoken question until it is understood: a busy machine loses parts of the sound. */
  async sayUntil(speech: Speech, wanted: RegExp, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    let patienceMs = PATIENCE_MS;
    while (performance.now() < deadline) {
      const before = await this.answers.count();
      await this.say(speech);
      if (await this.hasAnswerAfter(before, patienceMs)) {
        if (wanted.test(await this.answerAfter(before, LIMIT_MS))) return;
        // Longer, so that a late answer is not interrupted each time.
      } else patienceMs *= 2;
    }
    throw new Error(`no answer holds ${wanted}: ${await this.#log()}`);
  }

  /** What the agent has said, the oldest first. */
  get answers(): Locator {
    return this.page.locator('.log [data-from="agent"]');
  }

  /** Whether there are more answers than that, at the latest when a user loses patience. */
  async hasAnswerAfter(count: number, limitMs = PATIENCE_MS): Promise<boolean> {
    try {
      await this.answers.nth(count).waitFor({ timeout: limitMs });
      return true;
    } catch (error) {
      if (error instanceof errors.TimeoutError) return false;
      throw error;
    }
  }

  /** The newest answer, if there are more of them than that, after its last word was spoken. */
  async answerAfter(count: number, limitMs: number): Promise<string> {
    await this.answers.nth(count).waitFor({ timeout: limitMs });
    await until('a whole answer', () => this.page.evaluate<boolean>(NEWEST_IS_WHOLE), LIMIT_MS);
    await this.page.waitForSelector('.face[data-state="listening"]');
    return (await this.answers.last().textContent()) ?? '';
  }

  async #log(): Promise<string> {
    return (await this.page.locator('.log li').allTextContents()).join('; ');
  }

  /** Types a question, with the keyboard only. */
  async ask(question: string): Promise<void> {
    await this.page.getByLabel('Your question').fill(question);
    await this.page.keyboard.press('Enter');
  }

  /** Asks, and returns the centre of the agent's mark, in shares of the last video that is shared. */
  async markAfter(question: string): Promise<{ x: number; y: number }> {
    await this.ask(question);
    // The mark stays for many seconds, because the picture stays the same.
    await this.page.waitForSelector('.sightline-pointer-outline');
    return this.page.evaluate(`(() => {
      const mark = document.querySelector('.sightline-pointer-outline').getBoundingClientRect();
      const video = [...document.querySelectorAll('.shares video')].at(-1).getBoundingClientRect();
      return {
        x: (mark.x + mark.width / 2 - video.x) / video.width,
        y: (mark.y + mark.height / 2 - video.y) / video.height,
      };
    })()`);
  }

  /** Whether the agent's avatar is decoded and keeps playing. */
  faceMoves(): Promise<boolean> {
    return this.page.evaluate<boolean>(`(() => {
      const video = document.querySelector('.face video');
      return video !== null && video.videoWidth >= 256 && video.currentTime > 0.5;
    })()`);
  }

  /** Whether the panel shows the agent's picture, with pixels. */
  pictureIsShown(): Promise<boolean> {
    return this.page.evaluate<boolean>(`(() => {
      const picture = document.querySelector('.picture img');
      return picture !== null && picture.complete && picture.naturalWidth >= 160;
    })()`);
  }

  /** Turns the microphone on, and waits until the agent gets its sound. */
  async talk(): Promise<void> {
    await this.press('Talk');
    await this.page.waitForSelector('.level', { state: 'attached' });
  }

  /** Speaks into the microphone, to the end of the speech. */
  say({ samples, sampleRate }: Speech): Promise<void> {
    return this.page.evaluate(
      `speakIntoMicrophone(${JSON.stringify([...samples])}, ${sampleRate})`,
    );
  }

  /** Waits until the agent's voice is heard: the page's disc grows with its loudness. */
  hears(limitMs = LIMIT_MS): Promise<void> {
    return this.page.evaluate(`new Promise((resolve, reject) => {
      const end = performance.now() + ${limitMs};
      const look = () => {
        const disc = document.querySelector('.orb i');
        if (disc && Number.parseFloat(getComputedStyle(disc).scale) > 1.01) resolve();
        else if (performance.now() > end) reject(new Error('the voice of the agent is not heard'));
        else requestAnimationFrame(look);
      };
      look();
    })`);
  }

  /** How loud the page shows the microphone to be, from 0 to 1; `undefined` while it is off. */
  level(): Promise<number | undefined> {
    return this.page.evaluate<number | undefined>(`(() => {
      const bar = document.querySelector('.level i');
      return bar ? Number.parseFloat(getComputedStyle(bar).scale) : undefined;
    })()`);
  }

  /** The share of black pixels in each region of the panel's picture or video. */
  blackShares(element: 'img' | 'video', regions: readonly Region[]): Promise<number[]> {
    return this.page.evaluate<number[]>(`(() => {
      const shown = document.querySelector('.picture ${element}');
      const canvas = new OffscreenCanvas(640, 360);
      const pen = canvas.getContext('2d');
      pen.drawImage(shown, 0, 0, 640, 360);
      return ${JSON.stringify(regions)}.map(({ x, y, width, height }) => {
        const { data } = pen.getImageData(x * 640, y * 360, width * 640, height * 360);
        const greens = data.filter((_, index) => index % 4 === 1);
        return greens.filter((value) => value < 40).length / greens.length;
      });
    })()`);
  }

  /** The label of the focused element. */
  focused(): Promise<string> {
    return this.page.evaluate<string>('document.activeElement?.textContent ?? ""');
  }

  /** How many pixels wider the page is than the window. */
  overflow(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  }
}
