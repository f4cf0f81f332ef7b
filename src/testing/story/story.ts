import { TestingError } from '../errors.ts';
import { Situation } from './situation.ts';
import { FIELDS, fieldProblem, type Step, type StepKind, type Story } from './steps.ts';

const START: Step = { do: 'start', agent: 'pipeline' };

/**
 * Checks the steps of a story, which are operations of people, the agent, the application and the
 * network. A story without a step `start` begins with an agent of a pipeline.
 *
 * @example
 * ```ts
 * const cameraGoesOff = story([
 *   { do: 'join' },
 *   { do: 'share', what: 'camera' },
 *   { do: 'type' },
 *   { do: 'mute', what: 'camera' },
 *   { do: 'type' },
 * ]);
 * ```
 *
 * @throws TestingError that names the step and the remedy.
 */
export function story(steps: readonly Step[]): Story {
  if (!Array.isArray(steps))
    throw new TestingError('story', 'the story is not a list', 'give the steps as an array');
  const isStarted = steps.some((step) => step?.do === 'start');
  const whole = isStarted ? steps : [START, ...steps];
  const added = isStarted ? 0 : 1;
  const situation = new Situation();
  for (const [index, step] of whole.entries()) {
    const name = `steps[${index - added}] ${JSON.stringify(step)}`;
    checkFields(step, name);
    const problem = situation.problem(step);
    if (problem) throw new TestingError('story', `${name}: ${problem.what}`, problem.remedy);
    situation.apply(step);
  }
  return Object.freeze([...whole]);
}

/** The story without its impossible steps, such as after the removal of random ones. */
export function possibleStory(steps: readonly Step[]): Story {
  const situation = new Situation();
  const starts = steps.some((step) => step.do === 'start');
  const possible = (starts ? steps : [START, ...steps]).filter((step) => {
    if (situation.problem(step)) return false;
    situation.apply(step);
    return true;
  });
  return story(possible);
}

function checkFields(step: Step, name: string): void {
  const fields = FIELDS[step?.do as StepKind];
  if (!fields)
    throw new TestingError(
      'story',
      `${name}: there is no such step`,
      `its \`do\` is one of ${Object.keys(FIELDS).join(', ')}`,
    );
  for (const [field, value] of Object.entries(step)) {
    if (field === 'do') continue;
    if (field === 'wait') {
      if (value !== false && value !== undefined)
        throw new TestingError('story', `${name}: wait is ${value}`, 'give false, or leave it out');
      continue;
    }
    if (!fields[field])
      throw new TestingError(
        'story',
        `${name}: unknown field ${field}`,
        `it takes ${Object.keys(fields).join(', ') || 'none'}`,
      );
  }
  for (const [field, allowed] of Object.entries(fields)) {
    const problem = fieldProblem(allowed, Reflect.get(step, field));
    if (problem)
      throw new TestingError(
        'story',
        `${name}: ${field} is ${JSON.stringify(Reflect.get(step, field))}`,
        problem,
      );
  }
}
