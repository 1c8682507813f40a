import type { HttpRequest } from '@azure/functions';
import { RequestError } from '../../../shared/http/request-error.ts';
import { oneText, readForm, type ReadForm } from '../../../shared/http/read-form.ts';

/** A form with the largest file in base64, and room for the other fields. */
export const LARGEST_BODY = 512 * 1024;
/** Key Vault: up to 15 tags, names and values up to 256 characters ("About keys, secrets and certificates"). */
const MOST_TAGS = 15;
const LONGEST_TAG = 256;
export const MOST_TARGETS = 50;

/** What somebody uploads. The file and the password live no longer than the invocation. */
export interface UploadForm {
  readonly file: Uint8Array;
  readonly password: string | undefined;
  readonly vault: string | undefined;
  readonly name: string | undefined;
  /** Paths, as they were written. */
  readonly targets: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Recover the certificate first if its name is held by a deleted one. */
  readonly recover: boolean;
  /** Replace what is at the targets, whoever put it there. */
  readonly takeOver: boolean;
  /** `none` = to the targets alone, where it will not rotate. */
  readonly store: 'vault' | 'none';
}

const FIELDS = [
  ...['file', 'password', 'vault', 'name', 'targets', 'tags'],
  ...['recover', 'takeOver', 'store'],
];

/**
 * Reads an upload: a multipart form or JSON with the same names.
 *
 * Thrown: RequestError, which names the fields; or what {@link readForm} throws.
 */
export async function readUploadForm(request: HttpRequest): Promise<UploadForm> {
  const form = await readForm(request, LARGEST_BODY);
  refuseUnknown(form, FIELDS);
  return {
    file: readFile(form, 'the .pfx, .p12 or .pem file'),
    password: oneText(form, 'password'),
    vault: oneText(form, 'vault'),
    name: oneText(form, 'name'),
    targets: readTargets(form),
    tags: readTags(form),
    recover: readFlag(form, 'recover'),
    takeOver: readFlag(form, 'takeOver'),
    store: readStore(form),
  };
}

/** Thrown when a form has a field of another name: RequestError. */
export function refuseUnknown(form: ReadForm, fields: readonly string[]): void {
  const unknown = [...form.fields.keys(), ...form.files.keys()].filter(
    (one) => !fields.includes(one),
  );
  if (unknown.length === 0) return;
  throw new RequestError(
    unknown.slice(0, 10).map((field) => ({
      field: field.slice(0, 60),
      message: `is not known; there are ${fields.join(', ')}`,
    })),
  );
}

/**
 * The field `file`: a file of the form, or a text in base64.
 * @param what completes "must be given: …"
 */
export function readFile(form: ReadForm, what: string): Uint8Array {
  const files = form.files.get('file') ?? [];
  if (files.length > 1) throw fault('file', 'must be given once');
  if (files[0] !== undefined) return notEmpty(files[0]);
  const text = oneText(form, 'file');
  if (text === undefined) throw fault('file', `must be given: ${what}`);
  const compact = text.replaceAll(/\s/g, '');
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length % 4 === 0) {
    return notEmpty(Buffer.from(compact, 'base64'));
  }
  throw fault('file', 'must be sent as a file of the form, or as a text in base64');
}

function notEmpty(file: Uint8Array): Uint8Array {
  if (file.byteLength === 0) throw fault('file', 'is empty');
  return file;
}

/** In a form: several fields, or one with commas. */
export function readTargets(form: ReadForm): readonly string[] {
  const given = (form.fields.get('targets') ?? []).flat();
  if (!given.every((one) => typeof one === 'string')) {
    throw fault('targets', 'must be paths of targets, e.g. contoso-gw');
  }
  return splitPaths(given);
}

/** Paths that are separated by commas, each once. */
export function splitPaths(texts: readonly string[]): readonly string[] {
  const paths = texts
    .flatMap((text) => text.split(','))
    .map((path) => path.trim())
    .filter((path) => path !== '');
  if (paths.length > MOST_TARGETS) {
    throw fault('targets', `must not be more than ${String(MOST_TARGETS)}`);
  }
  return [...new Set(paths)];
}

/** An object; in a form also as JSON, or as `name=value` in several fields or with commas. */
function readTags(form: ReadForm): Readonly<Record<string, string>> {
  const given = form.fields.get('tags') ?? [];
  const entries = given.flatMap((one): [string, unknown][] => {
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) return Object.entries(one);
    if (typeof one !== 'string') throw fault('tags', 'must be an object of texts');
    return one.trim().startsWith('{') ? readJsonTags(one) : readPairs(one);
  });
  const tags: Record<string, string> = {};
  for (const [name, value] of entries) {
    const wrong = faultOfTag(name, value);
    if (wrong !== undefined || typeof value !== 'string') {
      throw fault(`tags.${name.slice(0, 60)}`, wrong ?? 'must be a text');
    }
    Object.defineProperty(tags, name, { value, enumerable: true });
  }
  if (Object.keys(tags).length > MOST_TAGS) {
    throw fault('tags', `must not be more than ${String(MOST_TAGS)}`);
  }
  return tags;
}

function readJsonTags(text: string): [string, unknown][] {
  try {
    // An object, since it begins with a brace.
    return Object.entries(JSON.parse(text) as object);
  } catch {
    throw fault('tags', 'is no JSON');
  }
}

function readPairs(text: string): [string, unknown][] {
  return text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw fault('tags', 'must be written name=value, or as a JSON object');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    });
}

function faultOfTag(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be a text';
  if (name === '' || name.length > LONGEST_TAG || value.length > LONGEST_TAG) {
    return `must have a name and a value of up to ${String(LONGEST_TAG)} characters`;
  }
  if (name.trim().toLowerCase().startsWith('certkeeper')) {
    return "is Certkeeper's own; name the places in targets instead";
  }
  return undefined;
}

/** A field that is true or false; left out it is false. */
export function readFlag(form: ReadForm, field: string): boolean {
  const [value] = form.fields.get(field) ?? [];
  if (value === undefined || value === false || value === 'false' || value === '') return false;
  if (value === true || value === 'true') return true;
  throw fault(field, 'must be true or false');
}

function readStore(form: ReadForm): 'vault' | 'none' {
  const store = oneText(form, 'store') ?? 'vault';
  if (store === 'vault' || store === 'none') return store;
  throw fault('store', 'must be vault or none');
}

function fault(field: string, message: string): RequestError {
  return new RequestError([{ field, message }]);
}
