import type { Engine } from '../engine.ts';
import type { EntityQuery } from '../entities/entity-query.ts';
import type { InstanceQuery } from '../instance-query.ts';
import type { LinkOptions } from '../management-links.ts';

/** What the management API works on. */
export interface HttpApiOptions {
  readonly engine: Engine;
  readonly query: InstanceQuery;
  readonly entities: EntityQuery;
  readonly links: Omit<LinkOptions, 'origin'>;
  /** Of orchestrations that are started without a version. */
  readonly defaultVersion: string;
  readonly now: () => number;
}
