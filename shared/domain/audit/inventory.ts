/**
 * What an audit read of Azure, a part for each vault and each service. Parts are kept in blob storage
 * until the report is made of them: they are too large for the engine's history. Times are ISO 8601
 * UTC, thumbprints SHA-1 in 40 upper-case hex digits; nothing in them is secret.
 */
import type { CaEntry } from '../ca-entry.ts';
import type { CertificateLooks } from '../certificate-looks.ts';
import type { Problem } from '../errors.ts';
import type { Reference } from '../target-state.ts';

export type InventoryPart = VaultInventory | ServiceInventory;

export interface VaultInventory {
  readonly kind: 'vault';
  readonly name: string;
  /** ARM id. */
  readonly resourceId: string;
  readonly readAt: string;
  readonly certificates: readonly VaultCertificate[];
  /** Those that are soft-deleted; absent = Certkeeper may not list them. */
  readonly deleted?: readonly { readonly name: string; readonly recoverableUntil?: string }[];
  /** Why it could not be read: then nothing above is to be believed. */
  readonly unreadable?: Problem;
  /** What of it could not be read, e.g. the details of its certificates; the rest stands. */
  readonly gaps?: readonly Problem[];
}

export interface VaultCertificate {
  readonly name: string;
  /** Its address in the vault, without version. */
  readonly resourceId: string;
  readonly enabled: boolean;
  readonly thumbprint?: string;
  readonly version?: string;
  readonly createdAt?: string;
  readonly expiresAt?: string;
  /** Of its current version; only those that say something to Certkeeper, and `owner`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Absent = it could not be read this time, or not yet. */
  readonly details?: CertificateDetails;
}

/** What only the certificate itself and its policy say: read once a version, and kept. */
export interface CertificateDetails {
  readonly looks: CertificateLooks;
  /** SHA-256 over the public key (SPKI), lower-case hex. */
  readonly publicKeyDigest: string;
  readonly selfSigned: boolean;
  readonly renewal: 'auto' | 'notify-only' | 'none';
  /** Whether the file that the vault holds has the chain; absent = nobody has looked. */
  readonly chain?: 'complete' | 'incomplete';
}

export interface ServiceInventory {
  readonly kind: 'service';
  readonly name: string;
  /** ARM id. */
  readonly resourceId: string;
  readonly readAt: string;
  /** E.g. `Developer`, `Premium`, `StandardV2`, `Consumption`; empty = not known. */
  readonly tier: string;
  readonly clients: readonly InstalledPart[];
  readonly workspaces: readonly {
    readonly name: string;
    readonly certificates: readonly InstalledPart[];
  }[];
  readonly ca: readonly CaEntry[];
  readonly hostnames: readonly HostnamePart[];
  readonly gateways: readonly GatewayPart[];
  /** As the index of uses has it; absent = it was never complete. */
  readonly usage?: UsagePart;
  /** Why it could not be read: then nothing above is to be believed. */
  readonly unreadable?: Problem;
  /** What of it could not be read, e.g. its workspaces; the rest stands. */
  readonly gaps: readonly Problem[];
}

/** A client certificate of a service or of a workspace. */
export interface InstalledPart {
  readonly id: string;
  readonly resourceId: string;
  readonly reference: Reference;
  readonly thumbprint?: string;
  readonly subject?: string;
  readonly expiresAt?: string;
  readonly lastFailure?: { readonly code: string; readonly message: string };
}

/** A custom domain of a service. */
export interface HostnamePart {
  readonly hostName: string;
  /** E.g. `Proxy`, `DeveloperPortal`, `Management`. */
  readonly type: string;
  readonly thumbprint?: string;
  readonly subject?: string;
  readonly expiresAt?: string;
  /** As Azure tells where the certificate comes from: `KeyVault`, `Custom`, `BuiltIn`, `Managed`. */
  readonly certificateSource?: string;
  /** The Key Vault address that it reads. */
  readonly reference?: Reference;
  /** E.g. `Completed`, `Failed`, `InProgress`. */
  readonly status?: string;
}

/** A self-hosted gateway, and the service's certificates (by id) that it uses. */
export interface GatewayPart {
  readonly name: string;
  readonly resourceId: string;
  readonly hostnames: readonly {
    readonly id: string;
    readonly hostName: string;
    readonly certificateId?: string;
  }[];
  readonly authorities: readonly { readonly certificateId: string; readonly trusted: boolean }[];
}

/** What uses the client certificates of a service, by the path of the target. */
export interface UsagePart {
  readonly asOf: string;
  readonly of: Readonly<
    Record<
      string,
      {
        readonly verdict: 'in-use' | 'may-be-in-use' | 'unused';
        readonly references: number;
        /** Paths below the service of what refers to it, or may, for people; at most ten. */
        readonly where?: readonly string[];
        /** Where it is referred to by thumbprint, for people; at most five. */
        readonly byThumbprint: readonly string[];
        readonly byThumbprintCount: number;
      }
    >
  >;
}
