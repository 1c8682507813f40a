/** Named choices about the simulated world, kept in the store. */
import { errorText } from './error-text.ts';
import { AzureFault, type Settings, type Store } from '../service.ts';

interface Definition {
  readonly about: string;
  readonly default: unknown;
  readonly parse: (value: unknown) => unknown;
}

/** What `/_local/settings` shows of one setting. */
export interface ShownSetting {
  readonly value: unknown;
  readonly default: unknown;
  readonly about: string;
}

export function makeSettings(store: Store): Settings & {
  all(): Record<string, ShownSetting>;
  /** Thrown when a name is unknown or a value does not fit: AzureFault 400, nothing is changed. */
  put(values: Readonly<Record<string, unknown>>): void;
} {
  const definitions = new Map<string, Definition>();
  // Settings are read on every request that depends on one; the store is asked once.
  const values = new Map<string, unknown>();

  return {
    define<T>(
      name: string,
      setting: { default: T; about: string; parse: (value: unknown) => T },
    ): () => T {
      definitions.set(name, setting);
      const stored = store.get<{ value: unknown }>('settings', name);
      values.set(name, stored === undefined ? setting.default : stored.value);
      return () => setting.parse(values.get(name));
    },
    all() {
      return Object.fromEntries(
        [...definitions]
          .sort(([left], [right]) => left.localeCompare(right))
          .map(([name, { about, default: standard }]) => [
            name,
            { value: values.get(name), default: standard, about },
          ]),
      );
    },
    put(changes) {
      const accepted = Object.entries(changes).map(([name, value]): [string, unknown] => {
        const definition = definitions.get(name);
        if (definition === undefined) {
          throw new AzureFault(
            400,
            'UnknownSetting',
            `There is no setting '${name}'. Settings: ${[...definitions.keys()].sort().join(', ')}`,
          );
        }
        try {
          return [name, definition.parse(value)];
        } catch (error) {
          throw new AzureFault(400, 'BadSetting', `Setting '${name}': ${errorText(error)}`);
        }
      });
      store.transaction(() => {
        for (const [name, value] of accepted) store.put('settings', name, { value });
      });
      for (const [name, value] of accepted) values.set(name, value);
    },
  };
}
