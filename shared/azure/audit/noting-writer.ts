import { readChain } from '../../certificates/read-chain.ts';
import type { ChainNotes } from '../../domain/audit/audit-ports.ts';
import type { VaultWriter } from '../../domain/vault-ports.ts';
import type { Source } from '../../domain/source.ts';

/**
 * A writer that notes of each file that passes through it whether it has its chain, which an audit
 * could learn no other way without reading private keys. What cannot be noted stands in nobody's way.
 */
export function makeNotingWriter(writer: VaultWriter, notes: ChainNotes): VaultWriter {
  const note = async (source: Source, pfx: Uint8Array, thumbprint: string): Promise<void> => {
    const chain = await readChain(pfx);
    if (chain !== undefined) await notes.note(source, thumbprint, chain).catch(() => undefined);
  };
  return {
    ...writer,
    async readCurrentPfx(source, seen) {
      const read = await writer.readCurrentPfx(source, seen);
      await note(source, read.pfx, read.thumbprint);
      return read;
    },
    async import(source, pfx, tags) {
      const imported = await writer.import(source, pfx, tags);
      await note(source, pfx, imported.thumbprint);
      return imported;
    },
  };
}
