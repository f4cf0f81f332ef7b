import { TestingError } from '../errors.ts';
import type { StepKind, Story } from './steps.ts';

/**
 * Steps that only a loopback room can play, with the reason. There is no step for a restart of the
 * server: rtc-node's engine may panic then, which ends the process with all rooms in it. Tests in
 * processes of their own restart servers: `test/faults/server-restart.server.test.ts`.
 */
const LOOPBACK_ONLY: { readonly [K in StepKind]?: string } = {
  avatarDies: 'the avatar is in this process, and a server notices only the death of a process',
};

/** @throws TestingError for the first step that a server cannot play. */
export function checkSteps(story: Story): void {
  for (const [index, step] of story.entries()) {
    const reason = LOOPBACK_ONLY[step.do];
    if (reason === undefined) continue;
    const remedy = 'leave the step or the option `server` out';
    throw new TestingError('story', `steps[${index}] ${step.do} on a server: ${reason}`, remedy);
  }
}

/** The steps that a server can play. They may need steps that are gone: `possibleStory`. */
export const serverSteps = (story: Story): Story =>
  story.filter((step) => LOOPBACK_ONLY[step.do] === undefined);
