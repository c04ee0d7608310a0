import type { DType, Shape } from '@pathwise/model';
import type { LayoutBuilder, LayoutValue } from '../layout/layout-builder.ts';

/** One number everywhere. The builder decides whether it becomes a constant: sizes may be a hostile file's. */
export function filled(l: LayoutBuilder, shape: Shape, value: number, dtype: DType = 'float32'): LayoutValue {
  return l.value(l.b.expand(l.b.scalar(value, dtype), shape));
}
