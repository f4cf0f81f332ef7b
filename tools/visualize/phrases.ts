import type { ChartState, ChartTransition, Trigger } from './chart.ts';
import type { Phrase, Span } from './text.ts';

/** A transition in phrases: trigger, [guard], → target, / actions. */
export function transitionPhrases(transition: ChartTransition, target?: string): Phrase[] {
  const { trigger, guard, actions } = transition;
  const phrases: Phrase[] = [triggerWords(trigger)];
  if (guard !== undefined) phrases.push([[{ text: `[${guard}]`, tone: 'guard' }]]);
  if (target !== undefined) phrases.push([[{ text: `→ ${target}`, tone: 'target' }]]);
  if (actions.length > 0) phrases.push(actionWords(actions, '/ '));
  return phrases;
}

function triggerWords(trigger: Trigger): Phrase {
  switch (trigger.kind) {
    case 'event':
      return [[{ text: trigger.name, tone: 'event' }]];
    case 'always':
      return [[{ text: 'always', tone: 'muted' }]];
    case 'stateDone':
      return [[{ text: 'done', tone: 'event' }]];
    case 'after': {
      const name: Span[] = [{ text: `after ${trigger.delay}`, tone: 'delay' }];
      return trigger.value === undefined
        ? [name]
        : [name, [{ text: `(${trigger.value})`, tone: 'muted' }]];
    }
    case 'actor':
      return [[{ text: `${trigger.actor} ${trigger.outcome}`, tone: 'actor' }]];
  }
}

function actionWords(actions: readonly string[], lead: string): Phrase {
  return actions.map((action, index) => {
    const text = index < actions.length - 1 ? `${action},` : action;
    const word: Span[] = [{ text, tone: 'action' }];
    return index === 0 ? [{ text: lead, tone: 'muted' }, ...word] : word;
  });
}

/** The compact lines of a state: its actions, and its events without a transition. */
export function stateRows(state: ChartState, internal: readonly ChartTransition[]): Phrase[][] {
  const rows: Phrase[][] = [];
  for (const { src, id, isSpawned } of state.invokes) {
    const invoke: Span[] = [
      { text: isSpawned ? 'spawn ' : 'invoke ', tone: 'muted' },
      { text: src, tone: 'actor' },
    ];
    rows.push(id === undefined ? [[invoke]] : [[invoke], [[{ text: `as ${id}`, tone: 'muted' }]]]);
  }
  if (state.entry.length > 0) rows.push([actionWords(state.entry, 'entry / ')]);
  if (state.exit.length > 0) rows.push([actionWords(state.exit, 'exit / ')]);
  for (const transition of internal) rows.push(internalPhrases(state, transition));
  return rows;
}

function internalPhrases(state: ChartState, transition: ChartTransition): Phrase[] {
  const target = transition.targets[0];
  if (target !== undefined && target !== state.id)
    return transitionPhrases(transition, nearName(target, state.id));
  const phrases = transitionPhrases(transition);
  const note = transition.reenter ? 'reenter' : transition.actions.length === 0 ? 'ignored' : '';
  return note === '' ? phrases : [...phrases, [[{ text: `(${note})`, tone: 'muted' }]]];
}

/** The shortest name of a state, relative to another one: without the path that they share. */
export function nearName(id: string, from: string): string {
  const path = id.split('.');
  const base = from.split('.');
  let shared = 0;
  while (shared < path.length - 1 && path[shared] === base[shared]) shared++;
  return path.slice(shared).join('.');
}

/** Phrases as one string. */
export function plainText(phrases: readonly Phrase[]): string {
  return phrases
    .flat()
    .map((word) => word.map(({ text }) => text).join(''))
    .join(' ');
}
