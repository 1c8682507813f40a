/** An external event that nobody waited for when it came. */
export interface RaisedEvent {
  readonly name: string;
  /** JSON text. */
  readonly input: string;
}

/**
 * External events of an orchestration and who waits for them. Names are compared without case
 * (DurableOrchestrationContext.cs). Of several waits for one name the newest gets the event: in a
 * loop around `Task.any` the older ones were given up.
 */
export class ExternalEvents {
  readonly #waiting = new Map<string, (() => void)[]>();
  /** In the order in which they came; taken ones leave a gap. */
  readonly #buffered = new Map<string, (RaisedEvent & { readonly order: number })[]>();
  #count = 0;

  /** @returns whether an event was there already; otherwise `arrived` is called when one comes */
  wait(name: string, arrived: () => void): boolean {
    const key = name.toLowerCase();
    const buffered = this.#buffered.get(key);
    if (buffered?.shift() !== undefined) {
      if (buffered.length === 0) this.#buffered.delete(key);
      return true;
    }
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, [arrived]);
    else waiting.push(arrived);
    return false;
  }

  raise({ name, input }: RaisedEvent): void {
    const key = name.toLowerCase();
    const arrived = this.#waiting.get(key)?.pop();
    if (arrived === undefined) this.keep({ name, input });
    else arrived();
  }

  /** Keeps an event for whoever waits later. */
  keep({ name, input }: RaisedEvent): void {
    const key = name.toLowerCase();
    const event = { name, input, order: this.#count++ };
    const buffered = this.#buffered.get(key);
    if (buffered === undefined) this.#buffered.set(key, [event]);
    else buffered.push(event);
  }

  /** Events nobody has waited for, in the order in which they came. */
  unprocessed(): RaisedEvent[] {
    return [...this.#buffered.values()]
      .flat()
      .sort((one, other) => one.order - other.order)
      .map(({ name, input }) => ({ name, input }));
  }
}
