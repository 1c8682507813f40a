import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';

/** Reads an instance's status; undefined = there is none. */
export type FindStatus = (
  client: DurableClient,
  id: string,
) => Promise<DurableOrchestrationStatus | undefined>;

/**
 * Starts an orchestration under an id of its own, or joins the one that runs under it, also when
 * two start it at the same moment.
 */
export async function startOrJoin(
  client: DurableClient,
  findStatus: FindStatus,
  orchestration: string,
  { instanceId, input }: { readonly instanceId: string; readonly input?: unknown },
): Promise<void> {
  const runs = async (): Promise<boolean> => {
    const status = await findStatus(client, instanceId);
    return status !== undefined && LIVE.has(status.runtimeStatus);
  };
  if (await runs()) return;
  try {
    await client.startNew(orchestration, {
      instanceId,
      ...(input === undefined ? {} : { input }),
    });
  } catch (error) {
    // An id is refused while another instance runs under it.
    if (!(await runs())) throw error;
  }
}

const LIVE = new Set<string>(['Running', 'Pending', 'ContinuedAsNew', 'Suspended']);
