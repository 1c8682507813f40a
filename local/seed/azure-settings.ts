import type { ShownSetting } from '../azure/core/settings.ts';
import type { AzureWire } from './azure-wire.ts';

/** Every setting of the simulated Azure by its name. */
export async function azureSettings(
  azure: AzureWire,
): Promise<Readonly<Record<string, ShownSetting>>> {
  // What the control address answers.
  return (await azure.control('GET', 'settings')) as Readonly<Record<string, ShownSetting>>;
}
