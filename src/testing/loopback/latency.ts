/** How long things take, in ms: as measured with a LiveKit server on the same machine. */
export const LATENCY = {
  /** Until the others hear of a participant that has joined. */
  joinMs: 50,
  /** Until the server has done what a participant asked it for. */
  signalMs: 10,
  /** Until a call, an answer or the head of a stream arrives. */
  dataMs: 3,
  /** Until a piece or the end of a stream arrives: a call that was sent later may overtake it. */
  chunkMs: 5,
  /** Until sound is heard: its encoding, its way, and what a receiver holds back. */
  soundMs: 100,
  /** Until a picture is seen. */
  pictureMs: 30,
} as const;
