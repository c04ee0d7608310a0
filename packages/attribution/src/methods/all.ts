import { argumentError } from '@pathwise/model';
import type { Method } from '../method.ts';
import { gradient } from './gradient.ts';
import { inputXGradient } from './input-x-gradient.ts';
import { integratedGradients } from './integrated-gradients.ts';

/** All methods, by id. */
export const methods: readonly Method[] = [gradient, inputXGradient, integratedGradients].sort((a, b) =>
  a.id < b.id ? -1 : 1,
);

/** @throws PathwiseError BAD_ARGUMENT for an unknown id, listing those there are */
export function methodById(id: string): Method {
  const found = methods.find((method) => method.id === id);
  if (found === undefined) {
    throw argumentError('attribute', 'method', `one of ${methods.map((method) => method.id).join(', ')}`, id);
  }
  return found;
}
