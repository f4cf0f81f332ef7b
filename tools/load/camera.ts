/** What each room's camera sends. */
export const CAMERA = { width: 640, height: 360, fps: 15, text: 'ZEBRA 9035' } as const;
