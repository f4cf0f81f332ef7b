/** Secrets as they occur in an agent's environment. None of them is valid anywhere. */
export const PLANTED: Readonly<Record<string, string>> = {
  LIVEKIT_API_KEY: 'APIplanted7f3a91',
  LIVEKIT_API_SECRET: 'planted-livekit-secret-5b1d',
  OPENAI_API_KEY: 'sk-planted-openai-7c2e9a4b6d8f0a1c3e5b',
  GOOGLE_API_KEY: 'AIzaPlantedGoogleKey0123456789abcdefghi',
  SIGHTLINE_INSPECT: 'ws://127.0.0.1:9/PlantedInspectorToken012/agent',
  SOME_PASSWORD: 'planted-pass-word-93',
};

/** A ticket to a room; tickets are in no environment variable. */
const ROOM_TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLXBsYW50ZWQtMQ';

/** A key that the application passed as an option. */
export const OPTION_KEY = 'planted-option-key-44d1';

/** The parts that must not appear anywhere. */
export const SECRETS: readonly string[] = [
  ...Object.values(PLANTED).filter((value) => !value.startsWith('ws:')),
  'PlantedInspectorToken012',
  ROOM_TOKEN,
  OPTION_KEY,
];

/** An error message of a library that contains secrets. */
export const TELLTALE = [
  `connect to wss://generativelanguage.example/ws?alt=ws&key=${OPTION_KEY} failed`,
  `wss://lk.example/rtc?access_token=${ROOM_TOKEN}&auto_subscribe=1`,
  `headers {"Authorization":"Bearer ${PLANTED.OPENAI_API_KEY}","x-goog-api-key":"${OPTION_KEY}"}`,
  `https://user:${OPTION_KEY}@proxy.example ${Object.values(PLANTED).join(' ')}`,
].join('; ');

/** Puts them into this process's environment. Returns a function that removes them. */
export function plant(): () => void {
  const before = Object.fromEntries(Object.keys(PLANTED).map((name) => [name, process.env[name]]));
  Object.assign(process.env, PLANTED);
  return () => {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  };
}

/** Which of them a text contains, by name, so that a failure shows no value. */
export const found = (text: string): string[] => SECRETS.filter((secret) => text.includes(secret));
