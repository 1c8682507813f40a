import type { Asker } from '../uploads/asker.ts';
import { noteWithoutVault } from '../uploads/note-without-vault.ts';
import { unfinishedAt } from '../uploads/unfinished-at.ts';
import { decidePlaces, type DecidedPlace } from './decide-places.ts';
import type { ManagementPorts, RegisteredKey } from './ports.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import type { PublicKey } from '../../../shared/domain/public-key.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

/** What was registered where. */
export interface AddedCertificate {
  readonly looks: CertificateLooks;
  readonly targets: readonly {
    readonly target: string;
    readonly outcome: 'attached' | 'current';
    readonly thumbprint: string;
    readonly verifiedAt: string;
  }[];
  readonly warnings: readonly Problem[];
}

/**
 * Registers a certificate's public key at its targets, within the call. No vault holds it, so there is
 * no sync that could; the ledger keeps what it is called and where it is. Under the same name a later
 * one takes its place after the overlap. That it belongs to the target is written down before: what is
 * cut off can be asked for again, or removed.
 *
 * Thrown before anything is changed: what {@link decidePlaces} throws, or what the file is refused
 * for. Thrown when it is at some targets and not at all: TransientError `UPLOAD_UNFINISHED`.
 */
export async function addCertificate(
  ports: ManagementPorts,
  asked: {
    /** Of the vault `none`. */
    readonly source: Source;
    readonly file: Uint8Array;
    readonly paths: readonly string[];
    readonly asker: Asker;
  },
): Promise<AddedCertificate> {
  const { source, file, asker } = asked;
  const places = decidePlaces(ports, asked);
  const { looks, ...key } = await ports.readCertificate(file);
  const done: AddedCertificate['targets'][number][] = [];
  try {
    for (const place of places) {
      const registered = await registerAt(ports, source, place, key);
      done.push({
        target: formatTarget(place.target),
        outcome: registered.added ? 'attached' : 'current',
        thumbprint: key.thumbprint,
        verifiedAt: registered.verifiedAt,
      });
    }
  } catch (error) {
    if (done.length === 0) throw error;
    throw unfinishedAt(source, done, 'is registered at', error);
  } finally {
    if (done.length > 0) {
      await noteWithoutVault(ports, {
        ...{ source, asker, looks, done, problem: notRenewing(source) },
        detail: 'The public key was registered: it will not be renewed.',
      });
    }
  }
  return { looks, targets: done, warnings: [notRenewing(source)] };
}

async function registerAt(
  { ledger, register, now }: ManagementPorts,
  source: Source,
  { target, allowedBy }: DecidedPlace,
  key: PublicKey,
): Promise<RegisteredKey> {
  const binding: Binding = {
    source,
    target,
    origin: 'http',
    claimed: true,
    status: 'pending',
    versionless: false,
    ...(allowedBy === undefined ? {} : { allowedBy }),
  };
  await ledger.claim(source, target);
  const known = await ledger.binding(source, target);
  // What is known of a key that was registered before holds until its successor was seen.
  if (known === undefined) await ledger.saveBinding(binding);
  const registered = await register(source, target, key).catch(async (error: unknown) => {
    if (known?.status !== 'verified' && error instanceof TerminalError) {
      await ledger.saveBinding({ ...binding, status: 'blocked', problem: error.problem });
    }
    throw error;
  });
  await ledger.saveBinding({
    ...binding,
    status: 'verified',
    ...(registered.own ? { pushed: { thumbprint: key.thumbprint } } : {}),
    targetThumbprint: key.thumbprint,
    verifiedAt: registered.verifiedAt,
    ...(registered.added ? { changedAt: now().toISOString() } : {}),
  });
  return registered;
}

/** What every report says of a certificate that no vault holds. */
function notRenewing(source: Source): Problem {
  const name = formatSource(source);
  return {
    code: 'NOT_ROTATING',
    message: `${name} is in no vault, so nobody renews it: its key stays registered until it expires or is removed.`,
    resource: name,
    cure: 'Keep the certificate in a vault under care and bind it there: POST /api/certificates/{vault}/{name}/bindings.',
  };
}
