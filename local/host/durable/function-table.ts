import type { DurableFunction } from './extension.ts';
import type { ScheduledKind } from './replay-event.ts';

/** The app's durable functions, by name; Durable Functions compares names without case. */
export class FunctionTable {
  readonly #orchestrators = new Map<string, DurableFunction>();
  readonly #activities = new Map<string, DurableFunction>();
  readonly #entities = new Map<string, DurableFunction>();

  add(fn: DurableFunction): void {
    const tables = {
      orchestrationTrigger: this.#orchestrators,
      activityTrigger: this.#activities,
      entityTrigger: this.#entities,
    };
    tables[fn.bindingType].set(fn.name.toLowerCase(), fn);
  }

  /** Whether the app has a function for what an orchestrator asked for. */
  has(what: Exclude<ScheduledKind, 'timer'>, name: string): boolean {
    const table = {
      activity: this.#activities,
      'sub-orchestration': this.#orchestrators,
      'entity message': this.#entities,
    }[what];
    return table.has(name.toLowerCase());
  }

  orchestrator(name: string): DurableFunction | undefined {
    return this.#orchestrators.get(name.toLowerCase());
  }

  activity(name: string): DurableFunction | undefined {
    return this.#activities.get(name.toLowerCase());
  }

  entity(name: string): DurableFunction | undefined {
    return this.#entities.get(name.toLowerCase());
  }

  /** In lower case, as in the ids of entities. */
  entityNames(): string[] {
    return [...this.#entities.keys()];
  }

  /** As the app wrote them. */
  orchestratorNames(): string[] {
    return [...this.#orchestrators.values()].map(({ name }) => name);
  }
}
