import { sizeOf, toFloat64, type Outputs, type Tensor } from '@pathwise/model';

/** One class of one row. */
export interface RankedClass {
  readonly index: number;
  readonly label: string | null;
  /** The output as it is: a logit or a probability, as the model says. */
  readonly value: number;
}

/** What a model says of an input. */
export interface Prediction {
  /** All outputs by name; the first axis counts rows. */
  readonly outputs: Outputs;
  /** The largest elements of the explained output, one list a row; null for outputs of rank other than 2. */
  readonly top: readonly (readonly RankedClass[])[] | null;
}

/** The `count` largest elements of each row, of equal ones the first. */
export function rankClasses(output: Tensor, labels: readonly string[] | undefined, count = 5): RankedClass[][] | null {
  if (output.shape.length !== 2) return null;
  const values = toFloat64(output.data);
  const width = sizeOf(output.shape.slice(1));
  return Array.from({ length: output.shape[0] as number }, (_, row) =>
    Array.from({ length: width }, (_, index) => ({
      index,
      label: labels?.[index] ?? null,
      value: values[row * width + index] as number,
    }))
      .sort((a, b) => b.value - a.value || a.index - b.index)
      .slice(0, count),
  );
}
