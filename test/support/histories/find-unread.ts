import { readdirSync } from 'node:fs';
import path from 'node:path';
import type * as z from 'zod';
import { eventType } from '../../../local/host/durable/history.ts';
import { settledSchema, type Contract } from '../../../shared/contracts/contract.ts';
import { isContract } from '../../orchestrations/app/contract-activities.ts';
import type { RecordedHistory } from './recorded-history.ts';

/** Every contract of the app by its activity's name. */
export async function readContracts(): Promise<ReadonlyMap<string, Contract<unknown, unknown>>> {
  const folder = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'contracts');
  const modules = await Promise.all(
    readdirSync(folder).map((file) => import(path.join(folder, file)) as Promise<object>),
  );
  const contracts = modules.flatMap((module) => Object.values(module).filter(isContract));
  return new Map(contracts.map((contract) => [contract.name, contract]));
}

/**
 * What crosses from one release to the next as data: activities that the earlier one had asked for may
 * still be in the queue, and it is the new one that runs them; what activities answered is read again
 * at every replay.
 * @returns a sentence for each input and answer that the present code does not read
 */
export function findUnread(
  { events }: RecordedHistory,
  contracts: ReadonlyMap<string, Contract<unknown, unknown>>,
): readonly string[] {
  const asked = new Map<number, string>();
  return events.flatMap((event) => {
    if (event.EventType === eventType.taskScheduled) {
      asked.set(event.EventId, event.Name);
      const contract = contracts.get(event.Name);
      if (contract === undefined) return [`${step(event.EventId, event.Name)} is gone`];
      const [input] = JSON.parse(event.Input) as readonly unknown[];
      const at = `${step(event.EventId, event.Name)} does not read its input`;
      return complain(at, contract.input.safeParse(input));
    }
    if (event.EventType === eventType.taskCompleted) {
      const name = asked.get(event.TaskScheduledId) ?? '';
      const contract = contracts.get(name);
      if (contract === undefined) return [];
      const answer: unknown = JSON.parse(event.Result);
      const at = `${step(event.TaskScheduledId, name)} gave an answer that is not read`;
      return complain(at, settledSchema(contract.output).safeParse(answer));
    }
    return [];
  });
}

function step(id: number, activity: string): string {
  return `step ${String(id)}, the activity '${activity}',`;
}

function complain(what: string, { error }: z.ZodSafeParseResult<unknown>): readonly string[] {
  const [issue] = error?.issues ?? [];
  return issue === undefined ? [] : [`${what}: ${issue.path.join('.')} ${issue.message}`];
}
