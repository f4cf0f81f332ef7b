/** Limits of a session that are not options. Times are in ms. */
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
    // Measured on loopback: the first good frame comes 50 to 150 ms after the video is resumed.
    leadMs: { longest: 500, shortest: 150 },
    wakeTimeoutMs: 2000,
    // A stream that is opened again shows its first frame within two of its frame intervals.
    rest: { shortestMs: 500, longestMs: 2000, leadMs: 150, maxFrameGapMs: 75 },
  },
  motion: { firstIntervalMs: 500, forgetAfterMs: 10_000 },
  link: { blindAfterMs: 10_000, reviveTimeoutMs: 5000, maxRevivals: 3 },
  // `provenMs`: a connection that lasted this long resets the count of failures.
  reconnect: { retryMaxMs: 8000, provenMs: 10_000 },
  // Longer than an answer may wait before it is spoken.
  turn: { commitTimeoutMs: 60_000 },
  // `provenMs` is longer than an avatar that fails at once lives; `finishTimeoutMs` is longer than
  // most answers.
  avatar: { finishTimeoutMs: 30_000, stopTimeoutMs: 5000, retryMaxMs: 30_000, provenMs: 10_000 },
};
