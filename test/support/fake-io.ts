import type { Io, Sink } from '../../cli/io.ts';

export interface FakeIo extends Io {
  readonly written: { stdout: string; stderr: string };
  /** What was asked for over HTTP, in order. */
  readonly asked: { readonly url: string; readonly init: RequestInit }[];
  /** How long it was waited for, in milliseconds, in order. */
  readonly waits: number[];
}

/** The world of the command line in memory; time passes by waiting only. */
export function makeFakeIo(
  some: {
    readonly env?: Io['env'];
    readonly terminal?: boolean;
    readonly columns?: number;
    readonly typed?: string;
    readonly stdin?: string;
    readonly answer?: (url: string, init: RequestInit) => Response | Promise<Response>;
  } = {},
): FakeIo {
  const { terminal = false } = some;
  const written = { stdout: '', stderr: '' };
  const asked: FakeIo['asked'] = [];
  const waits: number[] = [];
  let now = Date.UTC(2026, 10, 21, 10);
  const sink = (name: 'stdout' | 'stderr'): Sink => ({
    isTerminal: terminal,
    columns: terminal ? (some.columns ?? 80) : undefined,
    write: (text) => {
      written[name] += text;
    },
  });
  return {
    written,
    asked,
    waits,
    env: some.env ?? {},
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    stdin: {
      isTerminal: terminal,
      read: async () => some.stdin ?? '',
      ask: async (question) => {
        written.stderr += question;
        if (some.typed === undefined) throw new Error('there is nobody to ask');
        return some.typed;
      },
    },
    fetch: async (input, init = {}) => {
      // The client asks by text alone.
      const url = input as string;
      asked.push({ url, init });
      if (some.answer === undefined) throw new Error('there is nothing to ask');
      return await some.answer(url, init);
    },
    now: () => now,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  };
}

/** An answer as Certkeeper gives it. */
export function jsonAnswer(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': type, ...headers },
  });
}

/** What the app answers, by method and path, e.g. `GET /api/audits?limit=1`. */
export type Answers = Readonly<Record<string, (init: RequestInit) => Response>>;

/** One in which the app answers by method and path; what is not foreseen fails the test. */
export function makeFakeApi(
  answers: Answers,
  some: Omit<NonNullable<Parameters<typeof makeFakeIo>[0]>, 'answer'> = {},
): FakeIo {
  return makeFakeIo({
    ...some,
    answer: (url, init) => {
      const { pathname, search } = new URL(url);
      const call = `${init.method ?? 'GET'} ${pathname}${search}`;
      const answer = answers[call];
      if (answer === undefined) throw new Error(`nobody expected ${call}`);
      return answer(init);
    },
  });
}
