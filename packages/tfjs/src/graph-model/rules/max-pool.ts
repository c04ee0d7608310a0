import { PathwiseError } from '@pathwise/model';
import { pool } from '../../layout/pooling.ts';
import type { Rule, Rules } from '../call.ts';
import { formatOf, paddingOf, spatial } from './windows.ts';

const pooling =
  (op: 'MaxPool' | 'AveragePool'): Rule =>
  (call) => {
    const { l, attrs, name } = call;
    const x = call.input(0);
    const rank = x.shape.length - 2;
    if (rank < 1) throw new PathwiseError('BAD_SHAPE', `expected an image, got shape [${x.shape.join(',')}]`);
    const format = formatOf(attrs);
    const windows = {
      kernel: spatial(attrs, 'ksize', rank, format),
      strides: spatial(attrs, 'strides', rank, format),
      padding: paddingOf(attrs, rank, format),
    };
    return pool(l, op, x, windows, { format, name });
  };

export const poolingRules: Rules = {
  MaxPool: pooling('MaxPool'),
  MaxPool3D: pooling('MaxPool'),
  // The places of the maxima, its second output, are not there to be read.
  MaxPoolWithArgmax: pooling('MaxPool'),
  AvgPool: pooling('AveragePool'),
  AvgPool3D: pooling('AveragePool'),
};
