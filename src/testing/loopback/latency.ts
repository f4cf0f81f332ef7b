/** Latencies in ms, as measured with a LiveKit server on the same machine. */
export const LATENCY = {
  /** Until the other participants are notified of a join. */
  joinMs: 50,
  /** Until the server has handled a request of a participant. */
  signalMs: 10,
  /** Until a call, an answer or the head of a stream arrives. */
  dataMs: 3,
  /** Until a chunk or the end of a stream arrives. A call that was sent later may overtake it. */
  chunkMs: 5,
  /** Until sound is heard: encoding, transport and the receiver's buffer. */
  soundMs: 100,
  /** Until a picture is seen. */
  pictureMs: 30,
} as const;
