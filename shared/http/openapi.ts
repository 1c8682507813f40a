/** Routes as an OpenAPI 3.1 document, made of the same schemas that check requests. */
import type * as z from 'zod';
import { ADMIT_PROBLEMS } from './admit.ts';
import { makeJsonSchemas, type Json, type JsonObject, type JsonSchemas } from './json-schemas.ts';
import { INTRODUCTION, SECURITY_SCHEMES, TAGS, VERSION } from './openapi-texts.ts';
import { mayComeBack, problemDetailsSchema, statusOf, titleOf } from './problem-response.ts';
import type { AnswerDescription, RouteDescription } from './route.ts';
import type { Auth } from '../config.ts';
import type { ProblemCode } from '../domain/errors.ts';

/** What a route can answer besides its own problems. */
const EVERYWHERE: readonly ProblemCode[] = [
  'INVALID_REQUEST',
  'INTERNAL_ERROR',
  'AZURE_UNAVAILABLE',
];
const OF_BODIES: readonly ProblemCode[] = ['BODY_TOO_LARGE', 'CONTENT_TYPE_UNSUPPORTED'];
const OF_CHANGES: ProblemCode = 'CROSS_SITE_REQUEST';
const OF_MANAGE: ProblemCode = 'NEEDS_IDENTITIES';

/** The document of the app as it is set up: with the security of its mode. */
export function toOpenApi(routes: readonly RouteDescription[], mode: Auth['mode']): JsonObject {
  const schemas = makeJsonSchemas();
  schemas.of(problemDetailsSchema, 'output');
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const path = (paths[`/api/${route.path}`] ??= {});
    path[route.method.toLowerCase()] = toOperation(route, mode, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Certkeeper',
      version: VERSION,
      summary: 'Keeps the certificates in Azure API Management in step with Azure Key Vault.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document came from' }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({
      name,
      description: TAGS[name] ?? name,
    })),
    paths,
    components: { schemas: schemas.named(), securitySchemes: SECURITY_SCHEMES[mode] },
  };
}

function tagOf({ path }: RouteDescription): string {
  return path.split('/')[0] ?? path;
}

function toOperation(
  route: RouteDescription,
  mode: Auth['mode'],
  schemas: JsonSchemas,
): JsonObject {
  const { name, role, summary, description = '', params, query, headers } = route;
  const takes = `Takes the app role \`${role}\`, or a greater one.`;
  const body = toRequestBody(route, schemas);
  return {
    operationId: name,
    tags: [tagOf(route)],
    summary,
    description: [description, takes].filter((part) => part !== '').join('\n\n'),
    parameters: [
      ...toParameters(params, 'path', schemas),
      ...toParameters(query, 'query', schemas),
      ...toParameters(headers, 'header', schemas),
    ],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { ...toAnswers(route, schemas), ...toProblems(problemsOf(route, mode), mode) },
    security:
      route.open === true
        ? []
        : Object.keys(SECURITY_SCHEMES[mode]).map((scheme) => ({
            [scheme]: mode === 'entra' ? [role] : [],
          })),
  };
}

function toParameters(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query' | 'header',
  schemas: JsonSchemas,
): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.of(schema, 'input');
  return Object.entries(properties as JsonObject).map(([name, value]) => {
    const { description, example, ...rest } = value as JsonObject;
    return {
      name,
      in: place,
      required: place === 'path' || (required as readonly Json[]).includes(name),
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
      schema: rest,
    };
  });
}

function toRequestBody(
  { body, bodies }: RouteDescription,
  schemas: JsonSchemas,
): JsonObject | undefined {
  const types = bodies ?? (body === undefined ? undefined : { 'application/json': body.strict() });
  if (types === undefined) return undefined;
  const content = Object.fromEntries(
    Object.entries(types).map(([type, schema]) => [type, { schema: schemas.of(schema, 'input') }]),
  );
  return { required: !body?.safeParse({}).success, content };
}

function toAnswers({ answers }: RouteDescription, schemas: JsonSchemas): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, toAnswer(answer, schemas)]),
  );
}

function toAnswer(
  { description, schema, contentTypes = [], headers = {} }: AnswerDescription,
  schemas: JsonSchemas,
): JsonObject {
  const json =
    schema === undefined ? {} : { 'application/json': { schema: schemas.of(schema, 'output') } };
  const others = contentTypes.map((type) => [type, { schema: { type: 'string' } }] as const);
  const content = { ...json, ...Object.fromEntries(others) };
  return {
    description,
    headers: toHeaders(headers),
    ...(Object.keys(content).length === 0 ? {} : { content }),
  };
}

/** Header names by what each says. */
function toHeaders(headers: Readonly<Record<string, string>>): JsonObject {
  const all = { ...headers, 'x-correlation-id': "The request's id in the app's log" };
  return Object.fromEntries(
    Object.entries(all).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]),
  );
}

/** Every code that a route can answer, each once. */
export function problemsOf(
  { method, role, body, bodies, problems }: RouteDescription,
  mode: Auth['mode'],
): readonly ProblemCode[] {
  const admit: readonly ProblemCode[] = ADMIT_PROBLEMS[mode].filter(
    (code: ProblemCode) =>
      (code !== OF_CHANGES || method !== 'GET') &&
      (code !== OF_MANAGE || role === 'Certkeeper.Manage'),
  );
  const hasBody = body !== undefined || bodies !== undefined;
  return [...new Set([...EVERYWHERE, ...admit, ...(hasBody ? OF_BODIES : []), ...problems])];
}

function toProblems(codes: readonly ProblemCode[], mode: Auth['mode']): JsonObject {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, some]) => [String(status), toProblem(status, some.sort())] as const);
  return {
    ...Object.fromEntries(responses),
    // The platform's own answer, which no code of the app has a say in.
    ...(mode === 'function-key' ? { 401: { description: 'No function key, or a wrong one' } } : {}),
  };
}

function toProblem(status: number, codes: readonly ProblemCode[]): JsonObject {
  const schema = {
    $ref: '#/components/schemas/ProblemDetails',
    properties: { status: { const: status }, code: { enum: codes } },
  };
  return {
    description: `${titleOf(status)}: ${codes.map((code) => `\`${code}\``).join(', ')}`,
    headers: toHeaders({
      ...(status === 401 ? { 'www-authenticate': 'How to sign in' } : {}),
      ...(codes.some((code) => mayComeBack(code))
        ? { 'retry-after': 'Seconds until it is worth asking again' }
        : {}),
    }),
    content: { 'application/problem+json': { schema } },
  };
}
