/** That documents lead somewhere: to pages, to parts of pages, to files of this repository. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../../../local/repository.ts';
import { proseOf, readDocuments } from '../../support/docs/read-documents.ts';

const root = repositoryRoot();
const documents = [
  ...readDocuments(),
  ...['CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/adr/*.md', { cwd: root })].map(
    (name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }),
  ),
];

/** What GitHub makes of a heading, and what is written as an anchor. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Map<string, number>();
  for (const [, heading = ''] of proseOf(text).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const before = anchors.get(slug) ?? 0;
    anchors.set(slug, before + 1);
    if (before > 0) anchors.set(`${slug}-${String(before)}`, 1);
  }
  const named = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = '']) => name);
  return new Set([...anchors.keys(), ...named]);
}

const links = documents.flatMap(({ name, text }) =>
  [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, to = '']) => to)
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => ({ name, to })),
);

/** Folders of which documents name files; what is made at run time is in none of them. */
const FOLDERS =
  'bench|cli|docs|functions|infra|local|scripts|shared|test|\\.github|\\.devcontainer';

describe('the documents', () => {
  it('link to pages, parts and files that there are', () => {
    expect(links.length).toBeGreaterThan(50);
    const broken = links.filter(({ name, to }) => {
      const [file = '', anchor] = to.split('#');
      const target =
        file === '' ? path.join(root, name) : path.join(root, path.dirname(name), file);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('name files, tests among them, that there are', () => {
    const lost = documents.flatMap(({ name, text }) =>
      // What was decided is told as it was decided, what changed as it changed.
      /adr\/|CHANGELOG/.test(name)
        ? []
        : [...proseOf(text).matchAll(new RegExp(`\`((?:${FOLDERS})/[^\`\\s{}…]*)\``, 'g'))]
            .map(([, named = '']) => named)
            .filter((named) => globSync(named, { cwd: root }).length === 0)
            .map((named) => `${name}: ${named}`),
    );
    expect(lost).toEqual([]);
  });

  it('show pictures that there are, and that are not heavy', () => {
    const pictures = links.filter(({ to }) => to.endsWith('.png'));
    for (const { name, to } of pictures) {
      const { length } = readFileSync(path.join(root, path.dirname(name), to));
      expect(length).toBeLessThan(200_000);
    }
  });
});
