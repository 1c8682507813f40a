import type { DurableFunction } from './extension.ts';

/** The app's orchestrators and activities, by name; Durable Functions compares names without case. */
export class FunctionTable {
  readonly #orchestrators = new Map<string, DurableFunction>();
  readonly #activities = new Map<string, DurableFunction>();

  /** @returns false for what this engine does not run: entities */
  add(fn: DurableFunction): boolean {
    if (fn.bindingType === 'entityTrigger') return false;
    const table = fn.bindingType === 'activityTrigger' ? this.#activities : this.#orchestrators;
    table.set(fn.name.toLowerCase(), fn);
    return true;
  }

  orchestrator(name: string): DurableFunction | undefined {
    return this.#orchestrators.get(name.toLowerCase());
  }

  activity(name: string): DurableFunction | undefined {
    return this.#activities.get(name.toLowerCase());
  }

  /** As the app wrote them. */
  orchestratorNames(): string[] {
    return [...this.#orchestrators.values()].map(({ name }) => name);
  }
}
