import type { EntityMessage } from './entities/entity-message.ts';
import type { ScheduledKind } from './replay-event.ts';

/** Something an orchestrator asked for, under the id that its result will name. */
export type Scheduled =
  | {
      readonly kind: 'activity';
      readonly id: number;
      readonly name: string;
      readonly input: unknown;
    }
  | {
      readonly kind: 'sub-orchestration';
      readonly id: number;
      readonly name: string;
      readonly input: unknown;
      readonly instanceId: string;
      readonly version: string;
    }
  | { readonly kind: 'timer'; readonly id: number; readonly name: ''; readonly fireAt: number }
  | {
      readonly kind: 'entity message';
      readonly id: number;
      /** The entity's id. */
      readonly name: string;
      readonly message: EntityMessage;
    };

/** As it stands in a message: `the activity 'Greet'`. */
export function describeScheduled(what: ScheduledKind, name: string): string {
  switch (what) {
    case 'timer':
      return 'a timer';
    case 'entity message':
      return `a message to the entity '${name}'`;
    default:
      return `the ${what} '${name}'`;
  }
}
