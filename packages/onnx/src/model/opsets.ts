import { PathwiseError } from '@pathwise/model';
import type { OpsetProto } from '../wire/messages.ts';

/** Newest version of ONNX's own operator set whose meaning is known here. */
export const NEWEST_OPSET = 28;

/**
 * Versions by domain.
 * @throws PathwiseError UNSUPPORTED_OP for a version that is newer than what is known
 */
export function opsetVersions(imports: readonly OpsetProto[]): Map<string, number> {
  const versions = new Map<string, number>();
  for (const { domain = '', version = 0, start } of imports) {
    const key = domain === 'ai.onnx' ? '' : domain;
    if (versions.has(key) && versions.get(key) !== version) {
      throw new PathwiseError(
        'BAD_FILE',
        `the operator set "${domain}" is imported in versions ${versions.get(key)} and ${version}`,
        { offset: start },
      );
    }
    versions.set(key, version);
    if (key !== '') continue;
    if (version < 1)
      throw new PathwiseError('BAD_FILE', `operator-set version ${version} does not exist`, { offset: start });
    if (version > NEWEST_OPSET) {
      throw new PathwiseError(
        'UNSUPPORTED_OP',
        `the model uses operator set ${version}; known are 1 to ${NEWEST_OPSET}. Export it with an older opset`,
        { offset: start },
      );
    }
  }
  return versions;
}
