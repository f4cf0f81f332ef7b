import { describe, expect, test } from 'vitest';
import { overrideMethod } from '../../src/actors/own-method.ts';

class Greeter {
  greet(name: string): string {
    return `Hello, ${name}`;
  }
}

/** Overrides `greet` so that it adds a mark. */
const mark = (greeter: Greeter, sign: string) =>
  overrideMethod(greeter, 'greet', (greet) => (name) => greet.call(greeter, name) + sign);

describe('overrides of a method', () => {
  test('two overrides of a method leave nothing if the first one stops first', () => {
    const greeter = new Greeter();
    const stopFirst = mark(greeter, '!');
    const stopSecond = mark(greeter, '?');
    expect(greeter.greet('Ann')).toBe('Hello, Ann!?');
    stopFirst();
    expect(greeter.greet('Ann')).toBe('Hello, Ann?');
    stopSecond();
    expect(greeter.greet('Ann')).toBe('Hello, Ann');
    expect(Object.hasOwn(greeter, 'greet')).toBe(false);
  });

  test("an override on the object's own method gives that method back", () => {
    const greeter = new Greeter();
    const greet = (name: string) => `Hi, ${name}`;
    greeter.greet = greet;
    const stopFirst = mark(greeter, '!');
    const stopSecond = mark(greeter, '?');
    stopSecond();
    expect(greeter.greet('Ann')).toBe('Hi, Ann!');
    stopFirst();
    expect(greeter.greet).toBe(greet);
  });

  test('a method that the application set meanwhile stays, and calls the original again', () => {
    const greeter = new Greeter();
    const stop = mark(greeter, '!');
    const { greet } = greeter;
    const ofApplication = (name: string) => `${greet(name)} (application)`;
    greeter.greet = ofApplication;
    expect(greeter.greet('Ann')).toBe('Hello, Ann! (application)');
    stop();
    expect(greeter.greet).toBe(ofApplication);
    expect(greeter.greet('Ann')).toBe('Hello, Ann (application)');
  });
});
