/** Uploading to a running system, as a person's script would. */
import type { AppUnderTest, Operation } from './app-under-test.ts';
import { checkAnswer } from './check-answer.ts';
import { eventually, type RunningSystem } from './running-system.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** The body as it came. */
  readonly text: string;
  readonly body: {
    readonly id?: string;
    readonly operation?: string;
    readonly imported?: boolean;
    readonly version?: string;
    readonly targets?: readonly string[];
    readonly understood?: {
      readonly subject: string;
      readonly thumbprint: string;
      readonly chain: readonly { readonly subject: string }[];
    };
    readonly warnings?: readonly { readonly code: string }[];
    readonly code?: string;
    readonly detail?: string;
    readonly cure?: string;
    readonly errors?: readonly { readonly field: string; readonly message: string }[];
    readonly correlationId?: string;
  };
}

export type Fields = Readonly<Record<string, string | undefined>>;

/** Sends a form with a file. */
export async function uploadForm(
  system: Pick<RunningSystem, 'hostUrl' | 'headers'>,
  path: string,
  file: Uint8Array,
  fields: Fields,
  { method = 'POST', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const form = new FormData();
  form.append('file', new File([new Uint8Array(file)], 'certificate.pfx'));
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) form.append(name, value);
  }
  return await ask(system, path, { method, headers, body: form });
}

export async function ask(
  system: Pick<RunningSystem, 'hostUrl' | 'headers'>,
  path: string,
  init: RequestInit,
): Promise<Answered> {
  const { status, headers, ...response } = await send(`${system.hostUrl}/api${path}`, init);
  const { text } = response;
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const method = init.method ?? 'GET';
  await checkAnswer(system, { method, path: `/api${path}`, status, headers, body });
  // What the documentation promises; the tests look at what they name.
  return { status, headers, text, body: body ?? {} };
}

async function send(url: string, init: RequestInit) {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Waits until the operation that an answer names is over. */
export async function settle(app: AppUnderTest, answered: Answered): Promise<Operation> {
  expect(answered).toMatchObject({ status: 202 });
  const location = answered.headers.get('location') ?? '';
  return await eventually(
    async () => (await app.wire.send(`${app.system.hostUrl}${location}`)).body as Operation,
    ({ state }) => state !== 'running' && state !== 'pending',
  );
}
