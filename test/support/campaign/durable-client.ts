/** The durable management API, asked by somebody who does not give up when the host dies. */
import { setTimeout as wait } from 'node:timers/promises';
import type { HostAddress } from './killable-host.ts';

export interface InstanceStatus {
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
}

export interface DurableClient {
  /** `exists` may also be this start's own doing, when the host died before it could answer. */
  start(orchestrator: string, id: string, input: unknown): Promise<'started' | 'exists'>;
  /** At least once. `gone` when the instance has finished. */
  raise(id: string, name: string, data: unknown): Promise<'sent' | 'gone'>;
  control(id: string, what: 'suspend' | 'resume' | 'terminate', reason: string): Promise<void>;
  status(id: string): Promise<InstanceStatus>;
  /** Waits until it has completed, failed or been terminated. */
  ended(id: string): Promise<InstanceStatus>;
  /** Ids that have not finished. */
  unfinished(): Promise<readonly string[]>;
}

const pollMs = 100;

/** @param address waits for a host that serves; rejects when there will be none any more */
export function makeDurableClient(address: () => Promise<HostAddress>): DurableClient {
  async function ask(
    method: string,
    path: string,
    expected: readonly number[],
    body?: unknown,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    for (;;) {
      const { url, key } = await address();
      const separator = path.includes('?') ? '&' : '?';
      try {
        const response = await fetch(
          `${url}/runtime/webhooks/durabletask/${path}${separator}code=${key}`,
          {
            method,
            ...(body !== undefined && {
              body: JSON.stringify(body),
              headers: { 'content-type': 'application/json' },
            }),
          },
        );
        const text = await response.text();
        // While it starts it answers 503.
        if (response.status === 503) throw new Error('It is starting.');
        if (!expected.includes(response.status)) {
          throw new UnexpectedAnswerError(`${method} ${path}: ${response.status} ${text}`);
        }
        return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
      } catch (error) {
        if (error instanceof UnexpectedAnswerError) throw error;
        // Killed while it was asked, what it has done of it is unknown; or not ready yet.
        await wait(10);
      }
    }
  }
  const instance = (id: string) => `instances/${encodeURIComponent(id)}`;

  const client: DurableClient = {
    async start(orchestrator, id, input) {
      const path = `orchestrators/${orchestrator}/${encodeURIComponent(id)}`;
      const { status } = await ask('POST', path, [202, 409], input);
      return status === 202 ? 'started' : 'exists';
    },
    async raise(id, name, data) {
      const path = `${instance(id)}/raiseEvent/${name}`;
      const { status } = await ask('POST', path, [202, 410], data);
      return status === 202 ? 'sent' : 'gone';
    },
    async control(id, what, reason) {
      await ask('POST', `${instance(id)}/${what}?reason=${encodeURIComponent(reason)}`, [202, 410]);
    },
    async status(id) {
      const { body } = await ask('GET', `${instance(id)}?showInput=false`, [200, 202]);
      return body as InstanceStatus; // as documented for the status query
    },
    async ended(id) {
      for (;;) {
        const status = await client.status(id);
        if (!['Pending', 'Running', 'Suspended'].includes(status.runtimeStatus)) return status;
        await wait(pollMs);
      }
    },
    async unfinished() {
      const path = 'instances?runtimeStatus=Pending,Running,Suspended&top=1000&showInput=false';
      const { body } = await ask('GET', path, [200]);
      return (body as { readonly instanceId: string }[]).map(({ instanceId }) => instanceId);
    },
  };
  return client;
}

class UnexpectedAnswerError extends Error {}
