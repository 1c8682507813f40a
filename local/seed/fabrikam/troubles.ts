import { ACCESS_TROUBLES } from './access-troubles.ts';
import { CERTIFICATE_TROUBLES } from './certificate-troubles.ts';
import { KEPT_TROUBLES } from './kept-troubles.ts';
import { PLACE_TROUBLES } from './place-troubles.ts';
import type { Trouble } from './trouble.ts';

/** All that goes wrong at Fabrikam. */
export const TROUBLES: readonly Trouble[] = [
  ...CERTIFICATE_TROUBLES,
  ...PLACE_TROUBLES,
  ...ACCESS_TROUBLES,
  ...KEPT_TROUBLES,
];
