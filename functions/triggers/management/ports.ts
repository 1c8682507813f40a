import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import type { ConsentRule } from '../../../shared/domain/consent.ts';
import type { KeyCare } from '../../../shared/domain/key-care.ts';
import type { KeyNotes } from '../../../shared/domain/key-ports.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import type { OwnKey, PublicKey } from '../../../shared/domain/public-key.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';

/** A public key that was seen where it was registered. */
export interface RegisteredKey {
  readonly added: boolean;
  /** False when somebody else had registered the same certificate before. */
  readonly own: boolean;
  /** ISO 8601. */
  readonly verifiedAt: string;
}

/** What the calls for management certificates need of the rest. */
export interface ManagementPorts {
  readonly rules: readonly ConsentRule[];
  readonly care: KeyCare;
  readonly ledger: Ledger;
  readonly history: Pick<History, 'add'>;
  /** Reads a `.cer`; a file with a private key is refused. */
  readonly readCertificate: (
    file: Uint8Array,
  ) => Promise<PublicKey & { readonly looks: CertificateLooks }>;
  /** @param temporary = until when it stays unless it is registered again */
  readonly register: (
    source: Source,
    target: KeyTarget,
    key: PublicKey,
    temporary?: string,
  ) => Promise<RegisteredKey>;
  /** Takes away what was registered for a source, and only that. */
  readonly withdraw: (source: Source, target: KeyTarget) => Promise<readonly OwnKey[]>;
  /** What is at a place, whoever's, and what Certkeeper knows of it. */
  readonly look: (
    target: KeyTarget,
  ) => Promise<{ readonly entries: readonly KeyEntry[]; readonly notes: KeyNotes }>;
  readonly now: () => Date;
}
