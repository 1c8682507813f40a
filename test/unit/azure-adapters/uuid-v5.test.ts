import { toUuidV5 } from '../../../shared/azure/uuid-v5.ts';

/** The namespace for host names (RFC 9562, section 6.6). */
const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

describe('a UUID of version 5', () => {
  it('is the one that RFC 9562 gives as its example (appendix A.4)', () => {
    expect(toUuidV5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('follows from namespace and name, and differs with either', () => {
    expect(toUuidV5(DNS, 'a')).toBe(toUuidV5(DNS, 'a'));
    expect(toUuidV5(DNS, 'a')).not.toBe(toUuidV5(DNS, 'b'));
    expect(toUuidV5(DNS.replace('6', '7'), 'a')).not.toBe(toUuidV5(DNS, 'a'));
    expect(toUuidV5(DNS, 'ü')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
