import {
  OrchestrationRuntimeStatus,
  type DurableClient,
  type DurableOrchestrationStatus,
} from 'durable-functions';

export type RuntimeStatus = keyof typeof OrchestrationRuntimeStatus;

/** A task hub of one instance at a time for each id, whose courses a test decides. */
export interface FakeDurableClient extends Pick<DurableClient, 'getStatus' | 'startNew'> {
  /** Every start: the orchestration, its instance, its input. */
  readonly started: { name: string; id: string; input: unknown }[];
  set(id: string, status: RuntimeStatus): void;
}

/** @param onStart is called when an instance has begun to run */
export function makeFakeDurableClient(
  onStart: (id: string) => void = () => undefined,
): FakeDurableClient {
  const instances = new Map<string, RuntimeStatus>();
  const started: FakeDurableClient['started'] = [];
  return {
    started,
    set: (id, status) => {
      instances.set(id, status);
    },
    getStatus: async (id) => {
      const status = instances.get(id);
      // These are the library's own words for an instance that does not exist (3.5.0).
      if (status === undefined) throw new Error('The operation failed: HTTP 404');
      return makeStatus(id, { runtimeStatus: OrchestrationRuntimeStatus[status] });
    },
    startNew: async (name, { instanceId = '', input } = {}) => {
      started.push({ name, id: instanceId, input });
      instances.set(instanceId, 'Running');
      onStart(instanceId);
      return instanceId;
    },
  };
}

/** An instance's status as the client answers it. */
export function makeStatus(
  id: string,
  other: Partial<DurableOrchestrationStatus> = {},
): DurableOrchestrationStatus {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- the client answers the parsed JSON as it came, no instance of the class
  return {
    name: 'SyncCertificate',
    instanceId: id,
    createdTime: new Date('2026-07-25T01:08:33.000Z'),
    lastUpdatedTime: new Date('2026-07-25T01:08:35.000Z'),
    input: null,
    output: null,
    runtimeStatus: OrchestrationRuntimeStatus.Running,
    ...other,
  };
}
