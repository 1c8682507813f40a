/** Troubles of certificates themselves: how they end, what they are, who uses them. */
import { makeKeyPair } from '../../azure/certificates/key-pair.ts';
import { makeAuthority } from '../authority.ts';
import { commonName } from '../fleet.ts';
import { issue } from './issue.ts';
import { at, from, type Trouble } from './trouble.ts';

const GW = 'fabrikam-gw';
const KV = 'fabrikam-kv';

export const CERTIFICATE_TROUBLES: readonly Trouble[] = [
  { where: 'all is in order', happened: (h) => h.keep(GW, KV, 'orders'), finds: [] },
  ends('payments', -3, 'EXPIRED'),
  ends('warehouse', 4, 'EXPIRES_VERY_SOON'),
  ends('invoices', 11, 'EXPIRES_SOON'),
  ends('shipping', 24, 'EXPIRES_LATER'),
  ends('loyalty', 48, 'NO_AUTO_RENEWAL'),
  {
    where: 'a certificate was uploaded without a vault',
    async happened(h) {
      const { pfx } = await issue('fax-bridge', h.present);
      await h.put(GW, 'certificates/fax-bridge', { data: pfx, password: '' });
      await h.use(GW, 'fax-bridge');
    },
    finds: [`UPLOADED_NOT_ROTATING ${at('fax-bridge')}`],
  },
  {
    where: 'nothing uses a certificate any more',
    async happened(h) {
      await h.add(KV, 'pilot');
      await h.attach(GW, KV, 'pilot');
    },
    finds: [`USED_BY_NOTHING ${at('pilot')}`],
  },
  {
    where: 'a backend refers to one by its thumbprint',
    async happened(h) {
      await h.add(KV, 'ledger');
      await h.attach(GW, KV, 'ledger');
      await h.use(GW, 'ledger', { certificate: [await h.thumbprint(GW, 'ledger')] });
    },
    finds: [`REFERENCED_BY_THUMBPRINT ${at('ledger')}`],
  },
  {
    where: 'a backend refers by its thumbprint to one that the first sweep replaces',
    async happened(h) {
      await h.add(KV, 'tills');
      await h.attach(GW, KV, 'tills');
      await h.use(GW, 'tills', { certificate: [await h.thumbprint(GW, 'tills')] });
      await h.add(KV, 'tills');
    },
    finds: [`REFERENCE_BROKEN ${at('tills')}`],
  },
  {
    where: 'one certificate is there under two ids',
    async happened(h) {
      await h.keep(GW, KV, 'stock');
      await h.attach(GW, KV, 'stock', { id: 'stock-old' });
      await h.use(GW, 'stock-old');
    },
    finds: [`SEVERAL_IDS ${GW}`],
  },
  {
    where: 'two certificates share a key',
    async happened(h) {
      const { privateKey: key } = await makeKeyPair({ kty: 'EC', curve: 'P-256' });
      await h.keep(GW, KV, 'claims', { key });
      await h.keep(GW, KV, 'returns', { key });
    },
    finds: [`KEY_REUSED ${from('claims')}`],
  },
  {
    where: 'a certificate is signed with SHA-1',
    happened: (h) => h.keep(GW, KV, 'mainframe', { signedWith: 'SHA-1' }),
    finds: [`WEAK_SIGNATURE ${from('mainframe')}`],
  },
  {
    where: 'a certificate has a key that is too weak',
    async happened(h) {
      const { privateKey: key } = await makeKeyPair({ kty: 'RSA', keySize: 1_024 });
      await h.keep(GW, KV, 'franking', { key });
    },
    finds: [`WEAK_KEY ${from('franking')}`],
  },
  {
    where: 'the issuer of a certificate is not among those that its service knows',
    async happened(h) {
      const issuer = await makeAuthority('Fabrikam Issuing CA', h.present);
      await h.keep(GW, KV, 'supplier', { issuer });
    },
    finds: [`ISSUER_NOT_IN_CA_STORE ${GW}`],
  },
  {
    where: 'a certificate is tagged with what nobody understands',
    happened: (h) =>
      h.keep(
        GW,
        KV,
        'mailing',
        {},
        {
          tags: {
            ...{ 'certkeeper-ack': 'some day', 'certkeeper-taget': GW },
            'certkeeper-targets': 'the gateway',
          },
        },
      ),
    finds: [
      `ACKNOWLEDGEMENT_UNREADABLE ${from('mailing')}`,
      `TAG_UNKNOWN ${from('mailing')}`,
      `TARGET_UNREADABLE ${from('mailing')}`,
    ],
  },
  {
    where: 'the private key may not leave the vault',
    async happened(h) {
      await h.keep(GW, KV, 'signer');
      await h.add(KV, 'signer', {}, policy({ exportable: false }));
    },
    finds: [`CERTIFICATE_NOT_EXPORTABLE ${from('signer')}`],
  },
  {
    where: 'a new version is not valid yet',
    async happened(h) {
      await h.keep(GW, KV, 'new-year');
      await h.add(KV, 'new-year', { beginsIn: 9, endsIn: 374 });
    },
    finds: [`CERTIFICATE_NOT_YET_VALID ${from('new-year')}`, `REFRESH_FAILED ${at('new-year')}`],
  },
  {
    where: 'the first version of a certificate is still to be issued',
    async happened(h) {
      await h.vaultCall('POST', KV, 'certificates/voice/create', {
        policy: { ...policy({ exportable: true }).policy, ...made('voice', 'Unknown') },
      });
      await h.attach(GW, KV, 'voice');
      await h.use(GW, 'voice');
    },
    finds: [`CERTIFICATE_PENDING fabrikam-kv`],
  },
  {
    where: 'a policy was changed after its version was made',
    async happened(h) {
      await h.add(KV, 'scales', {}, policy({ exportable: false }));
      await h.attach(GW, KV, 'scales');
      await h.use(GW, 'scales');
    },
    async later(h) {
      await h.vaultCall('PATCH', KV, 'certificates/scales/policy', {
        key_props: { exportable: true },
      });
    },
    finds: [`CERTIFICATE_POLICY_CHANGED ${from('scales')}`, `REFRESH_FAILED ${at('scales')}`],
  },
  {
    where: 'a certificate is made as PEM from now on',
    async happened(h) {
      await h.keep(GW, KV, 'website');
      await h.vaultCall('POST', KV, 'certificates/website/create', {
        policy: {
          ...{ key_props: { exportable: true, kty: 'EC', crv: 'P-256', reuse_key: false } },
          ...{ secret_props: { contentType: 'application/x-pem-file' } },
          ...made('website', 'Self'),
        },
      });
    },
    finds: [`CERTIFICATE_WRONG_TYPE ${from('website')}`],
  },
];

function ends(name: string, endsIn: number, code: string): Trouble {
  return {
    where: `a certificate ${endsIn < 0 ? 'ended' : `ends in ${String(endsIn)} days`}`,
    happened: (h) => h.keep(GW, KV, name, { endsIn }),
    finds: [`${code} ${from(name)}`],
  };
}

/** What a policy says of a certificate that the vault itself has made. */
function made(name: string, issuer: string) {
  return { issuer: { name: issuer }, x509_props: { subject: `CN=${commonName(name)}` } };
}

function policy({ exportable }: { readonly exportable: boolean }) {
  return {
    policy: {
      ...{ key_props: { exportable, kty: 'EC', crv: 'P-256' } },
      secret_props: { contentType: 'application/x-pkcs12' },
    },
  };
}
