import type { OpDef } from '@pathwise/graph';
import { extremum } from '../families/extremum.ts';

export const max: OpDef = extremum('Max', 0x0208, 1);
export const min: OpDef = extremum('Min', 0x0207, -1);
