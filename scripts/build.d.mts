import type { BuildOptions } from 'esbuild';

export function isBuilt(root: string): boolean;
export function build(root: string): Promise<{ bytes: number }>;
export function appOptions(root: string): BuildOptions & { metafile: true };
