/** The limits of a session that no option sets. Times are in ms. */
export const SESSION_LIMITS = {
  discovery: { subscribeGraceMs: 300, subscribeTimeoutMs: 5000 },
  replacement: {
    openTimeoutMs: 5000,
    closeTimeoutMs: 2000,
    retryBaseMs: 250,
    retryMaxMs: 4000,
    maxAttempts: 6,
  },
  pause: {
    minIntervalMs: 2000,
    // The first good frame came 50 to 150 ms after the switch-on, on loopback.
    leadMs: { longest: 500, shortest: 150 },
    wakeTimeoutMs: 2000,
  },
  motion: { firstIntervalMs: 500, forgetAfterMs: 10_000 },
  link: { blindAfterMs: 10_000, reviveTimeoutMs: 5000, maxRevivals: 3 },
  // `provenMs`: a connection that lasted this long makes up for the failures before it.
  reconnect: { retryMaxMs: 8000, provenMs: 10_000 },
  // Longer than any answer that waits for its turn to speak.
  turn: { commitTimeoutMs: 60_000 },
  // `provenMs` is longer than it takes an avatar that fails at once, and `finishTimeoutMs` than most
  // answers.
  avatar: { finishTimeoutMs: 30_000, stopTimeoutMs: 5000, retryMaxMs: 30_000, provenMs: 10_000 },
};
