/** Every question there is, in the order in which they are asked; the slow ones of a part last. */
import type { Area } from '../question.ts';
import { access } from './access.ts';
import { ca } from './ca.ts';
import { certificates } from './certificates.ts';
import { classic } from './classic.ts';
import { eventGrid } from './event-grid.ts';
import { graph } from './graph.ts';
import { keyVault } from './key-vault.ts';
import { policies } from './policies.ts';
import { workspaces } from './workspaces.ts';

export const AREAS: readonly Area[] = [
  certificates,
  workspaces,
  policies,
  keyVault,
  access,
  eventGrid,
  graph,
  classic,
  ca,
];
