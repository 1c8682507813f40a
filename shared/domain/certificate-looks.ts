/** What a certificate says of itself, in plain values: nothing of it is secret. */
export interface CertificateLooks {
  /** In the certificate's own order, e.g. `CN=api.contoso.com, O=Contoso`; empty when it has none. */
  readonly subject: string;
  readonly issuer: string;
  /** DNS names as they are; others with their kind in front: `IP:`, `email:`, `URI:`, `UPN:` … */
  readonly sans: readonly string[];
  /** Upper-case hex. */
  readonly serialNumber: string;
  /** SHA-1 over the DER, 40 upper-case hex digits: the form Key Vault and API Management show. */
  readonly thumbprint: string;
  /** ISO 8601, UTC. */
  readonly notBefore: string;
  /** ISO 8601, UTC. */
  readonly notAfter: string;
  /** `RSA`, `EC`, `RSA-PSS`, `Ed25519`, `Ed448`, `DSA`; an unknown one by its object identifier. */
  readonly keyType: string;
  /** Bits of an RSA or DSA key, or of an elliptic curve's field. */
  readonly keySize?: number;
  /** `P-256`, `P-384`, `P-521`, `P-256K`; another named curve as OpenSSL calls it. */
  readonly curve?: string;
  /** As RFCs name it, e.g. `sha256WithRSAEncryption`; an unknown one by its object identifier. */
  readonly signatureAlgorithm: string;
  /** As RFC 5280 names the bits, e.g. `digitalSignature`; empty without the extension. */
  readonly keyUsage: readonly string[];
  /** As RFC 5280 names them, e.g. `clientAuth`; unknown ones by their object identifier. */
  readonly extendedKeyUsage: readonly string[];
}
