import { TerminalError } from '../../../shared/domain/errors.ts';
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import {
  formatTarget,
  type ApplicationTarget,
  type KeyTarget,
} from '../../../shared/domain/target.ts';
import { NotNowError } from './ports.ts';

/** Somebody else has the turn at the place. */
export function isBusy(target: KeyTarget): NotNowError {
  const path = formatTarget(target);
  return new NotNowError(
    {
      code: 'AZURE_UNAVAILABLE',
      message: `The keys of ${path} are being changed by another sync or call.`,
      resource: path,
      cure: 'Nothing to do: it is tried again.',
    },
    // Eight times of it are longer than a turn, which is how long a sync is patient.
    { retryAfterSeconds: 6 },
  );
}

/** A look shows less than is known to be there. */
export function notSettled(target: ApplicationTarget): NotNowError {
  const path = formatTarget(target);
  return new NotNowError(
    {
      code: 'AZURE_UNAVAILABLE',
      message: `Microsoft Graph does not show the last change of the keys of ${path} yet.`,
      resource: path,
      cure: 'Nothing to do: it is looked at again.',
    },
    { retryAfterSeconds: 15 },
  );
}

/** Loud: somebody signs in with these keys. */
export function keysLost(target: ApplicationTarget, lost: readonly KeyEntry[]): TerminalError {
  const path = formatTarget(target);
  const names = lost.map(({ keyId, displayName, thumbprint }) =>
    [displayName ?? 'unnamed', thumbprint ?? 'thumbprint unknown', `key id ${keyId}`].join(', '),
  );
  return new TerminalError({
    code: 'KEYS_LOST',
    message:
      `Microsoft Graph dropped keys of ${path} that Certkeeper had sent along, and they could not be put back: ${names.join('; ')}.`.slice(
        0,
        4_000,
      ),
    resource: path,
    cure: `Whoever signs in with them registers them anew: az ad app credential reset --id ${target.appId} --cert @certificate.pem --append`,
  });
}
