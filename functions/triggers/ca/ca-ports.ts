import type { DurableClient } from 'durable-functions';
import * as z from 'zod';
import { CA_STORES } from '../../../shared/domain/ca-entry.ts';
import type { CaFileReader } from '../../../shared/domain/ca-file.ts';
import type { CaCopies, CaLedger, CaStores } from '../../../shared/domain/ca-ports.ts';
import type { ConsentRule } from '../../../shared/domain/consent.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';

export interface CaRoutePorts {
  /** Names of the services under care. */
  readonly services: ReadonlySet<string>;
  readonly stores: Pick<CaStores, 'observe' | 'usesOf'>;
  readonly caLedger: CaLedger;
  readonly copies: Pick<CaCopies, 'list' | 'keep'>;
  readonly ledger: Pick<Ledger, 'binding' | 'claimsOf' | 'record'>;
  readonly readCaFile: CaFileReader;
  /** `CERTKEEPER_ALLOW`. */
  readonly rules: readonly ConsentRule[];
  /** `CERTKEEPER_CA_DOWNTIME`. */
  readonly downtime: 'ask' | 'accept';
  /** Starts the update, or makes a running one look again. */
  readonly requestUpdate: (client: DurableClient, service: string) => Promise<{ id: string }>;
  readonly now: () => Date;
  readonly newId: () => string;
}

export const serviceParams = z.object({
  service: z
    .string()
    .regex(/^[a-z](?:[a-z0-9-]{0,48}[a-z0-9])?$/i, { error: 'must be the name of a service' })
    .meta({ description: 'The name of a service under care', example: 'contoso-gw' }),
});

export const placeParams = serviceParams.extend({
  store: z
    .enum(CA_STORES, { error: `must be ${CA_STORES.join(' or ')}` })
    .meta({ description: 'The store that it is in', example: 'Root' }),
  thumbprint: z
    .string()
    .regex(/^[0-9a-f]{40}$/i, { error: 'must be a thumbprint: 40 hex digits' })
    .meta({
      description: 'SHA-1, 40 hex digits',
      example: '3FC1D8D5A2E5A1F0C7B6E4D3C2B1A09F8E7D6C5B',
    }),
});
