/**
 * Routes in Resource Manager's own notation, so that a route reads like the page that documents
 * it: `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/…`. Literals
 * match in any case; `{scope}` at the beginning stands for any number of segments, none included.
 */
import type { z } from 'zod';
import { AzureFault } from '../service.ts';
import type { AssignmentAttributes } from './authorization/condition.ts';
import type { AzureRequest, AzureResponse } from '../service.ts';

/** A request that found its route. */
export interface ArmCall {
  readonly request: AzureRequest;
  readonly apiVersion: string;
  /** A value out of the path; throws when the route has no such parameter. */
  param(name: string): string;
  /** Whether the caller may do something besides what the request's own route asks for. */
  may(operation: string, resourceId: string): boolean;
  /** Thrown when the caller may not write or delete this very role assignment: AzureFault 403. */
  requireAssignment(operation: string, assignment: AssignmentAttributes): void;
  /** Keeps what the caller may read; Resource Manager filters lists instead of refusing them. */
  readable<T>(items: readonly T[], idOf: (item: T) => string, type: string): T[];
}

export interface ArmRoute {
  readonly method: string;
  readonly path: string;
  /** The api-versions that the resource type answers to. */
  readonly versions: readonly string[];
  /** `filtered`: whoever asks gets what he may read; otherwise the action on the scope is required. */
  readonly access?: 'filtered';
  handle(call: ArmCall): AzureResponse | Promise<AzureResponse>;
}

/** The path parameters when the segments fit the route's path, else undefined. */
export function matchPath(
  path: string,
  segments: readonly string[],
): Record<string, string> | undefined {
  let pattern = partsOf(path);
  let actual = segments;
  const params: Record<string, string> = {};
  if (pattern[0] === '{scope}') {
    pattern = pattern.slice(1);
    const taken = actual.length - pattern.length;
    if (taken < 0) return undefined;
    params['scope'] = `/${actual.slice(0, taken).join('/')}`;
    actual = actual.slice(taken);
  }
  if (pattern.length !== actual.length) return undefined;
  for (const [index, part] of pattern.entries()) {
    const segment = actual[index] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return params;
}

const parts = new Map<string, readonly string[]>();

/** The segments of a route's path; routes are few and asked about at every request. */
function partsOf(path: string): readonly string[] {
  const known = parts.get(path);
  if (known !== undefined) return known;
  const made = path.split('/').filter((part) => part !== '');
  parts.set(path, made);
  return made;
}

/**
 * Reads the body by a schema.
 * Thrown when it does not fit: 400 `InvalidRequestContent` (Resource Manager's code for content
 * it cannot read; the wording after the colon is this simulation's).
 */
export function readBody<T>(call: ArmCall, schema: z.ZodType<T>): T {
  return readDocument(call.request.json(), schema);
}

/** Like {@link readBody} for a document that is at hand already. */
export function readDocument<T>(document: unknown, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? '' : issue.path.join('.');
  throw new AzureFault(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: ` +
      `'${where === '' ? '' : `${where}: `}${issue?.message ?? 'unreadable'}'.`,
  );
}

export function ok(body: unknown, headers: Readonly<Record<string, string>> = {}): AzureResponse {
  return { status: 200, body, headers };
}

export function created(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): AzureResponse {
  return { status: 201, body, headers };
}

export const noContent: AzureResponse = { status: 204 };
