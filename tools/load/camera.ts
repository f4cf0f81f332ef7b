/** The format of each room's camera. */
export const CAMERA = { width: 640, height: 360, fps: 15, text: 'ZEBRA 9035' } as const;
