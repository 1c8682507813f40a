/**
 * What refers to certificates, put there by somebody's hand, and what was meant by it. The meaning is
 * noted when it is written: nothing here reads a document.
 */
import {
  authenticationCertificate,
  policyWith,
  putBackend,
  putFragment,
  putGateway,
  putNamedValue,
  putPolicy,
  type Asking,
} from '../azure/seed-contents.ts';

export const FORMS = [
  'id',
  'thumbprint',
  'expression',
  'named-value',
  'hidden',
  'fragment',
  'backend-id',
  'backend-thumbprint',
  'gateway',
  'mention-in-comment',
] as const;
export type Form = (typeof FORMS)[number];

/** Scopes that have a policy, below a service or a workspace. */
export const SCOPES = [
  '',
  '/apis/orders',
  '/apis/orders/operations/get',
  '/products/starter',
] as const;

export interface ReferenceSpec {
  readonly form: Form;
  /** Which of {@link SCOPES}, for what stands in a policy. */
  readonly scope: number;
  readonly inWorkspace: boolean;
}

/** What is referred to: a certificate at a place, as it is now. */
export interface Referred {
  /** Resource id of the service. */
  readonly service: string;
  readonly workspace: string | undefined;
  readonly id: string;
  readonly thumbprint: string;
}

/** A document as its author means it. */
export interface Reference {
  readonly document: string;
  readonly service: string;
  readonly workspace: string | undefined;
  /** When it was there, counted in acts. */
  readonly since: number;
  readonly means:
    /** `of`: by the whole address, so that no other of its name can be meant. */
    | { readonly kind: 'id'; readonly id: string; readonly of?: 'own-place' }
    | { readonly kind: 'thumbprint'; readonly thumbprint: string }
    /** Worked out when a request comes. */
    | { readonly kind: 'any' }
    | { readonly kind: 'nothing' };
  /** A thumbprint that is kept beside it, though nothing presents a certificate by it. */
  readonly mentions?: string;
  /** The named value in which it says what it means. */
  readonly through?: string;
  /** The named value is gone: nobody can tell any more. */
  dangling?: boolean;
}

/** Whether what refers can reach what is at a place: a workspace sees the service it is in. */
function reaches(reference: Reference, one: Referred): boolean {
  if (reference.service !== one.service) return false;
  return one.workspace === undefined || reference.workspace === one.workspace;
}

/** Whether it uses the certificate, or may, as far as its author knows. */
export function uses(reference: Reference, one: Referred): boolean {
  if (!reaches(reference, one)) return false;
  const { means } = reference;
  switch (means.kind) {
    case 'any':
      return true;
    case 'nothing':
      return false;
    case 'id':
      if (means.of !== undefined && reference.workspace !== one.workspace) return false;
      return means.id === one.id;
    case 'thumbprint':
      return means.thumbprint === one.thumbprint;
  }
}

/** Whether somebody careful may take it for a use: then it is no fault to keep the certificate. */
export function concerns(
  reference: Reference,
  one: Referred,
  thumbprints: ReadonlySet<string>,
): boolean {
  if (reference.service !== one.service) return false;
  const { means, mentions, dangling } = reference;
  if (dangling === true && reaches(reference, one)) return true;
  if (mentions !== undefined && thumbprints.has(mentions)) return true;
  if (means.kind === 'thumbprint') return thumbprints.has(means.thumbprint);
  return uses(reference, one);
}

/** Writes what refers to a certificate. Thrown when the service refuses it: nothing was changed. */
export async function writeReference(
  azure: Asking,
  { form, scope, inWorkspace }: ReferenceSpec,
  referred: Referred,
  number: number,
): Promise<readonly Omit<Reference, 'since'>[]> {
  const { service, id, thumbprint } = referred;
  const workspace = inWorkspace ? 'team' : undefined;
  const at = workspace === undefined ? service : `${service}/workspaces/${workspace}`;
  const scoped = `${at}${SCOPES[scope % SCOPES.length] ?? ''}`;
  const name = `r${String(number)}`;
  const place = { service, workspace };
  const note = (
    document: string,
    means: Reference['means'],
    mentions?: string,
  ): Omit<Reference, 'since'> => ({
    ...{ ...place, document, means },
    ...(mentions === undefined ? {} : { mentions }),
  });
  const policy = async (inbound: string): Promise<string> =>
    await putPolicy(azure, scoped, policyWith(inbound));
  const byId = { kind: 'id', id } as const;
  const byThumbprint = { kind: 'thumbprint', thumbprint } as const;

  switch (form) {
    case 'id':
      return [note(await policy(authenticationCertificate({ id })), byId)];
    case 'thumbprint':
      return [note(await policy(authenticationCertificate({ thumbprint })), byThumbprint)];
    case 'expression': {
      const chosen = '@(context.Variables.GetValueOrDefault<string>("certificate"))';
      return [note(await policy(authenticationCertificate({ id: chosen })), { kind: 'any' })];
    }
    case 'mention-in-comment':
      return [
        note(await policy(`<!-- ${authenticationCertificate({ id })} -->`), { kind: 'nothing' }),
      ];
    case 'named-value': {
      const value = await putNamedValue(azure, at, name, thumbprint);
      const written = await policy(authenticationCertificate({ thumbprint: `{{${name}}}` }));
      return [
        note(value, { kind: 'nothing' }, thumbprint),
        { ...note(written, byThumbprint), through: value },
      ];
    }
    case 'hidden': {
      const value = await putNamedValue(azure, at, name, id, true);
      const written = await policy(authenticationCertificate({ id: `{{${name}}}` }));
      return [note(value, { kind: 'nothing' }), note(written, { kind: 'any' })];
    }
    case 'fragment':
      return [note(await putFragment(azure, at, name, authenticationCertificate({ id })), byId)];
    case 'backend-id': {
      const ids = [`${at}/certificates/${id}`];
      return [
        note(await putBackend(azure, at, name, { certificateIds: ids }), {
          ...byId,
          of: 'own-place',
        }),
      ];
    }
    case 'backend-thumbprint':
      return [note(await putBackend(azure, at, name, { certificate: [thumbprint] }), byThumbprint)];
    case 'gateway': {
      const gateway = await putGateway(azure, service, name, { hostname: id });
      const document = `${gateway}/hostnameConfigurations/default`;
      return [{ ...note(document, byId), workspace: undefined }];
    }
  }
}
