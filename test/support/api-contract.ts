/** Holds answers of the running app against the document that it serves at `/api/openapi.json`. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}
interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}
interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Any address does; nothing is fetched. */
const DOCUMENT = 'https://certkeeper.test/openapi.json';

/** One answer of the API. */
export interface ApiAnswer {
  readonly method: string;
  /** With or without a query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export type ApiContract = ReturnType<typeof makeApiContract>;

/** @param document what `/api/openapi.json` answers */
export function makeApiContract(document: unknown) {
  // Whatever is not of this form is found out by the test of the document itself.
  const { paths, components } = closed(document) as Document;
  const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
  addFormats.default(ajv);
  // Words of OpenAPI that say nothing of what is valid.
  ajv.addVocabulary(['example']);
  ajv.addSchema({ $id: DOCUMENT, $defs: withAddress(components.schemas) });
  const checks = new Map<object, ValidateFunction>();

  function check(schema: object): ValidateFunction {
    const known = checks.get(schema);
    if (known !== undefined) return known;
    const made = ajv.compile(withAddress(schema) as object);
    checks.set(schema, made);
    return made;
  }

  return {
    /** Every way in which an answer is not as the document says; none = it is. */
    faultsOf(answer: ApiAnswer): readonly string[] {
      const { method, status, headers, body } = answer;
      const pathname = answer.path.split('?')[0] ?? '';
      const what = `${method} ${pathname} ${String(status)}`;
      const operation = findOperation(paths, method, pathname);
      if (operation === undefined) return [`${what}: no such operation`];
      const response = operation.responses[String(status)];
      if (response === undefined) return [`${what}: the document has no such status`];
      const type = headers.get('content-type')?.split(';')[0];
      const { content } = response;
      if (content === undefined || type === undefined) {
        return body === undefined || body === '' ? [] : [`${what}: has a body of no type`];
      }
      const schema = content[type]?.schema;
      if (schema === undefined) return [`${what}: has the type ${type}`];
      const validate = check(schema);
      if (validate(body)) return [];
      return (validate.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `${what}: ${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
      );
    },

    /** Compiles every schema of the document; throws at the first that is none. */
    compileAll(): number {
      const all = Object.values(paths)
        .flatMap((path) => Object.values(path))
        .flatMap(({ responses }) => Object.values(responses))
        .flatMap(({ content = {} }) => Object.values(content));
      for (const { schema } of all) check(schema);
      return all.length;
    },
  };
}

/**
 * Literal paths come before those with parameters, as in the host: `/certificates/x` is the
 * certificate only where nothing else has that address.
 */
function findOperation(
  paths: Document['paths'],
  method: string,
  pathname: string,
): Operation | undefined {
  const fitting = Object.entries(paths)
    .filter(([template]) => pattern(template).test(pathname))
    .sort(([a], [b]) => a.split('{').length - b.split('{').length);
  return fitting.flatMap(([, path]) => path[method.toLowerCase()] ?? [])[0];
}

function pattern(template: string): RegExp {
  const escaped = template.replaceAll('.', String.raw`\.`).replaceAll(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${escaped}$`, 'i');
}

/** References with the address under which the components are known. */
function withAddress(value: unknown): unknown {
  return mapObjects(value, (one) =>
    typeof one['$ref'] === 'string' && one['$ref'].startsWith('#/')
      ? { ...one, $ref: one['$ref'].replace('#/components/schemas/', `${DOCUMENT}#/$defs/`) }
      : one,
  );
}

/**
 * The document leaves answers open so that they may grow. Here what is answered and not described
 * is a fault: no object may hold more than its schema says.
 */
function closed(value: unknown): unknown {
  return mapObjects(value, (one) =>
    one['type'] === 'object' && 'properties' in one && !('additionalProperties' in one)
      ? { ...one, additionalProperties: false }
      : one,
  );
}

function mapObjects(
  value: unknown,
  change: (one: Record<string, unknown>) => Record<string, unknown>,
): unknown {
  if (Array.isArray(value)) return value.map((one) => mapObjects(one, change));
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.entries(value).map(([name, one]): [string, unknown] => [
    name,
    mapObjects(one, change),
  ]);
  return change(Object.fromEntries(inner));
}
