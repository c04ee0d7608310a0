import { PathwiseError } from '@pathwise/model';
import type { AttributeProto, FunctionProto, NodeProto } from '../wire/messages.ts';
import { nodeNameOf } from '../model/check-names.ts';
import { functionKey } from '../model/onnx-model.ts';
import { opsetVersions } from '../model/opsets.ts';
import { referred } from './attributes.ts';
import { inlineBody } from './inline.ts';
import type { ImportContext } from './context.ts';
import type { Bound, Scope } from './scope.ts';

/** Puts the body of a model-local function in place of a call. */
export function callFunction(
  importer: ImportContext,
  node: NodeProto,
  fn: FunctionProto,
  inputs: readonly Bound[],
  scope: Scope,
): readonly Bound[] {
  const key = functionKey(fn.domain ?? '', fn.name ?? '', fn.overload ?? '');
  if (scope.calls.includes(key)) throw new PathwiseError('BAD_FILE', `function ${fn.name ?? ''} calls itself`);
  if (inputs.length > fn.inputs.length) {
    throw new PathwiseError(
      'BAD_FILE',
      `function ${fn.name ?? ''} takes ${fn.inputs.length} inputs, got ${inputs.length}`,
    );
  }
  const outputs = node.outputs.map((output) => (output === '' ? '' : importer.nameFor(output, scope)));
  return inlineBody(importer, {
    nodes: fn.nodes,
    outputs: fn.outputs.slice(0, outputs.length),
    names: outputs,
    scope: {
      prefix: `${scope.prefix}${nodeNameOf(node)}/`,
      opsets: fn.opsetImports.length > 0 ? opsetVersions(fn.opsetImports) : scope.opsets,
      callAttributes: argumentsOf(node, fn, scope),
      caller: scope,
      calls: [...scope.calls, key],
    },
    inputs: fn.inputs.map((name, i) => [name, inputs[i] ?? '']),
  });
}

/** The attributes that the function's nodes may refer to: those of the call, or their defaults. */
function argumentsOf(node: NodeProto, fn: FunctionProto, scope: Scope): Map<string, AttributeProto> {
  const values = new Map(fn.attributeDefaults.map((attribute) => [attribute.name ?? '', attribute]));
  for (const attribute of node.attributes) {
    const value = referred(attribute, scope);
    if (value !== undefined) values.set(attribute.name ?? '', value);
  }
  return values;
}
