import type { DifferentiableModel, Feeds, Outputs } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphModel, referenceEngine, withActivationPattern } from '@pathwise/ops';

/**
 * The float64 reference on the activation pattern that another engine's model has: what that engine's gradients should
 * be, kinks and all. Where a path starts and ends, in an inner tensor too, is that engine's as well.
 */
export function onPatternOf(engines: DifferentiableModel, source: Graph): DifferentiableModel {
  const { graph, deciding } = withActivationPattern(source);
  const reference = graphModel(source, referenceEngine);
  const patterned = graphModel(graph, referenceEngine);
  const decided = async (feeds: Feeds): Promise<Feeds> => {
    const tensors: Outputs = await engines.forward(feeds, [...deciding.keys()]);
    return { ...feeds, ...Object.fromEntries([...deciding].map(([tensor, input]) => [input, tensors[tensor]!])) };
  };
  return new Proxy(reference, {
    get(_target, name) {
      if (name === 'forward') return engines.forward.bind(engines);
      const value: unknown = Reflect.get(reference, name, reference);
      if (typeof value !== 'function') return value;
      if (name !== 'gradient' && name !== 'tangent' && name !== 'pullback') return value.bind(reference);
      return async (request: { readonly feeds: Feeds }, options?: unknown) => {
        const whole = { ...request, feeds: await decided(request.feeds) };
        return (patterned[name] as (...args: readonly unknown[]) => unknown)(whole, options);
      };
    },
  });
}
