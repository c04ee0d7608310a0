import type { OpDef } from '@pathwise/graph';
import { argExtremum } from '../families/arg-extremum.ts';

export const argMax: OpDef = argExtremum('ArgMax', 0x0310, 1);
export const argMin: OpDef = argExtremum('ArgMin', 0x0311, -1);
