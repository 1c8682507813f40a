import { X509Certificate } from 'node:crypto';
import { isRestError } from '@azure/core-rest-pipeline';
import { SaxesParser } from 'saxes';
import type { RestCalls } from './rest-calls.ts';
import { statusOf, toDomainError } from '../to-domain-error.ts';
import { TerminalError } from '../../domain/errors.ts';
import { keyPlaceProblem, type KeyCare } from '../../domain/key-care.ts';
import type { KeyEntry } from '../../domain/key-credentials.ts';
import type { SubscriptionCertificates } from '../../domain/key-ports.ts';

/** Of "Add Management Certificate" and the calls beside it. */
const VERSION = '2012-03-01';
const NAMESPACE = 'http://schemas.microsoft.com/windowsazure';

/**
 * Management certificates by the classic Service Management API. The service was retired on
 * 31 August 2024; the calls are here as they were documented, for whom they still answer.
 */
export function makeSubscriptionCertificates(
  calls: RestCalls,
  classicUrl: string,
  care: KeyCare,
): SubscriptionCertificates {
  const addressOf = (subscriptionId: string): string => {
    const problem = keyPlaceProblem({ kind: 'classic-management', subscriptionId }, care);
    if (problem !== undefined) throw new TerminalError(problem);
    return `${classicUrl}/${subscriptionId}/certificates`;
  };
  const headers = { 'x-ms-version': VERSION, accept: 'application/xml' };
  const attempt = (subscriptionId: string, doing: string) => ({
    resource: pathOf(subscriptionId),
    doing: `${doing} ${pathOf(subscriptionId)}`,
    grant:
      'Make its identity a co-administrator of the subscription, as the classic service asked for.',
  });
  return {
    async list(subscriptionId) {
      const url = addressOf(subscriptionId);
      try {
        const { bodyAsText } = await calls({ method: 'GET', url, headers });
        return readList(bodyAsText ?? '');
      } catch (error) {
        throw toClassicError(
          error,
          subscriptionId,
          attempt(subscriptionId, 'list the certificates of'),
        );
      }
    },

    async add(subscriptionId, { der, thumbprint }) {
      const url = addressOf(subscriptionId);
      const certificate = new X509Certificate(Buffer.from(der, 'base64'));
      const publicKey = certificate.publicKey.export({ type: 'pkcs1', format: 'der' });
      const body = [
        '<?xml version="1.0" encoding="utf-8"?>',
        `<SubscriptionCertificate xmlns="${NAMESPACE}">`,
        `<SubscriptionCertificatePublicKey>${publicKey.toString('base64')}</SubscriptionCertificatePublicKey>`,
        `<SubscriptionCertificateThumbprint>${thumbprint}</SubscriptionCertificateThumbprint>`,
        `<SubscriptionCertificateData>${der}</SubscriptionCertificateData>`,
        '</SubscriptionCertificate>',
      ].join('');
      try {
        await calls({
          method: 'POST',
          url,
          headers: { ...headers, 'content-type': 'application/xml' },
          body,
        });
        return 'added';
      } catch (error) {
        if (statusOf(error) === 409) return 'was-there';
        throw toClassicError(
          error,
          subscriptionId,
          attempt(subscriptionId, 'add a certificate to'),
        );
      }
    },

    async remove(subscriptionId, thumbprint) {
      const url = `${addressOf(subscriptionId)}/${thumbprint}`;
      try {
        await calls({ method: 'DELETE', url, headers });
      } catch (error) {
        if (statusOf(error) === 404) return;
        throw toClassicError(
          error,
          subscriptionId,
          attempt(subscriptionId, 'remove a certificate from'),
        );
      }
    },
  };
}

/** `SubscriptionCertificates` of `SubscriptionCertificate`s. Thrown when it is no XML: Error. */
function readList(xml: string): readonly KeyEntry[] {
  const found: Record<string, string>[] = [];
  let name = '';
  const parser = new SaxesParser();
  parser.on('opentag', (tag) => {
    name = tag.name;
    if (name === 'SubscriptionCertificate') found.push({});
  });
  parser.on('text', (text) => {
    const last = found.at(-1);
    if (last !== undefined && text.trim() !== '') last[name] = (last[name] ?? '') + text.trim();
  });
  parser.write(xml).close();
  return found.map(toEntry);
}

function toEntry(raw: Readonly<Record<string, string>>): KeyEntry {
  const thumbprint = (raw['SubscriptionCertificateThumbprint'] ?? '').toUpperCase();
  return { keyId: thumbprint, thumbprint, ...datesOf(raw['SubscriptionCertificateData']), raw };
}

function datesOf(der: string | undefined): Pick<KeyEntry, 'startsAt' | 'expiresAt'> {
  try {
    const certificate = new X509Certificate(Buffer.from(der ?? '', 'base64'));
    return {
      startsAt: certificate.validFromDate.toISOString(),
      expiresAt: certificate.validToDate.toISOString(),
    };
  } catch {
    return {}; // what the service keeps and nobody can read
  }
}

/** What a service that is no more answers is not documented: gone, not found, or a refusal that says so. */
function toClassicError(
  error: unknown,
  subscriptionId: string,
  attempt: Parameters<typeof toDomainError>[1],
): Error {
  const status = statusOf(error);
  const says = isRestError(error) ? (error.response?.bodyAsText ?? '') : '';
  if (status === 404 || status === 410 || /\bretired\b/i.test(says)) return retired(subscriptionId);
  return toDomainError(error, attempt);
}

function pathOf(subscriptionId: string): string {
  return `classic/subscriptions/${subscriptionId}`;
}

function retired(subscriptionId: string): TerminalError {
  return new TerminalError({
    code: 'TARGET_RETIRED',
    message: `Azure retired the classic service on 31 August 2024; it has no management certificates for ${pathOf(subscriptionId)} any more.`,
    resource: pathOf(subscriptionId),
    cure: 'Use the key of an application instead: entra/applications/{appId}.',
  });
}
