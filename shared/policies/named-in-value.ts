import { namedInCode } from './named-in-code.ts';
import { namedInUnclearText, thumbprintsIn, type Named } from './named-in-text.ts';
import type { PolicyValue } from './read-value.ts';

/** What a value names, whatever it is there for; places are those in the value. */
export function namedInValue(value: PolicyValue): readonly Named[] {
  if (value.kind === 'expression') return namedInCode(value.tokens);
  return isUnclear(value.text) ? namedInUnclearText(value.text) : thumbprintsIn(value.text);
}

/** Whether there is something like an expression in what is none. */
export function isUnclear(text: string): boolean {
  return /@[({]/.test(text);
}
