import { look } from '../observe-access.ts';
import { lookAtKeys } from './change-keys.ts';
import { isOf } from './own-entries.ts';
import type { KeyPorts } from './ports.ts';
import { found, passed, unknown, type AccessCheck } from '../../../shared/domain/access-check.ts';
import type { Look } from '../../../shared/domain/access-facts.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import type { AccessReader } from '../../../shared/domain/access-ports.ts';
import type {
  KeySignIn,
  PublicCertificates,
  PublicVersion,
  SignInTried,
} from '../../../shared/domain/key-ports.ts';
import type { VaultWriter } from '../../../shared/domain/vault-ports.ts';
import { judgePublicKey } from '../../../shared/domain/public-key.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { formatTarget, type KeyTarget } from '../../../shared/domain/target.ts';

export interface CheckKeyPorts extends Pick<
  KeyPorts,
  'applications' | 'subscriptions' | 'own' | 'now'
> {
  readonly certificates: PublicCertificates;
  readonly writer: Pick<VaultWriter, 'readCurrentPfx'>;
  readonly access: Pick<AccessReader, 'vault'>;
  readonly keySignIn: KeySignIn;
}

/**
 * Everything that stands, or does not stand, between the current version of a certificate and a
 * sign-in with it: the place, the certificate, its key there and, where it is there, a token that is
 * asked for with it and thrown away. For that the private key is read, and wiped at once; one that
 * may not leave its vault signs there. Changes nothing.
 */
export function makeCheckKey(ports: CheckKeyPorts) {
  return async (source: Source, target: KeyTarget): Promise<readonly AccessCheck[]> => {
    const [entries, version] = await Promise.all([
      look(() => lookAtKeys(ports, target)),
      look(() => ports.certificates.readPublic(source)),
    ]);
    const checks = [checkPlace(target, entries), ...checkCertificate(ports, source, version)];
    if (entries.kind !== 'seen' || version.kind !== 'seen') return checks;
    const isThere = entries.value.some(({ thumbprint }) => thumbprint === version.value.thumbprint);
    checks.push(await checkRegistered(ports, source, target, isThere));
    if (isThere && target.kind === 'entra-application') {
      checks.push(await checkSignIn(ports, source, target.appId, version.value));
    }
    return checks;
  };
}

/** What signs in as an application of the vault's tenant; the key is wiped by who gave it. */
export function makeSignInFor({ access, keySignIn }: Pick<CheckKeyPorts, 'access' | 'keySignIn'>) {
  return async (source: Source, appId: string, pfx: Uint8Array): Promise<SignInTried> => {
    const { tenantId } = await access.vault(source.vault);
    return await keySignIn.tryKey(appId, tenantId, pfx);
  };
}

function checkPlace(target: KeyTarget, entries: Look<readonly KeyEntry[]>): AccessCheck {
  const resource = formatTarget(target);
  if (entries.kind === 'seen') {
    return passed('application', resource, `Certkeeper can read the keys of ${resource}.`);
  }
  return blocking('application', resource, problemOf(entries));
}

function checkCertificate(
  { now }: Pick<CheckKeyPorts, 'now'>,
  source: Source,
  version: Look<PublicVersion>,
): AccessCheck[] {
  const resource = formatSource(source);
  if (version.kind !== 'seen') return [blocking('certificate', resource, problemOf(version))];
  const wrong = judgePublicKey(version.value.looks, now());
  if (wrong !== undefined) return [blocking('certificate', resource, wrong)];
  return [
    passed(
      'certificate',
      resource,
      `The current version of ${resource} is one with which an application can sign in, until ${version.value.expiresAt}.`,
    ),
  ];
}

async function checkRegistered(
  { own }: Pick<CheckKeyPorts, 'own'>,
  source: Source,
  target: KeyTarget,
  isThere: boolean,
): Promise<AccessCheck> {
  const resource = formatTarget(target);
  const name = formatSource(source);
  if (isThere) {
    return passed(
      'reference',
      resource,
      `${resource} has the key of the current version of ${name}.`,
    );
  }
  const before = (await own.read(target)).own.some((key) => isOf(key, source));
  return found('reference', before ? 'blocks' : 'notice', {
    code: 'KEY_NOT_FOUND',
    resource,
    message: `${resource} does not have the key of the current version of ${name}${before ? '' : ' yet'}.`,
    cure: before
      ? `Sync it: POST /api/certificates/${name}/sync`
      : `Bind it: POST /api/certificates/${name}/bindings with the target ${resource}.`,
  });
}

async function checkSignIn(
  ports: CheckKeyPorts,
  source: Source,
  appId: string,
  version: PublicVersion,
): Promise<AccessCheck> {
  const name = formatSource(source);
  const resource = `entra/applications/${appId}`;
  const tried = await look(async () => {
    if (version.notExportable === true) {
      const { tenantId } = await ports.access.vault(source.vault);
      return await ports.keySignIn.tryInVault(appId, tenantId, source, version);
    }
    const { pfx } = await ports.writer.readCurrentPfx(source, version);
    try {
      return await makeSignInFor(ports)(source, appId, pfx);
    } finally {
      pfx.fill(0);
    }
  });
  if (tried.kind !== 'seen') return unknown('sign-in', problemOf(tried));
  const { value } = tried;
  switch (value.kind) {
    case 'accepted':
      return passed('sign-in', resource, `Microsoft Entra gave a token to ${name} as ${appId}.`);
    case 'unknown-key':
      return found('sign-in', 'blocks', {
        code: 'KEY_NOT_ACCEPTED',
        resource,
        message: `${resource} shows the key of ${name}, and Microsoft Entra takes no sign-in with it. It says: ${value.message}`,
        cure: 'A key that was registered a moment ago needs some minutes. If it stays so, look at the sign-in logs of the application.',
      });
    case 'refused':
      return found('sign-in', 'may-block', {
        code: 'KEY_NOT_ACCEPTED',
        resource,
        message: `Microsoft Entra refused the sign-in as ${appId} for a reason that is not the key (${value.code}). It says: ${value.message}`,
        cure: 'Look at the sign-in logs of the application; it may have no service principal in this tenant, or a policy may be in the way.',
      });
  }
}

function problemOf(seen: Exclude<Look<unknown>, { readonly kind: 'seen' }>): Problem {
  if (seen.kind !== 'unasked') return seen.problem;
  return { code: 'INTERNAL_ERROR', message: 'It was not looked at.' };
}

function blocking(
  check: AccessCheck['check'],
  resource: string,
  { code, message, cure = '', ...rest }: Problem,
): AccessCheck {
  return found(check, 'blocks', { code, message, cure, resource: rest.resource ?? resource });
}
