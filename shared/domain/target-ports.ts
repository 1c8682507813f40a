/**
 * Ports: certificates at the places where they are installed.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { InstalledCertificate, TargetState } from './target-state.ts';
import type { CertificateTarget, ClientCertificateTarget } from './target.ts';

/** Client certificates of API Management services. */
export interface ClientCertificates {
  /** One call; `absent` when there is none. */
  observe(target: ClientCertificateTarget): Promise<TargetState>;
  /**
   * Creates it. Azure may refuse to overwrite one that exists (TARGET_TAKEN), and may not: look
   * right before.
   */
  attach(
    target: ClientCertificateTarget,
    secretIdentifier: string,
    identityClientId: string | undefined,
  ): Promise<InstalledCertificate>;
  /** Replaces its reference if it is still what `etag` says (TARGET_CHANGED otherwise). */
  repoint(
    target: ClientCertificateTarget,
    secretIdentifier: string,
    identityClientId: string | undefined,
    etag: string,
  ): Promise<InstalledCertificate>;
  /** Makes the service read the vault now; one call. `absent` when there is none. */
  refresh(target: ClientCertificateTarget): Promise<TargetState>;
  /** All client certificates of a service, page by page. */
  list(service: string): AsyncIterable<{ id: string; installed: InstalledCertificate }>;
}

/**
 * Certificates that are put somewhere as data, since what holds them cannot read a vault: those of
 * workspaces. A service's own client certificates are the same resource and can be handled so too.
 */
export interface PushedCertificates {
  /**
   * One call; two when there is nothing. Thrown: TerminalError `WORKSPACE_NOT_FOUND`,
   * `SERVICE_NOT_FOUND`.
   */
  observe(target: CertificateTarget): Promise<TargetState>;
  /**
   * Puts a PKCS#12 without password there, key and all; one call.
   *
   * @param etag replaces what is there if it is still this (TARGET_CHANGED otherwise); undefined =
   * nothing is there. Azure may refuse then to overwrite what came meanwhile (TARGET_CHANGED too),
   * and may not: look right before.
   */
  push(
    target: CertificateTarget,
    pfx: Uint8Array,
    etag: string | undefined,
  ): Promise<InstalledCertificate>;
  /**
   * Deletes it if it is still what `etag` says (TARGET_CHANGED otherwise). What is gone already is
   * no error.
   */
  remove(target: CertificateTarget, etag: string): Promise<void>;
  /** All certificates of a workspace, page by page; without ETags. */
  list(
    service: string,
    workspace: string,
  ): AsyncIterable<{ id: string; installed: InstalledCertificate }>;
}
