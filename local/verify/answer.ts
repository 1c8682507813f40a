/** What Azure answered, and reading it without trusting its form. */
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { NotAsked } from './question.ts';

export interface Answer {
  readonly status: number;
  /** Whether it is an error, or the end of an operation that failed. */
  readonly failed: boolean;
  /** Error code in Azure's words; empty for a success. */
  readonly code: string;
  /** Error message; empty for a success. */
  readonly message: string;
  /** Header by name. */
  header(name: string): string | undefined;
  /** The body, read with a path of names and indexes; undefined where there is nothing. */
  at(...path: readonly (string | number)[]): unknown;
  /** The same, where a text is expected; empty where there is none. */
  text(...path: readonly (string | number)[]): string;
}

export function toAnswer({ status, headers, bodyAsText }: PipelineResponse): Answer {
  const body = parse(bodyAsText ?? '');
  const at = (...path: readonly (string | number)[]): unknown => path.reduce(step, body);
  const text = (...path: readonly (string | number)[]): string => {
    const value = at(...path);
    return typeof value === 'string' ? value : '';
  };
  // An operation that failed is told with 200.
  const failed = status >= 400 || /^(failed|canceled)$/i.test(text('status'));
  return {
    ...{ status, failed, at, text },
    // Entra's token endpoint has the code itself in `error`.
    code: failed ? text('error', 'code') || text('error') : '',
    message: failed ? messageOf(text, bodyAsText ?? '') : '',
    header: (name) => headers.get(name),
  };
}

/** `200`, or `400 ValidationError`. */
export function briefly({ status, code }: Answer): string {
  return code === '' ? String(status) : `${status} ${code}`;
}

export function isSuccess({ status, failed }: Answer): boolean {
  return status >= 200 && status < 300 && !failed;
}

/** Refusals that are for who asks, or for the subscription, and not for what was asked. */
const NOT_ABOUT_THE_QUESTION =
  /^(?:Linked)?Authorization|^RequestDisallowedByPolicy$|^MissingSubscriptionRegistration$|^ScopeLocked$/i;

/**
 * Whether Azure took a request: `accept`, `refuse`, or the answer itself where Azure broke.
 * Thrown when the answer says nothing about the question, such as that the caller may not: NotAsked.
 */
export function acceptOrRefuse(answer: Answer): string {
  if (isSuccess(answer)) return 'accept';
  const { status, code, message } = answer;
  if ([401, 429].includes(status) || NOT_ABOUT_THE_QUESTION.test(code)) {
    throw new NotAsked(`Azure answered ${briefly(answer)} instead: ${message}`);
  }
  return answer.failed && status < 500 ? 'refuse' : briefly(answer);
}

/** The same of a request that was not taken, with a word of its own for a refusal. Thrown as there. */
export function orRefused(answer: Answer, refused: string): string {
  const verdict = acceptOrRefuse(answer);
  return verdict === 'refuse' ? refused : verdict;
}

/** One answer for two ways of asking: theirs where they agree, else both. */
export function inBothWays(first: readonly [string, string], second: readonly [string, string]) {
  return first[1] === second[1] ? first[1] : `${first[0]}: ${first[1]}, ${second[0]}: ${second[1]}`;
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined; // not JSON, such as the classic API's XML; its text is the message
  }
}

function step(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** With its first detail: "one or more fields are wrong" says little alone. */
function messageOf(text: Answer['text'], body: string): string {
  const message = text('error', 'message') || text('error_description') || plain(body);
  return `${message} ${text('error', 'details', 0, 'message')}`.trim();
}

/** Error pages are HTML or XML; their words are enough. */
function plain(text: string): string {
  return text
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
