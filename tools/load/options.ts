import { parseArgs } from 'node:util';

export interface LoadOptions {
  rooms: number;
  /** Length of the measurement, after each room has an agent. */
  seconds: number;
  workers: number;
  /** `reader`: a question's picture is read. `realtime`: frames stream to a model's service. */
  model: 'reader' | 'realtime';
  /** The file for the figures. */
  json: string | undefined;
}

export const USAGE = `npm run load -- [options]
  --rooms N          rooms with a camera each, from 1 to 100 (default 2)
  --seconds S        measured time, from 5 to 3600 (default 30)
  --workers N        workers that share them, from 1 to 10 (default 2)
  --model NAME       reader: each question gets a picture, which is read (default);
                     realtime: frames stream to a model's service on this machine
  --json FILE        write the figures
  --help             this text`;

/** @throws Error with a readable message. */
export function loadOptions(args: readonly string[]): LoadOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rooms: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '30' },
      workers: { type: 'string', default: '2' },
      model: { type: 'string', default: 'reader' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const { model } = values;
  if (model !== 'reader' && model !== 'realtime')
    throw new Error(`--model ${model}: use reader or realtime`);
  return {
    rooms: whole('--rooms', values.rooms, 1, 100),
    seconds: whole('--seconds', values.seconds, 5, 3600),
    workers: whole('--workers', values.workers, 1, 10),
    model,
    json: values.json,
  };
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`${option} ${text}: give a whole number from ${least} to ${most}`);
  return value;
}
