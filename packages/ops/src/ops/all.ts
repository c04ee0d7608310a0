import type { OpDef } from '@pathwise/graph';
import { add } from './add.ts';
import { cast } from './cast.ts';
import { equal, greater, greaterOrEqual, less, lessOrEqual } from './comparison.ts';
import { div } from './div.ts';
import { exp } from './exp.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { reduceSum } from './reduce-sum.ts';
import { relu } from './relu.ts';
import { sigmoid } from './sigmoid.ts';
import { sqrt } from './sqrt.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';
import { tanh } from './tanh.ts';
import { where } from './where.ts';

// Kept sorted by file name, one line an op.
export const allOps: readonly OpDef[] = [
  add,
  cast,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  div,
  exp,
  mul,
  neg,
  reduceSum,
  relu,
  sigmoid,
  sqrt,
  sub,
  sum,
  tanh,
  where,
];
