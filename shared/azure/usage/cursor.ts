import * as z from 'zod';
import { positionSchema, type Position } from './position.ts';

/**
 * What a refresh is to do next: to go on with the walk after a position, to finish the round, or to
 * take away what is left of a service that is gone.
 */
export type Cursor = Position | 'finish' | 'drop';

const schema = z.tuple([z.string(), z.union([positionSchema, z.enum(['finish', 'drop'])])]);

/** @param at the round, by when it began */
export function formatCursor(at: string, cursor: Cursor): string {
  return JSON.stringify([at, cursor]);
}

/**
 * @returns undefined when it is none, or one of another round: then a round begins anew. What that
 * other round has seen says nothing of this one, which would take it for gone.
 */
export function parseCursor(at: string, text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  try {
    const [round, cursor] = schema.parse(JSON.parse(text));
    return round === at ? cursor : undefined;
  } catch {
    return undefined;
  }
}
