import { z } from 'zod';
import type { AzureWire } from './azure-wire.ts';

const clockSchema = z.object({ now: z.iso.datetime() });

/** The simulated time, which may be years ahead: what is valid now has to be valid there. */
export async function azureTime(azure: AzureWire): Promise<Date> {
  return new Date(clockSchema.parse(await azure.control('GET', 'clock')).now);
}
