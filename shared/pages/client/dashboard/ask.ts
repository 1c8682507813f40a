/** Asks the app, always with what shows who asks. */
import { keyHeaders } from './key.ts';

interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A form, or what is sent as JSON. */
  readonly body?: FormData | object;
  /** Hears how much of the body has gone out, from 0 to 1. */
  readonly onSent?: (share: number) => void;
}

export interface Answer {
  readonly status: number;
  readonly etag: string | undefined;
  /** Undefined where it was none. */
  readonly json: unknown;
  /** Only of {@link askPage}. */
  readonly page: Document | undefined;
}

/** Thrown when no answer comes at all. */
export class Unreachable extends Error {}

/** Longer than anything takes that is answered at once; what takes longer is an operation. */
const PATIENCE_MS = 60_000;

export function ask(asked: Asked): Promise<Answer> {
  return send(asked, 'text');
}

/** Asks for a page and reads it as one: the browser parses it, and nothing in it runs. */
export function askPage(asked: Asked): Promise<Answer> {
  return send(asked, 'document');
}

/** `fetch` tells nothing of how much was sent, and gives text where a page is wanted. */
function send(asked: Asked, type: 'text' | 'document'): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body, onSent } = asked;
  const request = new XMLHttpRequest();
  request.open(method, path);
  request.responseType = type;
  request.timeout = PATIENCE_MS;
  const json = body !== undefined && !(body instanceof FormData);
  const all = {
    accept: type === 'document' ? 'text/html' : 'application/json',
    ...keyHeaders(),
    ...(json ? { 'content-type': 'application/json' } : {}),
    ...headers,
  };
  for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
  if (onSent !== undefined) {
    request.upload.addEventListener('progress', ({ loaded, total }) => onSent(loaded / total));
  }
  return new Promise((resolve, reject) => {
    request.addEventListener('load', () => resolve(read(request, type)));
    for (const end of ['error', 'timeout', 'abort'] as const) {
      request.addEventListener(end, () => reject(new Unreachable()));
    }
    request.send(json ? JSON.stringify(body) : body);
  });
}

function read(request: XMLHttpRequest, type: 'text' | 'document'): Answer {
  const { status } = request;
  const etag = request.getResponseHeader('etag') ?? undefined;
  if (type === 'text') return { status, etag, json: parse(request.responseText), page: undefined };
  // Of an answer without a body Chromium makes a page that complains, in colours that are forbidden.
  const page = status === 200 ? (request.responseXML ?? undefined) : undefined;
  return { status, etag, json: undefined, page };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
