/** What a table of findings is made of, and what its rows change in a world. */
import type { ProblemCode } from '../../../../shared/domain/errors.ts';
import type { AccessWorld, Beginning } from '../../../support/azure/access-world.ts';

export type Change = (world: AccessWorld) => Promise<void>;

export interface Row {
  readonly code: ProblemCode;
  readonly when: string;
  readonly severity: 'blocks' | 'may-block' | 'notice';
  readonly begin?: Beginning;
  readonly fires: Change;
  /** What the service's own read comes to; absent = what the severity says. */
  readonly reads?: boolean;
  /** The cure is a command that ends it. */
  readonly cured?: true;
  /** What else is found, and stands to reason. */
  readonly others?: readonly string[];
  /** The nearest neighbour, in which nothing is found. */
  readonly but: string;
  readonly not: Change;
}

export const nothing: Change = () => Promise.resolve();

/** The service has a user-assigned identity only, which holds no role yet. */
export async function userOnly(world: AccessWorld) {
  const identity = await world.userIdentity();
  await world.identify(false, [identity]);
  return identity;
}

/** The service's address with its api-version. */
export const serviceOf = ({ serviceId }: AccessWorld): string =>
  `${serviceId}?api-version=2024-05-01`;

/** The vault's address with its api-version. */
export const vaultOf = ({ vaultId }: AccessWorld): string => `${vaultId}?api-version=2023-07-01`;
