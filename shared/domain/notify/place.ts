/** Where somebody can be told: the Event Grid topic, or an address that takes messages. */
export const ADDRESS_KINDS = ['webhook', 'teams', 'slack'] as const;
export type AddressKind = (typeof ADDRESS_KINDS)[number];

/**
 * A place's name: `topic`, or its kind with a name of its own (`teams:ops`) or without. Names become
 * names of app settings, so they have few characters; `secret` at the end belongs to a setting.
 */
export const PLACE_NAME =
  /^(?=.{1,48}$)(?:topic|(?:webhook|teams|slack)(?::(?!(?:.*-)?secret$)[a-z0-9]+(?:-[a-z0-9]+)*)?)$/;

/** A place that the rules name. Its address is a secret: whoever has it can write there. */
export type Place =
  | { readonly name: string; readonly kind: 'topic' }
  | {
      readonly name: string;
      readonly kind: AddressKind;
      /** Where messages are posted to; absent = App Service could not read the vault that holds it. */
      readonly address?: string;
      /** Of a webhook: the key that its messages are signed with. Absent as above. */
      readonly signingKey?: Uint8Array;
    };

/** Kind of a place with this name, which {@link PLACE_NAME} has let in. */
export function kindOfPlace(name: string): Place['kind'] {
  return ADDRESS_KINDS.find((kind) => name === kind || name.startsWith(`${kind}:`)) ?? 'topic';
}

/** `CERTKEEPER_NOTIFY_TEAMS_OPS` for `teams:ops`: the app setting that holds its address. */
export function addressSetting(name: string): string {
  return `CERTKEEPER_NOTIFY_${name.replace(/[:-]/g, '_').toUpperCase()}`;
}

/** The app setting that holds a webhook's key. */
export function secretSetting(name: string): string {
  return `${addressSetting(name)}_SECRET`;
}
