/** The report: a table to read, then what was asked and answered. */
import { count, type Outcome, type Report } from './outcome.ts';

export function toMarkdown(report: Report): string {
  const { against, startedAt, tier, location, outcomes, left } = report;
  const asked = outcomes.filter(({ verdict }) => verdict !== 'not asked');
  return [
    '# What Azure answers, and what the simulated Azure assumes',
    '',
    against === 'azure'
      ? `Asked from Azure on ${startedAt.slice(0, 10)}: ${cell(tier)} tier, ${cell(location)}.`
      : `Asked from the simulated Azure on ${startedAt.slice(0, 10)}. **Azure itself was not asked.**`,
    `${count(report, 'same')} the same, ${count(report, 'different')} different, ${count(report, 'not asked')} not asked.`,
    'Names and ids are taken out.',
    '',
    ...left.map((line) => `- **Left behind:** ${cell(line)}`),
    ...(left.length > 0 ? [''] : []),
    ...[...new Set(outcomes.map(({ area }) => area))].flatMap((area) => [
      `## ${heading(area)}`,
      '',
      '| question | answer | assumed | verdict |',
      '| --- | --- | --- | --- |',
      ...outcomes.filter((one) => one.area === area).map(toRow),
      '',
    ]),
    '## How it was asked',
    '',
    ...asked.flatMap(toStory),
  ].join('\n');
}

export function toJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function toRow({ title, source, answer, assumed, verdict, why }: Outcome): string {
  const shown = verdict === 'different' ? '**different**' : verdict;
  return `| [${cell(title)}](<${source}>) | ${cell(answer ?? '')} | ${cell(assumed)} | ${why === undefined ? shown : `${shown}: ${cell(why)}`} |`;
}

function toStory({ id, setting, asked, seconds }: Outcome): string[] {
  const by = setting === undefined ? '' : `, \`${setting}\``;
  return [
    `### ${id}`,
    '',
    `${seconds} s${by}`,
    '',
    // Indented text is shown as it is, whatever Azure put into it.
    ...asked.map((line) => `    ${line}`),
    '',
  ];
}

function heading(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Text that stays in its cell and is nothing but text: Azure's words are not ours. */
function cell(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~]/g, String.raw`\$&`)
    .replaceAll(/(https?):/gi, '$1\u200b:');
}
