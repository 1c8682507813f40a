import type { BuildOptions, Plugin } from 'esbuild';

export function inlineOptions(file: string): BuildOptions & { write: false };
export function inlinePlugin(): Plugin;
