import { createHash } from 'node:crypto';
import type { OutcomeEvent, OutcomePublisher } from '../../../shared/domain/event-ports.ts';
import type { Vaults } from '../../../shared/domain/vault-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';

export interface TellExpiryPorts {
  readonly vaults: Pick<Vaults, 'readCurrent'>;
  readonly publisher: OutcomePublisher;
  readonly now: () => Date;
}

/** Key Vault warns 30 days before; what is further away has been renewed since. */
const STILL_NEAR_MS = 60 * 86_400_000;

/**
 * Tells at once that a certificate nears its expiry, or is over it. The event that says so may be
 * late, doubled or out of order, so the vault is asked first: one call. What it says makes the
 * event's id, so that a repetition is recognised.
 * @returns whether there was something to tell
 */
export function makeTellExpiry({ vaults, publisher, now }: TellExpiryPorts) {
  return async (source: Source): Promise<boolean> => {
    const observation = await vaults.readCurrent(source);
    if (observation.kind !== 'present') return false;
    const { version, thumbprint, expiresAt } = observation.current;
    if (expiresAt === undefined) return false;
    const left = Date.parse(expiresAt) - now().getTime();
    if (left > STILL_NEAR_MS) return false;
    const about = { version, thumbprint, expiresAt };
    await publisher.publish([toEvent(source, about, { isOver: left <= 0, at: now() })]);
    return true;
  };
}

function toEvent(
  source: Source,
  current: { readonly version: string; readonly thumbprint: string; readonly expiresAt: string },
  { isOver, at }: { readonly isOver: boolean; readonly at: Date },
): OutcomeEvent {
  const type = isOver ? 'Certkeeper.CertificateExpired' : 'Certkeeper.CertificateNearExpiry';
  const path = formatSource(source);
  const day = current.expiresAt.slice(0, 10);
  const identity = JSON.stringify([type, path, current.version, current.expiresAt]);
  return {
    id: createHash('sha256').update(identity).digest('hex').slice(0, 32),
    type,
    subject: path,
    time: at.toISOString(),
    data: {
      ...{ vault: source.vault, certificate: source.name, ...current },
      message: isOver
        ? `${path} expired on ${day}, and the vault has no newer version.`
        : `${path} expires on ${day}, and the vault has no newer version yet.`,
    },
  };
}
