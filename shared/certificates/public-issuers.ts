import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/** Organisations of public CAs whose intermediates carry another name than their roots. */
const OTHERS = ['CloudFlare, Inc.', "Let's Encrypt", 'Microsoft Corporation', 'ZeroSSL'];

let known: readonly string[] | undefined;

/**
 * Organisations of public CAs: those of the roots that Node.js trusts (Mozilla's), and of some whose
 * intermediates have another one. Worked out when it is first asked for.
 */
export function publicIssuers(): readonly string[] {
  known ??= [...new Set([...rootCertificates.flatMap(organisationsOf), ...OTHERS])].sort();
  return known;
}

/** Node writes the parts of a name a line each. */
function organisationsOf(pem: string): string[] {
  return new X509Certificate(pem).subject
    .split('\n')
    .flatMap((part) => (part.startsWith('O=') ? [part.slice(2).replaceAll(/\\(.)/g, '$1')] : []));
}
