import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** A node of a Markdown document (mdast). */
export interface MarkdownNode {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly MarkdownNode[];
}

const PARSE = `
  import { __debug } from 'prettier';
  const parts = [];
  for await (const part of process.stdin) parts.push(part);
  const options = { parser: 'markdown', originalText: '' };
  const texts = JSON.parse(Buffer.concat(parts).toString());
  const parsed = texts.map((text) => __debug.parse(text, options, { massage: false }));
  const only = ['type', 'value', 'children'];
  console.log(JSON.stringify((await Promise.all(parsed)).map(({ ast }) => ast), only));
`;

/**
 * Documents as a Markdown reader takes them: remark, with what GitHub adds, which is in Prettier. In a
 * process of its own, since it is an ES module.
 */
export function parseMarkdown(texts: readonly string[]): readonly MarkdownNode[] {
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', PARSE], {
    cwd: path.join(__dirname, '../../..'),
    encoding: 'utf8',
    input: JSON.stringify(texts),
    maxBuffer: 64 * 1024 * 1024,
  });
  // What remark answers.
  return JSON.parse(answer) as readonly MarkdownNode[];
}

/** All nodes of a document, itself first. */
export function nodesOf(node: MarkdownNode): readonly MarkdownNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

/** What a reader sees of a node. */
export function textOf(node: MarkdownNode): string {
  return nodesOf(node)
    .map(({ type, value = '' }) => (type === 'html' ? '' : value))
    .join('');
}
