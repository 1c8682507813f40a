import * as z from 'zod';
import { NO_VAULT } from '../domain/source.ts';

/** A vault or service under care: its ARM id and its name, lower case. */
export interface CaredFor {
  readonly id: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

const RESOURCE_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i;

/** A comma-separated list of resource ids of one type, each name once. */
export function resourceIds(type: string) {
  const missing = `is missing: a comma-separated list of resource ids of ${type}`;
  return z.string({ error: missing }).transform((text, context): readonly CaredFor[] => {
    const parts = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (parts.length === 0) context.addIssue(missing);
    const found: CaredFor[] = [];
    for (const [index, part] of parts.entries()) {
      const where = `entry ${String(index + 1)}`;
      const one = toCaredFor(part, type, found.at(-1));
      if (one === undefined) {
        context.addIssue(`${where} is no resource id of ${type}, nor a name after one`);
      } else if (one.name === NO_VAULT) {
        context.addIssue(`${where} is named ${NO_VAULT}, which stands for no vault at all`);
      } else if (found.some(({ name }) => name === one.name)) {
        context.addIssue(`${where} has the same name as an earlier one`);
      } else {
        found.push(one);
      }
    }
    return found;
  });
}

/** A name alone stands beside the resource before it: a large fleet fits into one setting. */
function toCaredFor(
  text: string,
  type: string,
  before: CaredFor | undefined,
): CaredFor | undefined {
  if (!text.includes('/')) {
    if (before === undefined || !/^[a-z][a-z0-9-]*$/i.test(text)) return undefined;
    const id = `${before.id.slice(0, before.id.lastIndexOf('/'))}/${text}`;
    return { ...before, id, name: text.toLowerCase() };
  }
  const [, subscriptionId, resourceGroup, kind, name] = RESOURCE_ID.exec(text) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) {
    return undefined;
  }
  if (kind?.toLowerCase() !== type.toLowerCase()) return undefined;
  return { id: text, subscriptionId, resourceGroup, name: name.toLowerCase() };
}
