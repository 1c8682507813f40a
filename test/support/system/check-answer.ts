import type { RunningSystem } from './running-system.ts';
import { makeApiContract, type ApiAnswer, type ApiContract } from '../api-contract.ts';

/** By the address of the system that serves them. */
const contracts = new Map<string, Promise<ApiContract>>();

/**
 * Holds an answer of the running app against the document that the app serves of itself.
 * Thrown when it is not as the document says: Error, which lists every fault.
 */
export async function checkAnswer(
  { hostUrl, headers }: Pick<RunningSystem, 'hostUrl' | 'headers'>,
  answer: ApiAnswer,
): Promise<void> {
  // Without it the answer is the host's own: no such route, no key.
  if (!answer.headers.has('x-correlation-id')) return;
  const contract =
    contracts.get(hostUrl) ??
    fetch(`${hostUrl}/api/openapi.json`, { headers }).then(async (response) =>
      makeApiContract(await response.json()),
    );
  contracts.set(hostUrl, contract);
  const faults = (await contract).faultsOf(answer);
  if (faults.length > 0) throw new Error(`Against the API's document:\n${faults.join('\n')}`);
}
