/** PEM text (RFC 7468): the private key and the certificates in it. */
import { createPrivateKey, type KeyObject } from 'node:crypto';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

export interface OpenedPem {
  readonly keys: readonly KeyObject[];
  /** DER, in the order of the text. */
  readonly certificates: readonly Buffer[];
}

/** Thrown when a private key in it cannot be read (an encrypted one, for instance): an Error. */
export function openPem(text: string): OpenedPem {
  const blocks = [...text.matchAll(BLOCK)].map(([block, label]) => ({ block, label: label ?? '' }));
  return {
    keys: blocks
      .filter(({ label }) => label.endsWith('PRIVATE KEY'))
      .map(({ block }) => createPrivateKey(block)),
    certificates: blocks
      .filter(({ label }) => label === 'CERTIFICATE')
      .map(({ block }) => Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64')),
  };
}

/** The key as PKCS#8, then the certificates in the order given. */
export function writePem(privateKey: KeyObject | undefined, chain: readonly Buffer[]): string {
  return [
    privateKey === undefined ? '' : String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    ...chain.map(certificateToPem),
  ].join('');
}

export function certificateToPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
