#!/usr/bin/env node
/** `npx certkeeper`: the command line, through the repository's one door, which sets up what it needs. */
process.argv.splice(2, 0, 'certkeeper');
await import('./run.mjs');
