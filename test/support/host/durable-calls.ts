/** What a client of a durable app does: start an orchestration over HTTP and ask until it has ended. */

/** The fields of a status that tests look at; `output` is whatever the orchestrator returned. */
export interface EndedStatus {
  readonly runtimeStatus: string;
  readonly output: unknown;
}

export function post(url: string, body?: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
}

/** Asks the address of a status as long as it answers 202. */
export async function finished(statusUri: string): Promise<EndedStatus> {
  for (;;) {
    const answer = await fetch(statusUri);
    const status: unknown = await answer.json();
    // docs: durable-functions-http-api#get-instance-status
    if (answer.status !== 202) return status as EndedStatus;
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Starts an orchestration through a function that answers with `createCheckStatusResponse`. */
export async function orchestrate(starterUrl: string, input?: unknown): Promise<EndedStatus> {
  const answer = await post(starterUrl, input);
  if (answer.status !== 202) {
    throw new Error(`The starter answered ${String(answer.status)}: ${await answer.text()}`);
  }
  return finished(answer.headers.get('location') ?? '');
}
