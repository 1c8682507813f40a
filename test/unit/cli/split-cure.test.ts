import fc from 'fast-check';
import pc from 'picocolors';
import { formatCure, formatProblem } from '../../../cli/show/problem.ts';
import { splitCure } from '../../../cli/show/split-cure.ts';
import { splitCure as splitForReports } from '../../../shared/report/split-cure.ts';

const COMMANDS = [
  'az keyvault certificate create --vault-name contoso-kv --name a --policy @policy.json',
  'az network private-endpoint create --subnet {id of a subnet, or more. Or less} --group-id vault',
  `az rest --method put --url "https://a.test/b?c=d" --headers "If-Match=*" --body '{"a": 1, "b": "c. (d)"}'`,
  'az role assignment create --role "A, b" --assignee $(az resource show --ids /a) --scope /c',
  'npx certkeeper access contoso-kv/gateway-client contoso-gw/certificates/gateway-client',
];

describe('A command in advice', () => {
  const around: readonly (readonly [before: string, after: string])[] = [
    ['', ''],
    ['', '. Then wait.'],
    ['Do it: ', ''],
    ['Do it: ', '; or leave it.'],
    ['Do it: ', ', or leave it'],
    ['Make it an owner, ', ', and wait.'],
    ['Do it: ', ' (it does not come back)'],
    ['See why; then ', ''],
    ['It is stuck; or ', '.'],
  ];

  test.each(COMMANDS)('%s stands on a line of its own, whole', (command) => {
    for (const [before, after] of around) {
      const text = formatCure(`${before}${command}${after}`, '  ', 70);
      expect(text.split('\n')).toContain(`    ${command}`);
    }
  });

  test('in brackets stays there, and is not broken either', () => {
    const [command = ''] = COMMANDS;
    const text = formatCure(`When it is there (${command}), upload it.`, '', 60);
    expect(text).toBe(`What to do: When it is there\n(${command}),\nupload it.`);
  });

  test('stays within a line where all of it fits', () => {
    const cure = 'Look at it: npx certkeeper show a/b';
    expect(formatCure(cure, '  ', 80)).toBe(`  What to do: ${cure}`);
  });

  test('is told from words that begin as one does', () => {
    for (const words of ['Ask somebody: azure support', 'See certkeeper az', 'gaz a']) {
      expect(splitCure(words)).toEqual([{ kind: 'words', text: words }]);
    }
  });

  test('is the same for the reports, and nothing of the advice is lost', () => {
    const pieces = [...COMMANDS, ...Array.from(`:;,.(){}'"$ `), ': ', ' (', 'az ', 'or ', 'words'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (some) => {
        const cure = some.join('');
        expect(splitForReports(cure)).toEqual(splitCure(cure));
        expect(
          splitCure(cure)
            .map(({ text }) => text)
            .join(''),
        ).toBe(cure);
      }),
    );
  });
});

test('A message that names a call of the API names the command', () => {
  const message =
    'The request cannot be used: id must be the id of an audit, as GET /api/audits lists them.';
  expect(formatProblem({ message }, pc.createColors(false), 120)).toContain(
    'as npx certkeeper audits lists them.',
  );
});
