import { sizeOf, toFloat64, type Objective, type Shape, type Tensor } from '@pathwise/model';

/** F of each row and its cotangent with respect to the objective's tensor, from that tensor's values. */
export interface EvaluatedObjective {
  readonly values: Float64Array;
  readonly cotangent: Tensor;
}

/** The objective of row r. */
function objectiveOf(objective: Objective, row: number): Objective['rows'][number] {
  const own = objective.rows[objective.rows.length === 1 ? 0 : row];
  if (own === undefined) throw new RangeError(`objective: no entry for row ${row}`);
  return own;
}

/** Do all rows have cotangents that do not depend on the output? */
export function isLinear(objective: Objective): boolean {
  return objective.rows.every((row) => row.kind === 'linear');
}

/** The constant cotangents of a linear objective for `rows` rows of a tensor of shape [1, ...] or a whole one. */
export function linearCotangent(objective: Objective, rows: number, shape: Shape): Tensor {
  const size = sizeOf(shape);
  const data = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const own = objectiveOf(objective, row);
    if (own.kind === 'linear') data.set(own.weights, row * size);
  }
  return { dtype: 'float64', shape: shape[0] === 1 ? [rows, ...shape.slice(1)] : [rows, ...shape], data };
}

/** Evaluates the objective on the tensor's rows. */
export function evaluateObjective(objective: Objective, output: Tensor): EvaluatedObjective {
  const rows = output.shape[0] ?? 1;
  const data = toFloat64(output.data);
  const size = data.length / rows;
  const values = new Float64Array(rows);
  const cotangent = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    const own = objectiveOf(objective, row);
    const slice = data.subarray(row * size, (row + 1) * size);
    if (own.kind === 'linear') {
      let sum = 0;
      // A zero weight drops its element, also where that is not finite.
      for (let i = 0; i < size; i++) if (own.weights[i] !== 0) sum += own.weights[i] * slice[i];
      values[row] = sum;
      cotangent.set(own.weights, row * size);
    } else {
      const { value, gradient } = own.evaluate(slice.slice());
      values[row] = value;
      cotangent.set(gradient, row * size);
    }
  }
  return { values, cotangent: { dtype: 'float64', shape: output.shape, data: cotangent } };
}
