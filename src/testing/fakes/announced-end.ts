/** The end of something, which is announced some time before. */
export class AnnouncedEnd {
  #timers: NodeJS.Timeout[] = [];

  /** Replaces the end that was planned before. Times are in ms. */
  plan(leftMs: number, noticeMs: number, announce: () => void, end: () => void): void {
    this.cancel();
    this.#timers = [
      setTimeout(announce, Math.max(0, leftMs - noticeMs)),
      setTimeout(end, Math.max(0, leftMs)),
    ];
  }

  cancel(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }
}
