import { PathwiseError } from '@pathwise/model';
import { pad, reshape, slice } from '../../layout/along-axes.ts';
import type { Call, Rule } from '../call.ts';

/**
 * Every block-th pixel of each axis makes a picture of its own; the pictures stand along the batch axis.
 * @source TensorFlow, documentation of tf.space_to_batch_nd
 */
export const spaceToBatch: Rule = (call) => {
  const { l, name } = call;
  const x = call.input(0);
  const { block, amounts } = blockOf(call, 'paddings');
  const m = block.length;
  const none: [number, number] = [0, 0];
  const padded = pad(
    l,
    x,
    x.shape.map((_, axis) => (axis >= 1 && axis <= m ? (amounts[axis - 1] as [number, number]) : none)),
  );
  const [batch = 1, ...sizes] = padded.shape;
  const spatial = sizes.slice(0, m);
  if (spatial.some((size, i) => size % (block[i] as number) !== 0)) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `padded sizes [${spatial.join(',')}] are no multiples of the block [${block.join(',')}]`,
    );
  }
  const parts = spatial.map((size, i) => size / (block[i] as number));
  const apart = reshape(l, padded, [
    batch,
    ...spatial.flatMap((_, i) => [parts[i] as number, block[i] as number]),
    ...sizes.slice(m),
  ]);
  const inside = block.map((_, i) => 2 * i + 2);
  const rest = sizes.slice(m).map((_, i) => 2 * m + 1 + i);
  const moved = l.transpose(apart, [...inside, 0, ...inside.map((axis) => axis - 1), ...rest]);
  const count = block.reduce((product, size) => product * size, batch);
  return reshape(l, moved, [count, ...parts, ...sizes.slice(m)], name);
};

/** Undoes it; what the padding added is cropped. */
export const batchToSpace: Rule = (call) => {
  const { l, name } = call;
  const x = call.input(0);
  const { block, amounts } = blockOf(call, 'crops');
  const m = block.length;
  const [count = 1, ...sizes] = x.shape;
  const batch = count / block.reduce((product, size) => product * size, 1);
  if (!Number.isInteger(batch)) {
    throw new PathwiseError('BAD_SHAPE', `a batch of ${count} is no multiple of the block [${block.join(',')}]`);
  }
  const apart = reshape(l, x, [...block, batch, ...sizes]);
  const spatial = block.flatMap((_, i) => [m + 1 + i, i]);
  const rest = sizes.slice(m).map((_, i) => 2 * m + 1 + i);
  const moved = l.transpose(apart, [m, ...spatial, ...rest]);
  const whole = sizes.map((size, i) => size * (block[i] ?? 1));
  const joined = reshape(l, moved, [batch, ...whole]);
  const ranges = amounts.map(([before, after], i) => ({
    axis: i + 1,
    start: before,
    end: (whole[i] as number) - after,
  }));
  return slice(l, joined, ranges, name);
};

function blockOf(call: Call, what: string): { block: number[]; amounts: [number, number][] } {
  const block = call.ints(1, 'the block');
  const flat = call.ints(2, what);
  const { length } = call.input(0).shape;
  if (
    block.length >= length ||
    flat.length !== 2 * block.length ||
    flat.some((n) => n < 0) ||
    block.some((n) => n < 1)
  ) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `a block [${block.join(',')}] with ${what} [${flat.join(',')}] does not fit rank ${length}`,
    );
  }
  return { block, amounts: block.map((_, i) => [flat[2 * i] as number, flat[2 * i + 1] as number]) };
}
