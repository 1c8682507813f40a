import { X509Certificate } from 'node:crypto';
import { makeAuthority } from '../../../local/seed/authority.ts';

const NOW = new Date('2026-11-21T10:00:00.000Z');

test('a root is an authority that signed itself, and is valid now', async () => {
  const { der, thumbprint } = await makeAuthority('contoso-root', NOW);
  const root = new X509Certificate(der);
  expect(root.ca).toBe(true);
  expect(root.verify(root.publicKey)).toBe(true);
  expect(root.subject).toBe('CN=contoso-root');
  expect(root.issuer).toBe(root.subject);
  expect(root.fingerprint.replaceAll(':', '')).toBe(thumbprint);
  expect(Date.parse(root.validFrom)).toBeLessThan(NOW.getTime());
});

test('what it issues is an authority, too, and leads back to it', async () => {
  const issuer = await makeAuthority('contoso-root', NOW);
  const issued = new X509Certificate((await makeAuthority('contoso-issuing', NOW, issuer)).der);
  const root = new X509Certificate(issuer.der);
  expect(issued.ca).toBe(true);
  expect(issued.checkIssued(root)).toBe(true);
  expect(issued.verify(root.publicKey)).toBe(true);
});
