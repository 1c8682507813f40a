import pc from 'picocolors';
import type { ApiReference, ApiUsage } from '../../../cli/api.ts';
import { formatUsage } from '../../../cli/show/usage.ts';

const PLAIN = { colors: pc.createColors(false), columns: 80 };
const BY_THUMBPRINT: ApiReference = {
  document: 'apis/orders/operations/create-order/policies/policy',
  kind: 'policy',
  at: 'inbound/authentication-certificate/@thumbprint, line 4',
  by: 'thumbprint',
  certainty: 'certain',
  repairable: true,
};
const BY_ID: ApiReference = {
  ...BY_THUMBPRINT,
  document: 'backends/orders',
  at: 'credentials.certificateIds[0]',
  by: 'id',
};
const PERHAPS: ApiReference = { ...BY_ID, by: 'expression', certainty: 'possible' };

function show(references: readonly ApiReference[], other: Partial<ApiUsage['targets'][0]> = {}) {
  const verdict = references.length > 0 ? 'in-use' : 'unused';
  return formatUsage(
    {
      source: 'contoso-kv/gateway-client',
      verdict,
      targets: [
        {
          target: 'contoso-gw/certificates/gateway-client',
          verdict,
          asOf: '2026-11-21T10:00:00.000Z',
          live: false,
          references,
          ...other,
        },
      ],
      readers: [],
    },
    PLAIN,
  );
}

describe('The use of a certificate', () => {
  test('is shown with its age, place by place, within the width of the terminal', () => {
    const text = show([BY_THUMBPRINT, { ...BY_ID, via: 'cert-id' }]);
    expect(text).toContain('in-use (as of 2026-11-21 10:00:00 UTC)');
    expect(text).toMatch(/by thumbprint/);
    expect(text).toContain('{{cert-id}}');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('ends with what the next rotation would break, and the cure', () => {
    expect(show([BY_THUMBPRINT, BY_ID])).toMatch(/1 place refers by thumbprint[^]*REPAIR/);
    expect(show([BY_ID])).toMatch(/in a way that rotation keeps\.$/);
  });

  test('tells what is stale already from what the next rotation would break', () => {
    const stale = { ...BY_THUMBPRINT, stale: true } as const;
    const text = show([stale]);
    expect(text).toMatch(/by a stale\s+thumbprint/);
    expect(text).toMatch(/1 place refers by a thumbprint that is stale already[^]*REPAIR/);
    expect(text).not.toMatch(/next\s+rotation/);
    const both = show([stale, BY_THUMBPRINT, { ...BY_THUMBPRINT, document: 'backends/b' }]);
    expect(both).toMatch(/1 place refers[^]*stale already[^]*2 places\s+refer[^]*next\s+rotation/);
  });

  test('does not call unused what nobody has seen through', () => {
    expect(show([PERHAPS], { verdict: 'may-be-in-use' })).toMatch(/be seen from\s+outside/);
    expect(show([], { verdict: 'unknown' })).toMatch(/Nobody has looked everywhere yet\.$/);
    expect(show([])).toMatch(/Nothing that Certkeeper can see uses it\.$/);
  });

  test('says of a target that is not there just that, and not that nothing uses it', () => {
    const message = 'There is no certificate contoso-gw/certificates/ordres in API Management.';
    const problem = { code: 'USAGE_UNKNOWN', message, cure: 'Correct the path.' };
    for (const [references, verdict] of [
      [[], 'unknown'],
      [[BY_THUMBPRINT], 'in-use'],
    ] as const) {
      const text = show(references, { verdict, missing: true, problem });
      expect(text).toMatch(/certificates\/gateway-client: not there/);
      expect(text).toContain('There is no certificate');
      expect(text).toContain('Correct the path.');
      expect(text).toMatch(/what\s+refers\s+to\s+it\s+finds\s+nothing\.$/);
      expect(text).not.toMatch(/unused|uses it|everywhere|rotation/);
    }
  });

  test('says how many places are left out, and what could not be looked at', () => {
    const problem = { code: 'USAGE_UNKNOWN', message: 'No sweep has finished.' };
    const text = show([BY_ID], { leftOut: 7, problem });
    expect(text).toContain('… and 7 more');
    expect(text).toContain('No sweep has finished.');
  });

  test('names what reads the vault by itself, where nothing is bound', () => {
    const reader = { service: 'contoso-gw', live: true, references: [BY_ID] };
    const text = formatUsage(
      { source: 'contoso-kv/web', verdict: 'in-use', targets: [], readers: [reader] },
      PLAIN,
    );
    expect(text).toContain('contoso-kv/web is bound to no target.');
    expect(text).toContain('contoso-gw reads it from Key Vault by itself');
    expect(text).not.toContain('Nothing that Certkeeper can see');
  });
});
