import { PathwiseError } from '@pathwise/model';
import type { Attrs, AttrValue } from './graph.ts';
import type { AttrSpec, OpDef } from './op.ts';

/**
 * Checks attributes against the op's specification and fills in defaults.
 * @throws PathwiseError UNSUPPORTED_OP for an unknown name, a wrong type, a missing or disallowed value.
 */
export function completeAttrs(op: OpDef, attrs: Attrs, node: string): Attrs {
  const fail = (problem: string): never => {
    throw new PathwiseError('UNSUPPORTED_OP', `node "${node}" (${op.name}): ${problem}`, { node, op: op.name });
  };
  const complete: Record<string, AttrValue> = {};
  for (const [name, value] of Object.entries(attrs)) {
    if (value === undefined) continue;
    const spec = op.attrs[name];
    if (spec === undefined) {
      return fail(`attribute ${name} is not supported; supported: ${Object.keys(op.attrs).join(', ') || 'none'}`);
    }
    if (!hasType(value, spec))
      return fail(
        `expected attribute ${name} of type ${spec.type}, got ${typeof value === 'object' && 'data' in value ? 'a tensor' : String(value)}`,
      );
    if (spec.oneOf !== undefined && !spec.oneOf.includes(value as string)) {
      return fail(`attribute ${name} = "${value as string}" is not supported; supported: ${spec.oneOf.join(', ')}`);
    }
    complete[name] = value;
  }
  for (const [name, spec] of Object.entries(op.attrs)) {
    if (complete[name] !== undefined) continue;
    if (spec.required === true) return fail(`attribute ${name} is missing`);
    if (spec.default !== undefined) complete[name] = spec.default;
  }
  return complete;
}

function hasType(value: AttrValue, spec: AttrSpec): boolean {
  switch (spec.type) {
    case 'int':
      return typeof value === 'number' && (Number.isInteger(value) || !Number.isFinite(value));
    case 'float':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'ints':
    case 'floats':
      return Array.isArray(value) && value.every((v) => typeof v === 'number');
    case 'strings':
      return Array.isArray(value) && value.every((v) => typeof v === 'string');
    case 'tensor':
      return typeof value === 'object' && 'data' in value;
  }
}
