/**
 * Long-running operations: started by a PUT, PATCH, POST or DELETE, asked about until they are
 * done, also by another process and after a restart.
 * Source: "Track asynchronous Azure operations" (status values, headers, retry-after).
 */
import { randomUUID } from 'node:crypto';
import { AzureFault, type AzureResponse, type World } from '../service.ts';
import { ARM_ORIGIN } from './paging.ts';
import type { ArmCall } from './route.ts';

export interface Operation {
  readonly id: string;
  /** Path under which it is asked about, without query. */
  readonly path: string;
  readonly startedAt: string;
  readonly completesAt: string;
  /** Why it fails, when it does. */
  readonly failure?: OperationFailure;
}

export interface OperationFailure {
  readonly code: string;
  readonly message: string;
}

export interface LongRunning {
  /**
   * Starts an operation that is over after `seconds` of simulated time. Whoever starts it makes
   * its effect visible at that moment by looking at `completesAt`.
   * @param folder the path's beginning; the operation's id is appended.
   * @param failure makes it end as failed.
   */
  start(folder: string, seconds: number, failure?: OperationFailure): Operation;
  isOver(operation: Pick<Operation, 'completesAt'>): boolean;
  /** `Azure-AsyncOperation`, `Location` and `Retry-After` of the answer that started it. */
  headers(operation: Operation, apiVersion: string): Record<string, string>;
  /**
   * Answers a question about an operation: its state when asked through `Azure-AsyncOperation`
   * (`asyncResponse` in the query); 202 and then `result()` when asked through `Location`.
   */
  answer(call: ArmCall, operationId: string, result: () => AzureResponse): AzureResponse;
}

const COLLECTION = 'arm.operations';
const DAY_MS = 86_400_000;

export function makeLongRunning({ store, clock }: World): LongRunning {
  const isOver: LongRunning['isOver'] = ({ completesAt }) =>
    clock.now().getTime() >= Date.parse(completesAt);

  // Whole seconds, as the header is; an operation that is nearly over is asked about again soon.
  const retryAfter = ({ completesAt }: Operation): Record<string, string> => {
    const left = Math.ceil((Date.parse(completesAt) - clock.now().getTime()) / 1000);
    return { 'retry-after': String(Math.max(1, Math.min(left, 15))) };
  };

  return {
    isOver,
    start(folder, seconds, failure) {
      const now = clock.now();
      for (const { key, document } of store.list<Operation>(COLLECTION)) {
        if (now.getTime() - Date.parse(document.completesAt) > DAY_MS) {
          store.delete(COLLECTION, key);
        }
      }
      const id = randomUUID();
      const operation: Operation = {
        id,
        path: `${folder}/${id}`,
        startedAt: now.toISOString(),
        completesAt: new Date(now.getTime() + seconds * 1000).toISOString(),
        ...(failure === undefined ? {} : { failure }),
      };
      store.put(COLLECTION, id, operation);
      return operation;
    },
    headers(operation, apiVersion) {
      const address = `${ARM_ORIGIN}${operation.path}?api-version=${apiVersion}`;
      return {
        'azure-asyncoperation': `${address}&asyncResponse=true`,
        location: address,
        ...retryAfter(operation),
      };
    },
    answer(call, operationId, result) {
      const operation = store.get<Operation>(COLLECTION, operationId.toLowerCase());
      if (operation === undefined) {
        throw new AzureFault(404, 'OperationNotFound', `There is no operation '${operationId}'.`);
      }
      const over = isOver(operation);
      const { failure } = operation;
      if (call.request.query('asyncResponse') !== undefined) {
        return {
          status: 200,
          ...(over ? {} : { headers: retryAfter(operation) }),
          body: {
            id: operation.path,
            name: operation.id,
            status: !over ? 'InProgress' : failure === undefined ? 'Succeeded' : 'Failed',
            startTime: operation.startedAt,
            ...(over ? { endTime: operation.completesAt } : {}),
            ...(over && failure !== undefined ? { error: failure } : {}),
          },
        };
      }
      if (!over) {
        const { path } = operation;
        return {
          status: 202,
          headers: {
            location: `${ARM_ORIGIN}${path}?api-version=${call.apiVersion}`,
            ...retryAfter(operation),
          },
        };
      }
      // Assumed status: the page on asynchronous operations gives none for a failed one.
      if (failure !== undefined) throw new AzureFault(500, failure.code, failure.message);
      return result();
    },
  };
}
