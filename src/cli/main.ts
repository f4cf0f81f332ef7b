#!/usr/bin/env node
import { inspect } from './inspect.ts';

const COMMANDS: Readonly<Record<string, (args: string[]) => Promise<void>>> = { inspect };

const USAGE = `npx sightline COMMAND
  inspect          shows the agents of this machine live, or replays a recording
  COMMAND --help   the options of a command`;

const [name = '--help', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
try {
  if (command) await command(args);
  else if (name === '--help') console.log(USAGE);
  else throw new Error(`"${name}" is not a command\n${USAGE}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
