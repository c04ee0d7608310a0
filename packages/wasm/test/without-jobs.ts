import type { DifferentiableModel } from '@pathwise/model';

/** The same model, whose engine evaluates paths point by point from outside. */
export function withoutJobs(model: DifferentiableModel): DifferentiableModel {
  return new Proxy(model, {
    get(target, name) {
      if (name === 'integrate') return undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
