/**
 * A route as data: what it takes, what it answers, who may call it. One definition checks requests,
 * registers the function and describes it in `GET /api/openapi.json`.
 */
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import * as z from 'zod';
import type { Caller, Role } from './caller.ts';
import {
  mediaType,
  readHeaders,
  readJsonBody,
  readParams,
  readQuery,
  unsupportedType,
} from './read-input.ts';
import type { Problem, ProblemCode } from '../domain/errors.ts';

/** One of a route's good answers. */
export interface AnswerDescription {
  /** A sentence. */
  readonly description: string;
  /** Of the JSON body; left out = there is none. */
  readonly schema?: z.ZodType;
  /** Other types that the same answer can be had in, as text, e.g. `text/csv`. */
  readonly contentTypes?: readonly string[];
  /** Headers of its own and what each says. */
  readonly headers?: Readonly<Record<string, string>>;
}

type AnswerTable = Readonly<Record<number, AnswerDescription>>;
type ObjectSchema = z.ZodObject;
/** Of a part that a route does not have. */
const NOTHING = z.object({});
type Nothing = typeof NOTHING;

/** What everybody may know of a route. */
export interface RouteDescription {
  /** Name of the function and `operationId`; never renamed once released. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/`, e.g. `certificates/{vault}/{name}/sync`. */
  readonly path: string;
  readonly role: Role;
  /** What it does, in a few words. */
  readonly summary: string;
  /** More about it, for who has read the summary. */
  readonly description?: string;
  readonly params?: ObjectSchema;
  /** Values are texts: coerce. Names that are not in it are refused. */
  readonly query?: ObjectSchema;
  /** Names in lower case. */
  readonly headers?: ObjectSchema;
  /** A JSON body, read and checked before `handle`. */
  readonly body?: ObjectSchema;
  /** Bodies that `handle` reads by itself, by content type; another type is refused. */
  readonly bodies?: Readonly<Record<string, z.ZodType>>;
  readonly answers: AnswerTable;
  /** What it can refuse, besides what every route can ({@link file://./openapi.ts}). */
  readonly problems: readonly ProblemCode[];
  /** It needs no key: what it answers is the same for everybody, and tells nothing. */
  readonly open?: true;
  /** What a browser is shown in place of problem details, for a route that people open in one. */
  readonly refusalPage?: (problem: Problem, how: { readonly passes: boolean }) => Page;
}

/** A page, with the headers that go with it. */
export interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One call of a route, by a caller who has the role. */
export interface RouteCall {
  readonly request: HttpRequest;
  readonly caller: Caller;
  readonly client: DurableClient;
  readonly context: InvocationContext;
}

/** A route ready to be registered. */
export interface Route extends RouteDescription {
  /**
   * Reads the request and handles it.
   * Thrown: RequestError, TerminalError, TransientError.
   */
  readonly respond: (call: RouteCall) => Promise<HttpResponseInit>;
}

type Definition<
  Params extends ObjectSchema,
  Query extends ObjectSchema,
  Head extends ObjectSchema,
  Body extends ObjectSchema,
  Answers extends AnswerTable,
  Answer,
> = Omit<RouteDescription, 'params' | 'query' | 'headers' | 'body' | 'answers'> & {
  readonly params?: Params;
  readonly query?: Query;
  readonly headers?: Head;
  readonly body?: Body;
  readonly answers: Answers;
  readonly handle: (
    call: RouteCall & {
      readonly params: z.output<Params>;
      readonly query: z.output<Query>;
      readonly headers: z.output<Head>;
      readonly body: z.output<Body>;
    },
  ) => Promise<Answer> | Answer;
};

/** What `handle` may answer: a status of the table with the body that its schema says. */
type AnswerOf<Answers extends AnswerTable> = {
  [Status in keyof Answers & number]: {
    readonly status: Status;
    readonly headers?: Readonly<Record<string, string>>;
  } & BodyOf<Answers[Status]>;
}[keyof Answers & number];

type BodyOf<Answer extends AnswerDescription> = Answer extends { schema: z.ZodType<infer Body> }
  ? | { readonly jsonBody: Lasting<Body>; readonly body?: never }
    /** In another of its content types. */
    | { readonly body: string | Uint8Array; readonly jsonBody?: never }
  : Answer extends { contentTypes: readonly string[] }
    ? { readonly body: string | Uint8Array; readonly jsonBody?: never }
    : { readonly jsonBody?: never; readonly body?: never };

/** What a schema infers, read-only throughout, as the domain's own types are. */
type Lasting<Value> = Value extends readonly (infer Item)[]
  ? readonly Lasting<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Lasting<Value[Key]> }
    : Value;

/** Makes a route of its definition. */
export function defineRoute<
  const Answers extends AnswerTable,
  Params extends ObjectSchema = Nothing,
  Query extends ObjectSchema = Nothing,
  Head extends ObjectSchema = Nothing,
  Body extends ObjectSchema = Nothing,
  const Answer extends AnswerOf<Answers> = AnswerOf<Answers>,
>(definition: Definition<Params, Query, Head, Body, Answers, Answer>): Route {
  const { handle, ...description } = definition;
  const { params, query, headers, body, bodies } = definition;
  return {
    // Every optional part is either left out or a schema, as in the definition.
    ...(description as RouteDescription),
    respond: async (call) => {
      const { request } = call;
      const sent = mediaType(request);
      if (bodies !== undefined && (sent === undefined || !Object.hasOwn(bodies, sent))) {
        throw unsupportedType(Object.keys(bodies));
      }
      const input = {
        params: readParams(params ?? NOTHING, request.params),
        query: readQuery(query ?? NOTHING, request.query),
        headers: readHeaders(headers ?? NOTHING, request.headers),
        body: body === undefined ? {} : await readJsonBody(body, request),
      };
      // A part without a schema is the empty object that its type's default says.
      return handle({ ...call, ...input } as unknown as Parameters<typeof handle>[0]);
    },
  };
}
