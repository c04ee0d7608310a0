import { featureCount, isStill, type StraightPaths } from '../path.ts';
import { integrateAdaptive } from './adaptive.ts';
import { integrateExactly } from './exact.ts';
import { integrateFixed } from './fixed.ts';
import type { Integration, IntegrationOptions, LateEnds, PathIntegral } from './integral.ts';
import { selectEnds, selectPaths } from './select-paths.ts';

/** Mean gradients along straight paths by the rule asked for. Paths that do not move cost nothing. */
export async function integrate(
  paths: StraightPaths,
  ends: LateEnds,
  integration: Integration,
  options: IntegrationOptions,
): Promise<PathIntegral> {
  const moves = Array.from({ length: paths.count }, (_, path) => path).filter(
    (path) => options.skipStill === false || !isStill(paths, path),
  );
  if (moves.length === paths.count) return run(paths, ends, integration, options);
  const size = featureCount(paths);
  const spread = <T>(list: readonly T[], still: () => T): T[] => {
    const all = Array.from({ length: paths.count }, still);
    for (const [i, path] of moves.entries()) all[path] = list[i];
    return all;
  };
  const withStill = (part: PathIntegral): PathIntegral => ({
    gradients: spread(part.gradients, () => new Float64Array(size)),
    errors: part.errors === null ? null : spread(part.errors, () => 0),
    met: part.met === null ? null : spread(part.met, () => true),
    largestChange: spread(part.largestChange, () => 0),
    ...(part.standardErrors === undefined
      ? {}
      : { standardErrors: spread(part.standardErrors, () => new Float64Array(size)) }),
    warnings: part.warnings,
  });
  const { onRound } = options;
  const endsOfMoving = async () => selectEnds(await ends(paths), moves);
  const part = await run(selectPaths(paths, moves), endsOfMoving, integration, {
    ...options,
    onRound: onRound && ((integral) => onRound(withStill(integral))),
  });
  return withStill(part);
}

async function run(
  paths: StraightPaths,
  ends: LateEnds,
  integration: Integration,
  options: IntegrationOptions,
): Promise<PathIntegral> {
  switch (integration.kind) {
    case 'fixed':
      return integrateFixed(paths, ends, integration, options);
    case 'adaptive':
      return integrateAdaptive(paths, await ends(paths), integration, options);
    case 'exact':
      return integrateExactly(paths, ends, options);
  }
}
