import { requireManage, type Asker } from '../uploads/asker.ts';
import {
  bringIntoVault,
  requireNoTagAgainst,
  type VaultPorts,
} from '../uploads/bring-into-vault.ts';
import { unfinished, type WhatFollows } from '../uploads/upload-certificate.ts';
import type { ManagementPorts } from './ports.ts';
import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { keyPlaceProblem } from '../../../shared/domain/key-care.ts';
import type { PublicCertificates, SignInTried } from '../../../shared/domain/key-ports.ts';
import type { PublicKey } from '../../../shared/domain/public-key.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { formatTarget, isKeyTarget, type KeyTarget } from '../../../shared/domain/target.ts';

export interface RenewKeyPorts
  extends VaultPorts, Pick<ManagementPorts, 'care' | 'ledger' | 'history' | 'register' | 'now'> {
  readonly certificates: PublicCertificates;
  /** Makes a key and a self-signed certificate like the one before it. */
  readonly renew: (
    like: string,
    now: Date,
  ) => Promise<PublicKey & { readonly looks: CertificateLooks; readonly toPfx: () => Uint8Array }>;
  /** Signs in as an application of the vault's tenant, with a key that is in no vault yet. */
  readonly signIn: (source: Source, appId: string, pfx: Uint8Array) => Promise<SignInTried>;
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** Where a new key stands before the vault has it. */
export interface RegisteredFirst {
  readonly target: string;
  readonly verifiedAt: string;
  readonly signIn: 'accepted' | 'not-tried' | 'refused';
}

export interface RenewedKey {
  readonly id: string;
  readonly version: string;
  readonly registered: readonly RegisteredFirst[];
  readonly understood: CertificateLooks;
}

/**
 * How long a key stays registered of which nobody knows yet whether the vault has it. Once it is the
 * current version it stays; if the call was cut off before that, it goes by itself.
 */
const UNKEPT_SECONDS = 86_400;
/** Entra may need some seconds until every part of it knows a key. */
const PAUSES_MS = [0, 500, 1_000, 2_000, 4_000, 8_000, 8_000] as const;

/**
 * Renews the key of a source without a gap: makes the key, registers its public half wherever the
 * source is registered, signs in with it, and only then imports it. So nobody who takes the new
 * version from the vault is ever turned away. The private key exists within this call only; what is
 * cut off before the import leaves a public key without a private one, which goes after a day.
 *
 * Thrown before anything is changed: TerminalError `BINDING_NOT_FOUND`, `SOURCE_NOT_FOUND`,
 * `CERTIFICATE_NOT_SELF_SIGNED`, `CERTIFICATE_NOT_EXPORTABLE`, `TAG_FORBIDS`, or that the caller may
 * not; before the import: `KEY_NOT_ACCEPTED`, or what registering throws; after it: TransientError
 * `UPLOAD_UNFINISHED`.
 */
export async function renewKey(
  ports: RenewKeyPorts,
  asked: { readonly source: Source; readonly asker: Asker },
  next: WhatFollows,
): Promise<RenewedKey> {
  const { source, asker } = asked;
  requireManage(asker, 'renew a key');
  const { bindings } = await ports.ledger.ofSource(source);
  const places = bindings.flatMap(({ target, claimed, leaving }) =>
    isKeyTarget(target) && claimed && leaving !== true ? [target] : [],
  );
  if (places.length === 0) throw bindsNowhere(source);
  for (const place of places) {
    const problem = keyPlaceProblem(place, ports.care);
    if (problem !== undefined) throw new TerminalError(problem);
  }
  const seen = await ports.certificates.readPublic(source);
  requireNoTagAgainst(source, seen.tags);
  if (seen.notExportable === true) throw staysInVault(source);
  const { looks, toPfx, ...key } = await ports.renew(seen.der, ports.now());
  const until = new Date(ports.now().getTime() + UNKEPT_SECONDS * 1_000).toISOString();
  const registered: RegisteredFirst[] = [];
  for (const place of places) {
    const { verifiedAt } = await ports.register(source, place, key, until);
    const signIn = await trySignIn(ports, source, place, toPfx);
    registered.push({ target: formatTarget(place), verifiedAt, signIn });
  }
  const brought = await bringIntoVault(ports, {
    ...{ source, thumbprint: key.thumbprint, toPfx, tags: {} },
    ...{ as: 'version', recover: false, binds: false },
  });
  try {
    await ports.history.add({
      source,
      at: ports.now().toISOString(),
      what: 'upload',
      by: asker.by,
      version: brought.version,
      detail: 'A new key was made, registered where the old one is, and then imported.',
    });
    const { id } = await next.start();
    return { id, version: brought.version, registered, understood: looks };
  } catch (error) {
    throw unfinished(source, brought, error, next);
  }
}

/** Thrown when Entra does not know the key after half a minute: TransientError. */
async function trySignIn(
  { signIn, pause }: RenewKeyPorts,
  source: Source,
  place: KeyTarget,
  toPfx: () => Uint8Array,
): Promise<RegisteredFirst['signIn']> {
  if (place.kind !== 'entra-application') return 'not-tried';
  const pfx = toPfx();
  try {
    for (const wait of PAUSES_MS) {
      await pause(wait);
      const tried = await signIn(source, place.appId, pfx);
      if (tried.kind !== 'unknown-key') return tried.kind;
    }
  } catch (error) {
    // That it cannot be tried says nothing of the key, which was seen where it was registered.
    if (error instanceof TerminalError || error instanceof TransientError) return 'not-tried';
    throw error;
  } finally {
    pfx.fill(0);
  }
  throw notAccepted(source, place);
}

function bindsNowhere(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'BINDING_NOT_FOUND',
    message: `${name} is registered at no application, so there is nothing to register a new key at.`,
    resource: name,
    cure: `Bind it first: POST /api/certificates/${name}/bindings with the target entra/applications/{appId}.`,
  });
}

/** What is made here could be read by whoever may read the vault's secrets. */
function staysInVault(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'CERTIFICATE_NOT_EXPORTABLE',
    message: `The private key of ${name} does not leave its vault, and one that is made outside would have to be brought in; nothing was made.`,
    resource: name,
    cure: `Have the vault make the new version: az keyvault certificate create --vault-name ${source.vault} --name ${source.name} --policy @policy.json. Its key is registered at once, and the one before it stays for the overlap.`,
  });
}

function notAccepted(source: Source, place: KeyTarget): TerminalError {
  const path = formatTarget(place);
  return new TerminalError({
    code: 'KEY_NOT_ACCEPTED',
    message: `${path} shows the new key of ${formatSource(source)}, and Microsoft Entra takes no sign-in with it; nothing was imported.`,
    resource: path,
    cure: 'Ask again in some minutes. The key that was registered goes by itself within a day.',
  });
}
