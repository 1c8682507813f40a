import type { ProblemCode } from '../../domain/errors.ts';

/** What each field of an upload can be refused for. */
const CODES: Readonly<Record<string, readonly ProblemCode[]>> = {
  file: [
    'CERTIFICATE_EXPIRED',
    'CERTIFICATE_MISSING',
    'CERTIFICATE_NOT_YET_VALID',
    'CHAIN_INCOMPLETE',
    'FILE_TOO_COSTLY',
    'FILE_TOO_LARGE',
    'FILE_UNREADABLE',
    'KEY_TOO_WEAK',
    'KEY_TYPE_UNSUPPORTED',
    'PRIVATE_KEYS_SEVERAL',
    'PRIVATE_KEY_MISMATCH',
    'PRIVATE_KEY_MISSING',
    'SIGNATURE_TOO_WEAK',
  ],
  password: ['PASSWORD_WRONG'],
  vault: ['VAULT_NOT_CONFIGURED', 'VAULT_NOT_FOUND'],
  name: ['CERTIFICATE_DELETED', 'CERTIFICATE_EXISTS', 'NAME_SOFT_DELETED'],
  targets: [
    'APPLICATION_NOT_CONFIGURED',
    'BINDING_NOT_ALLOWED',
    'SERVICE_NOT_CONFIGURED',
    'SERVICE_NOT_FOUND',
    'TARGET_RETIRED',
    'TARGET_TAKEN',
    'TARGET_UNREADABLE',
    'TARGET_UNSUPPORTED',
    'WORKSPACE_NOT_FOUND',
  ],
};

/** The field of the upload's form that a refusal is about; undefined = none of them. */
export function fieldOfUploadCode(code: string): string | undefined {
  return Object.keys(CODES).find((field) => CODES[field]?.some((one) => one === code));
}
