import type { OpDef } from '@pathwise/graph';
import { add } from './add.ts';
import { cast } from './cast.ts';
import { equal, greater, greaterOrEqual, less, lessOrEqual } from './comparison.ts';
import { concat } from './concat.ts';
import { div } from './div.ts';
import { exp } from './exp.ts';
import { expand } from './expand.ts';
import { flatten } from './flatten.ts';
import { gather } from './gather.ts';
import { gatherElements } from './gather-elements.ts';
import { mul } from './mul.ts';
import { neg } from './neg.ts';
import { pad } from './pad.ts';
import { reduceSum } from './reduce-sum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { scatterElements } from './scatter-elements.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { sqrt } from './sqrt.ts';
import { squeeze } from './squeeze.ts';
import { sub } from './sub.ts';
import { sum } from './sum.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';
import { unsqueeze } from './unsqueeze.ts';
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
  concat,
  div,
  exp,
  expand,
  flatten,
  gather,
  gatherElements,
  mul,
  neg,
  pad,
  reduceSum,
  relu,
  reshape,
  scatterElements,
  sigmoid,
  slice,
  sqrt,
  squeeze,
  sub,
  sum,
  tanh,
  transpose,
  unsqueeze,
  where,
];
