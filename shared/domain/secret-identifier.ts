import { toSource, type Source } from './source.ts';

/** The address by which API Management refers to a certificate in Key Vault, taken apart. */
export interface SecretIdentifier {
  readonly source: Source;
  /** Only `secrets` is accepted by API Management (azurerm#3635). */
  readonly collection: 'secrets' | 'certificates';
  /** Present = pinned: API Management will never rotate it. */
  readonly version?: string;
}

const PATH = /^\/(secrets|certificates|keys)\/([^/]+)(?:\/([^/]+))?\/?$/;

/**
 * Reads `https://{vault}.{suffix}/{secrets|certificates}/{name}[/{version}]`.
 * @param suffix the cloud's vault suffix, e.g. `vault.azure.net`; other hosts are not ours
 * @returns undefined for anything else
 */
export function parseSecretIdentifier(text: string, suffix: string): SecretIdentifier | undefined {
  const url = URL.parse(text.trim());
  if (url?.protocol !== 'https:' || url.port !== '') return undefined;
  if (url.username !== '' || url.password !== '') return undefined;
  const dot = url.hostname.indexOf('.');
  if (dot < 0 || url.hostname.slice(dot + 1) !== suffix) return undefined;
  const match = PATH.exec(url.pathname);
  if (match === null) return undefined;
  const [, collection, name, version] = match;
  if ((collection !== 'secrets' && collection !== 'certificates') || name === undefined) {
    return undefined;
  }
  const source = toSource(url.hostname.slice(0, dot), name);
  if (source === undefined) return undefined;
  return version === undefined ? { source, collection } : { source, collection, version };
}

/** The versionless identifier: the only kind that API Management keeps current. */
export function versionlessIdentifier(source: Source, suffix: string): string {
  return `https://${source.vault}.${suffix}/secrets/${source.name}`;
}
