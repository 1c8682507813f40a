import type { Answer } from '../../shared/durable/call.ts';
import type { Problem } from '../../shared/domain/errors.ts';

/** Looks that run side by side: enough to be quick, few enough to leave room for rotations. */
const SIDE_BY_SIDE = 8;

/** Names or places, as many at a time as are looked at side by side. */
export function chunk<One>(all: readonly One[]): One[][] {
  const chunks: One[][] = [];
  for (let at = 0; at < all.length; at += SIDE_BY_SIDE) {
    chunks.push(all.slice(at, at + SIDE_BY_SIDE));
  }
  return chunks;
}

/** The answers that came; what kept the others from coming is added to the problems. */
export function done<Value>(answers: readonly Answer<Value>[], problems: Problem[]): Value[] {
  return answers.flatMap((answer) => {
    if (answer.kind === 'done') return [answer.value];
    problems.push(answer.problem);
    return [];
  });
}
