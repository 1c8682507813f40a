import { X509Certificate } from 'node:crypto';
import { isRestError } from '@azure/core-rest-pipeline';
import type { RestCalls } from './rest-calls.ts';
import type { SignInVault } from './vault-signatures.ts';
import { toDomainError } from '../to-domain-error.ts';
import { makeClientAssertion, signPs256 } from '../../certificates/client-assertion.ts';
import { openOwnPfx } from '../../certificates/open-own-pfx.ts';
import type { KeySignIn, SignInTried } from '../../domain/key-ports.ts';

/** Every application may have a token for it, with no permission in it. */
const scopeOf = (graphUrl: string): string => `${graphUrl}/.default`;

/**
 * A key that the application does not have, or that did not sign: "Client assertion contains an
 * invalid signature", with the reason that the key was not found ("Microsoft Entra authentication and
 * authorization error codes").
 */
const UNKNOWN_KEY = /\bAADSTS700027\b/;

/**
 * Signs in as an application, as its automation would ("OAuth 2.0 client credentials flow", third
 * case), and throws the token away.
 *
 * @param calls without a credential of Certkeeper's own
 * @param loginUrl e.g. `https://login.microsoftonline.com`
 */
export function makeKeySignIn(
  calls: RestCalls,
  { loginUrl, graphUrl }: { readonly loginUrl: string; readonly graphUrl: string },
  signInVault: SignInVault,
  now: () => Date,
): KeySignIn {
  const signIn = async (
    appId: string,
    tenantId: string,
    certificate: X509Certificate,
    sign: (text: Buffer) => Buffer | Promise<Buffer>,
  ): Promise<SignInTried> => {
    const url = `${loginUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
    const facts = { appId, audience: url, now: now() };
    const assertion = await makeClientAssertion(facts, certificate, sign);
    const body = new URLSearchParams({
      client_id: appId,
      scope: scopeOf(graphUrl),
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    try {
      await calls({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      });
      return { kind: 'accepted' };
    } catch (error) {
      const refused = toRefusal(error);
      if (refused !== undefined) return refused;
      throw toDomainError(error, {
        resource: `entra/applications/${appId}`,
        doing: `sign in as the application ${appId}`,
        grant: 'Look at the sign-in logs of the application.',
      });
    }
  };
  return {
    async tryKey(appId, tenantId, pfx) {
      const { key, certificate } = await openOwnPfx(pfx);
      return await signIn(appId, tenantId, certificate, (text) => signPs256(text, key));
    },

    async tryInVault(appId, tenantId, source, { version, der }) {
      const certificate = new X509Certificate(Buffer.from(der, 'base64'));
      return await signIn(appId, tenantId, certificate, (text) =>
        signInVault(source, version, text),
      );
    },
  };
}

/** `{"error","error_description","error_codes"}`; undefined when it is no answer of this kind. */
function toRefusal(error: unknown): SignInTried | undefined {
  if (!isRestError(error) || error.statusCode === undefined) return undefined;
  if (error.statusCode !== 400 && error.statusCode !== 401) return undefined;
  // Of a shape that only the service knows.
  const details = error.details as { error?: unknown; error_description?: unknown } | undefined;
  const said = typeof details?.error_description === 'string' ? details.error_description : '';
  const message = (said.split(/\r?\n/)[0] ?? '').slice(0, 400);
  if (UNKNOWN_KEY.test(said)) return { kind: 'unknown-key', message };
  const code = typeof details?.error === 'string' ? details.error : 'refused';
  return { kind: 'refused', code, message };
}
