import { readUpload } from './read-upload.ts';

/**
 * Whether a PKCS#12 without password has the certificates that lead from its own one to a root.
 * @returns undefined when it cannot be told: it is not to be opened, or nobody would take it
 */
export async function readChain(
  pfx: Uint8Array,
  now = new Date(),
): Promise<'complete' | 'incomplete' | undefined> {
  try {
    const { warnings } = await readUpload(pfx, undefined, now);
    return warnings.some(({ code }) => code === 'CHAIN_INCOMPLETE') ? 'incomplete' : 'complete';
  } catch {
    // Whoever needs the file says what is wrong with it.
    return undefined;
  }
}
