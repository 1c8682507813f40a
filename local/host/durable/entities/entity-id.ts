/** An entity: the name of its function and a key. Names are compared without case, keys with it. */
export interface EntityId {
  readonly name: string;
  readonly key: string;
}

/**
 * The id under which an entity is stored and sent to: `@counter@steps`
 * (durable-functions lib/src/entities/EntityId.js, `getSchedulerIdFromEntityId`).
 */
export function toSchedulerId({ name, key }: EntityId): string {
  return `@${name.toLowerCase()}@${key}`;
}

/**
 * The entity of an id.
 * @returns undefined when it is the id of none
 */
export function fromSchedulerId(id: string): EntityId | undefined {
  const [, name, key] = /^@([^@]+)@(.*)$/s.exec(id) ?? [];
  return name === undefined || key === undefined ? undefined : { name, key };
}

/** Whether an id is an entity's: an orchestration's never begins like one. */
export function isEntityId(id: string): boolean {
  return id.startsWith('@');
}
