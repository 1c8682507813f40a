import { toSource, type Source } from './source.ts';

/** What an Event Grid event means to Certkeeper. */
export type EventReading =
  /** Look again at this source. */
  | { readonly kind: 'look-again'; readonly source: Source; readonly eventType: string }
  /** Who may read the vault has changed, or how that is decided. */
  | { readonly kind: 'access-changed'; readonly vault: string; readonly eventType: string }
  /** Nothing to do; the reason is for the log. */
  | { readonly kind: 'skipped'; readonly reason: string };

/** Event types that mean "look again at this certificate". */
const LOOK_AGAIN: ReadonlySet<string> = new Set([
  'microsoft.keyvault.certificatenewversioncreated',
  'microsoft.keyvault.certificatenearexpiry',
  'microsoft.keyvault.certificateexpired',
]);

/** Raised for access policies, and for the switch to or from roles; for no role assignment. */
const ACCESS_CHANGED = 'microsoft.keyvault.vaultaccesspolicychanged';

const LONGEST_TEXT = 2_048;

/**
 * Reads a Key Vault event in the Event Grid or the CloudEvents schema. Never throws: whatever is
 * malformed, foreign or half right is skipped with a reason. The version in it is ignored, since
 * delivery is unordered: only the vault says which version is current.
 *
 * Samples by the vendor carry the key `"ObjectName "` and a blank before the version, and name the
 * identifier `Id` or `id`; so keys are matched without case and blanks, and the identifier counts
 * most (https://learn.microsoft.com/azure/event-grid/event-schema-key-vault).
 *
 * @param vaults the vaults under care, lower case; events of others are skipped
 * @param suffix the cloud's vault suffix, e.g. `vault.azure.net`
 */
export function readKeyVaultEvent(
  event: unknown,
  vaults: ReadonlySet<string>,
  suffix: string,
): EventReading {
  const envelope = fields(event);
  if (envelope === undefined) return skipped('it is not an object');
  const eventType = text(envelope.get('eventtype')) ?? text(envelope.get('type'));
  if (eventType === undefined) return skipped('it has no type');
  if (!eventType.toLowerCase().startsWith('microsoft.keyvault.')) {
    return skipped('it is no Key Vault event');
  }
  if (eventType.toLowerCase() === ACCESS_CHANGED) {
    return readAccessChange(envelope, vaults, suffix, eventType);
  }
  if (!LOOK_AGAIN.has(eventType.toLowerCase())) {
    return skipped('events of this type change nothing that Certkeeper keeps');
  }
  const data = fields(parsed(envelope.get('data')));
  if (data === undefined) return skipped('its data is not an object');

  const named = fromIdentifier(text(data.get('id')), suffix) ?? fromNames(data);
  if (named === undefined) return skipped('it names no certificate');
  if (!vaults.has(named.vault)) return skipped('its vault is not under care (CERTKEEPER_VAULTS)');

  const saysVault = text(data.get('vaultname'))?.toLowerCase();
  const saysName = text(data.get('objectname'))?.toLowerCase();
  if (saysVault !== undefined && saysVault !== named.vault) {
    return skipped('its identifier and its vault name disagree');
  }
  if (saysName !== undefined && saysName !== named.name) {
    return skipped('its identifier and its certificate name disagree');
  }
  const topicVault = vaultOfTopic(envelope);
  if (topicVault !== undefined && topicVault !== named.vault) {
    return skipped('it was raised by another vault than it names');
  }
  return { kind: 'look-again', source: named, eventType };
}

function skipped(reason: string): EventReading {
  return { kind: 'skipped', reason };
}

function fields(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return new Map(
    Object.entries(value).map(([key, one]) => [key.trim().toLowerCase(), one as unknown]),
  );
}

/** Some publishers send `data` as a JSON string. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > LONGEST_TEXT * 8) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_TEXT) return undefined;
  const trimmed = value.trim();
  return trimmed === '' ? undefined : trimmed;
}

function fromIdentifier(identifier: string | undefined, suffix: string): Source | undefined {
  const vault = identifier === undefined ? undefined : vaultOfAddress(identifier, suffix);
  if (identifier === undefined || vault === undefined) return undefined;
  const [collection, name] = new URL(identifier).pathname.split('/').filter((part) => part !== '');
  if (collection !== 'certificates' || name === undefined) return undefined;
  return toSource(vault, name);
}

function vaultOfAddress(address: string, suffix: string): string | undefined {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:' || url.port !== '') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const dot = url.hostname.indexOf('.');
  return dot > 0 && url.hostname.slice(dot + 1) === suffix ? url.hostname.slice(0, dot) : undefined;
}

function fromNames(data: ReadonlyMap<string, unknown>): Source | undefined {
  // An identifier that is there and unreadable means a foreign or forged event.
  if (data.get('id') !== undefined) return undefined;
  const kind = text(data.get('objecttype'));
  if (kind !== undefined && kind.toLowerCase() !== 'certificate') return undefined;
  return toSource(text(data.get('vaultname')) ?? '', text(data.get('objectname')) ?? '');
}

function vaultOfTopic(envelope: ReadonlyMap<string, unknown>): string | undefined {
  const topic = text(envelope.get('topic')) ?? text(envelope.get('source'));
  if (topic === undefined) return undefined;
  return /\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+)\/?$/i.exec(topic)?.[1]?.toLowerCase();
}

/**
 * What such an event holds besides its type is documented as for any other, and no sample of one was
 * found: whatever names the vault is believed, as long as nothing names another.
 */
function readAccessChange(
  envelope: ReadonlyMap<string, unknown>,
  vaults: ReadonlySet<string>,
  suffix: string,
  eventType: string,
): EventReading {
  const data = fields(parsed(envelope.get('data')));
  const identifier = text(data?.get('id'));
  const named = [
    vaultOfTopic(envelope),
    text(data?.get('vaultname'))?.toLowerCase(),
    // An identifier of anything but a vault is no help, and is not what was changed.
    identifier === undefined ? undefined : vaultOfAddress(identifier, suffix),
  ].filter((one) => one !== undefined);
  const [vault, ...others] = new Set(named);
  if (vault === undefined) return skipped('it names no vault');
  if (others.length > 0) return skipped('it names several vaults');
  if (!vaults.has(vault)) return skipped('its vault is not under care (CERTKEEPER_VAULTS)');
  return { kind: 'access-changed', vault, eventType };
}
