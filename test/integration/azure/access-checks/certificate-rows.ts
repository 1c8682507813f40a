/** Findings about the certificate. */
import { type AccessWorld } from '../../../support/azure/access-world.ts';
import { type Row } from './row.ts';

const POLICY = (contentType: string, exportable = true) => ({
  policy: { key_props: { exportable, kty: 'EC' }, secret_props: { contentType } },
});
const PKCS12 = 'application/x-pkcs12';
const PEM = 'application/x-pem-file';

function create(w: AccessWorld, issuer: string, contentType = PKCS12): Promise<void> {
  return w.askVault('POST', '/certificates/c/create', {
    policy: {
      ...POLICY(contentType).policy,
      key_props: { exportable: true, kty: 'EC', crv: 'P-256' },
      x509_props: { subject: 'CN=c' },
      issuer: { name: issuer },
    },
  });
}

async function clockOf(w: AccessWorld): Promise<{ now: number }> {
  const clock = await w.ask('GET', '/_local/clock');
  return { now: Date.parse(String(Reflect.get(Object(clock), 'now'))) };
}

export const CERTIFICATE_ROWS: readonly Row[] = [
  {
    code: 'SOURCE_NOT_FOUND',
    when: 'there is none of that name',
    severity: 'blocks',
    begin: { certificate: 'none' },
    fires: (w) => w.importVersion({}, undefined, 'd'),
    but: 'there is one',
    not: (w) => w.importVersion(),
  },
  {
    code: 'CERTIFICATE_PENDING',
    when: 'its first version waits for a signature',
    severity: 'blocks',
    begin: { certificate: 'none' },
    fires: (w) => create(w, 'Unknown'),
    but: 'its first version is there, and the second waits',
    not: async (w) => {
      await w.importVersion();
      await create(w, 'Unknown');
    },
  },
  {
    code: 'CERTIFICATE_DELETED',
    when: 'it is deleted, and can be recovered',
    severity: 'blocks',
    fires: (w) => w.askVault('DELETE', '/certificates/c'),
    cured: true,
    but: 'it was recovered',
    not: async (w) => {
      await w.askVault('DELETE', '/certificates/c');
      await w.askVault('POST', '/deletedcertificates/c/recover', {});
    },
  },
  {
    code: 'CURRENT_VERSION_DISABLED',
    when: 'its newest version is disabled, though an older one is not',
    severity: 'blocks',
    fires: (w) => w.importVersion({ attributes: { enabled: false } }),
    cured: true,
    but: 'an older version is disabled',
    not: async (w) => {
      const version = await w.currentVersion();
      await w.importVersion();
      await w.askVault('PATCH', `/certificates/c/${version}`, { attributes: { enabled: false } });
    },
  },
  {
    code: 'CERTIFICATE_EXPIRED',
    when: 'it has expired',
    severity: 'blocks',
    begin: { certificate: 'none' },
    fires: async (w) => {
      await w.importVersion({}, { from: -3_600, to: 40 * 86_400 });
      await w.advance(41 * 86_400);
    },
    but: 'it expires tomorrow',
    not: async (w) => {
      const { now } = await clockOf(w);
      const ahead = (now - Date.now()) / 1_000;
      await w.importVersion({}, { from: -3_600, to: ahead + 86_400 });
    },
  },
  {
    code: 'CERTIFICATE_NOT_YET_VALID',
    when: 'it is valid from tomorrow on',
    severity: 'may-block',
    begin: { certificate: 'none' },
    fires: async (w) => {
      const { now } = await clockOf(w);
      const ahead = (now - Date.now()) / 1_000;
      await w.importVersion({}, { from: ahead + 86_400, to: ahead + 99 * 86_400 });
    },
    reads: false,
    but: 'it has become valid',
    not: async (w) => {
      const { now } = await clockOf(w);
      const ahead = (now - Date.now()) / 1_000;
      await w.importVersion({}, { from: ahead + 86_400, to: ahead + 99 * 86_400 });
      await w.advance(86_400);
    },
  },
  {
    code: 'CERTIFICATE_NOT_EXPORTABLE',
    when: 'its private key stays in the vault',
    severity: 'blocks',
    fires: (w) => w.importVersion(POLICY(PKCS12, false)),
    but: 'that was an older version',
    not: async (w) => {
      await w.importVersion(POLICY(PKCS12, false));
      await w.importVersion(POLICY(PKCS12));
    },
  },
  {
    code: 'CERTIFICATE_WRONG_TYPE',
    when: 'it is kept as PEM',
    severity: 'blocks',
    begin: { certificate: 'none' },
    fires: (w) => create(w, 'Self', PEM),
    but: 'it is kept as PKCS#12',
    not: (w) => create(w, 'Self', PKCS12),
  },
  {
    code: 'CERTIFICATE_POLICY_CHANGED',
    when: 'its policy was made exportable after its version was made, which is not',
    severity: 'may-block',
    begin: { certificate: 'none' },
    fires: async (w) => {
      await w.importVersion(POLICY(PKCS12, false));
      await w.advance(3_600);
      await w.askVault('PATCH', '/certificates/c/policy', { key_props: { exportable: true } });
    },
    reads: false,
    but: 'a version was made under the new policy',
    not: async (w) => {
      await w.importVersion(POLICY(PKCS12, false));
      await w.advance(3_600);
      await w.importVersion(POLICY(PKCS12, true));
    },
  },
  {
    code: 'CERTIFICATE_POLICY_CHANGED',
    when: 'its policy was made PEM after its version was made, which is not',
    severity: 'may-block',
    fires: async (w) => {
      await w.advance(3_600);
      await w.askVault('PATCH', '/certificates/c/policy', { secret_props: { contentType: PEM } });
    },
    but: 'the service holds that very version already',
    not: async (w) => {
      await w.attach();
      await w.advance(3_600);
      await w.askVault('PATCH', '/certificates/c/policy', { secret_props: { contentType: PEM } });
    },
  },
];
