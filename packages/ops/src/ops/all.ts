import type { OpDef } from '@pathwise/graph';
import { add } from './add.ts';
import { cast } from './cast.ts';
import { greater } from './greater.ts';
import { mul } from './mul.ts';
import { relu } from './relu.ts';

// Kept sorted by file name, one line an op.
export const allOps: readonly OpDef[] = [add, cast, greater, mul, relu];
