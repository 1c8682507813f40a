import type { EntityContext } from 'durable-functions';

/**
 * An entity's handler that may return a promise: the library waits for it (lib/src/entities/Entity.js),
 * although its own type says that a handler returns nothing.
 */
export type Handler<State> = (context: EntityContext<State>) => unknown;
