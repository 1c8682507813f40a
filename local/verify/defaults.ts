/** What the simulated Azure does unless told otherwise, asked from one that was just started. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startAzure } from '../azure/index.ts';
import { azureSettings } from '../seed/azure-settings.ts';
import { makeAzureWire } from '../seed/azure-wire.ts';

/** Every setting with its default, as text. */
export async function readDefaults(): Promise<ReadonlyMap<string, string>> {
  await using undo = new AsyncDisposableStack();
  const stateDir = await mkdtemp(path.join(tmpdir(), 'certkeeper-defaults-'));
  undo.defer(() => rm(stateDir, { recursive: true, force: true }));
  const azure = await startAzure({ port: 0, stateDir });
  undo.defer(() => azure.stop());
  const settings = await azureSettings(makeAzureWire(azure.url));
  return new Map(
    Object.entries(settings).map(([name, { default: standard }]) => [name, String(standard)]),
  );
}
