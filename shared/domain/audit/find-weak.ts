/** Certificates that are weak in themselves. Known of those in the vaults only, and told there. */
import { formatSource } from '../source.ts';
import type { CertificateLooks } from '../certificate-looks.ts';
import type { SeenSource } from './audit-view.ts';
import { sayKey } from './certificate-rows.ts';
import { useOf } from './find-expiry.ts';
import { foundAtSource, type Check, type Found } from './found.ts';
import { toPlainText } from '../plain-text.ts';

export const findWeak: Check = (view) =>
  [...view.sources.values()].flatMap((seen) => {
    const { details } = seen.certificate;
    if (details === undefined) return [];
    const { looks, chain, selfSigned } = details;
    const weight = useOf(seen, view) === 'unused' ? ({ severity: 'low' } as const) : {};
    const found: Found[] = [];
    if (isWeakKey(looks)) found.push(foundAtSource(seen, { ...weight, ...weakKey(seen, looks) }));
    if (isWeakSignature(looks)) {
      found.push(foundAtSource(seen, { ...weight, ...weakSignature(seen, looks) }));
    }
    if (chain === 'incomplete' && !selfSigned) {
      found.push(foundAtSource(seen, { ...weight, ...chainBroken(seen, looks) }));
    }
    return found;
  });

type Said = Pick<Found, 'code' | 'message' | 'cure'>;

/** NIST SP 800-131A: RSA from 2048 bits and curves from 224; DSA is no longer approved (FIPS 186-5). */
export function isWeakKey({ keyType, keySize }: CertificateLooks): boolean {
  if (keyType === 'DSA') return true;
  if (keySize === undefined) return false;
  if (keyType.startsWith('RSA')) return keySize < 2_048;
  return keyType === 'EC' && keySize < 224;
}

/** Digests under which a certificate can be forged: MD2, MD4, MD5, SHA-1. */
export function isWeakSignature({ signatureAlgorithm }: CertificateLooks): boolean {
  return /md2|md4|md5|sha-?1(?!\d)/i.test(signatureAlgorithm);
}

function weakKey({ row }: SeenSource, looks: CertificateLooks): Said {
  return {
    code: 'WEAK_KEY',
    message: `The key of ${row.id} is too weak: ${toPlainText(sayKey(looks), 80)}.`,
    cure: 'Create a new version with an RSA key of 2048 bits or more, or an EC key on P-256, and let its policy say so.',
  };
}

function weakSignature({ row }: SeenSource, { signatureAlgorithm }: CertificateLooks): Said {
  return {
    code: 'WEAK_SIGNATURE',
    message: `${row.id} is signed with ${toPlainText(signatureAlgorithm, 80)}, under which certificates can be forged.`,
    cure: 'Have it issued anew, signed with SHA-256 or better.',
  };
}

function chainBroken({ source }: SeenSource, { issuer }: CertificateLooks): Said {
  return {
    code: 'CHAIN_BROKEN',
    message: `${formatSource(source)} is in its vault without its whole chain; its issuer is ${toPlainText(issuer, 200)}. Whoever checks it and does not know the issuer refuses it.`,
    cure: `Upload it once more together with its chain: npx certkeeper upload {file} ${formatSource(source)} --new-version`,
  };
}
