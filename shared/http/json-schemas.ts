import * as z from 'zod';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** Turns schemas into JSON Schema for one document, and gathers those that have an id. */
export interface JsonSchemas {
  /** @param io whether the schema describes what is sent to the app or what it answers */
  readonly of: (schema: z.ZodType, io: 'input' | 'output') => JsonObject;
  /** By id, in the order of the alphabet. */
  readonly named: () => JsonObject;
}

/**
 * Of an answer, names that are not listed are left open: a client must take an answer that has
 * grown. Of a request they are refused, and the schema says so.
 *
 * Thrown by `of` when two schemas of different form have the same id: Error.
 */
export function makeJsonSchemas(): JsonSchemas {
  const named = new Map<string, JsonObject>();
  return {
    of: (schema, io) => {
      // JSON throughout: zod's own type for it is wider than what it answers.
      const made = tidy(z.toJSONSchema(schema, { io }) as unknown as JsonObject, io) as JsonObject;
      const { $schema: _, $defs: definitions = {}, ...own } = made;
      for (const [id, definition] of Object.entries(definitions as JsonObject)) {
        const known = named.get(id);
        if (known !== undefined && JSON.stringify(known) !== JSON.stringify(definition)) {
          throw new Error(`Two schemas have the id ${id}`);
        }
        named.set(id, definition as JsonObject);
      }
      return own;
    },
    named: () => Object.fromEntries([...named].sort(([a], [b]) => a.localeCompare(b))),
  };
}

/** What zod writes and OpenAPI reads otherwise, or nobody needs. */
function tidy(value: Json, io: 'input' | 'output'): Json {
  if (Array.isArray(value)) return value.map((one: Json) => tidy(one, io));
  if (typeof value !== 'object' || value === null) return value;
  const tidied: Record<string, Json> = {};
  for (const [name, one] of Object.entries(value as JsonObject)) {
    // In OpenAPI it says that a request must not send it; zod means that code must not change it.
    if (name === 'readOnly') continue;
    if (name === 'additionalProperties' && one === false && io === 'output') continue;
    if ((name === 'minimum' || name === 'maximum') && isBoundOfNumbers(one)) continue;
    tidied[name] =
      name === '$ref' && typeof one === 'string'
        ? one.replace('#/$defs/', '#/components/schemas/')
        : tidy(one, io);
  }
  return tidied;
}

function isBoundOfNumbers(value: Json): boolean {
  return typeof value === 'number' && Math.abs(value) === Number.MAX_SAFE_INTEGER;
}
