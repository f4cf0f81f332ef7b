interface Packet {
  /** The time of `performance.now()`, in ms. */
  readonly dueAt: number;
  arrive(): void;
}

/**
 * The packets of a room that have not arrived yet. They arrive in the order of the times at which
 * they are due. Timers alone do not keep it: after a busy moment, Node.js first fires all that have
 * one duration, so the first chunk of a stream, due after 5 ms, could arrive before its head, due
 * after 3, and be lost.
 */
export class PacketsUnderWay {
  readonly #packets = new Set<Packet>();

  send(arrive: () => void, latencyMs: number): void {
    const packet: Packet = { dueAt: performance.now() + latencyMs, arrive };
    this.#packets.add(packet);
    setTimeout(() => this.#arriveUntil(packet), latencyMs);
  }

  #arriveUntil(last: Packet): void {
    const due = [...this.#packets].filter(({ dueAt }) => dueAt <= last.dueAt);
    for (const packet of due.sort((one, other) => one.dueAt - other.dueAt))
      if (this.#packets.delete(packet)) packet.arrive();
  }
}
