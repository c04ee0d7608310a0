// Writes docs/generated/{ops,methods,errors,options}.md from the code. Run after a build: `node tools/generate-docs.mjs`.
// tools/generated-docs.test.ts fails when a page differs from what the sources say.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './run.mjs';

const NOTICE = (from) =>
  `<!-- Generated from ${from} by \`node tools/generate-docs.mjs\` (after \`npx tsc -b\`). Do not edit. -->`;

/** The op table: what is known of each op, and which engines run its examples. */
export function opsPage(ops, engines, { blockers, propagations }) {
  const header = ['op', 'code', 'inputs', 'gradient', 'affine in', 'piecewise linear in', 'kinks', 'relevance'];
  const families = Object.keys(propagations);
  const sorted = [...ops.all].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const rows = sorted.map((op) => [
    op.name,
    `0x${op.code.toString(16).padStart(4, '0')}`,
    inputsOf(op),
    gradientOf(op),
    linearIn(op, 'affine'),
    linearIn(op, 'piecewiseLinear'),
    op.kinks ? 'yes' : '–',
    op.relevance,
    ...families.map((name) => ruleOf(op, ops, blockers, propagations[name])),
    ...engines.map((engine) => supportOf(op, ops, engine)),
  ]);
  const counts = ['direct', 'lowered', 'zero', 'none'].map(
    (kind) => `${rows.filter((row) => row[3] === kind).length} ${kind}`,
  );
  return `${NOTICE('`allOps` of `packages/ops`')}

# Ops

${rows.length} ops, with the semantics of ONNX opset 21 (newer where an op is newer). Gradients: ${counts.join(', ')}.
How to read the columns stands [below](#columns); how to add an op, in [adding an op](../adding-an-op.md).

${table([...header, ...families, ...engines.map((engine) => engine.id)], rows)}
## Columns

- **code**: the op's number in plan files; never reused.
- **inputs**: what may flow through each input. \`value\`: differentiated; \`zero\`: numbers whose gradient is zero
  everywhere (comparisons, rounding); \`index\`: indices, shapes and axes. \`?\`: may be absent; \`…\`: any number of them.
- **gradient**: \`direct\`: the op has a rule that emits gradient nodes; \`lowered\`: it is replaced by simpler ops before
  differentiation; \`zero\`: no input carries a gradient; \`none\`: not known, and an error names the node if a gradient
  has to pass.
- **affine in**, **piecewise linear in**: the inputs (by position, from 0) that may vary while the output stays affine or
  piecewise linear in them, all others being constant. \`0, 1\`: together; \`0 or 1\`: one of them alone; \`all\`: all that
  are differentiated. What the attributes change is marked \`by attributes\`.
- **kinks**: the op has points without a derivative.
- **relevance**: the class by which relevance methods treat the op.
- **LRP**, **Deep Taylor**, **DeepLIFT**: whether the methods of that name have a rule for the op: for all its examples, with
  the first input computed and the others constant (\`yes\`), for some (\`part\`), for none (\`–\`). LRP stands for all \`lrp-\` methods and
  \`attn-lrp\`, DeepLIFT for rescale, reveal-cancel and DeepSHAP. Guided backpropagation and deconvolution need the gradient
  only.
- One column an engine: it runs all (\`yes\`), some (\`part\`) or none (\`–\`) of the op's examples. \`folded\`: the op's
  examples depend on constants only and are evaluated while the graph is built, so that no engine sees them.
`;
}

function inputsOf({ inputs, required = inputs.length, variadic = false }) {
  if (inputs.length === 0) return '–';
  const names = { differentiable: 'value', 'zero-gradient': 'zero', index: 'index' };
  return inputs
    .map((kind, i) => `${names[kind]}${i >= required ? '?' : ''}${variadic && i === inputs.length - 1 ? '…' : ''}`)
    .join(', ');
}

function gradientOf(op) {
  if (!op.inputs.includes('differentiable')) return 'zero';
  if (op.vjp !== undefined) return 'direct';
  return op.lower === undefined ? 'none' : 'lowered';
}

/** The largest sets of differentiated inputs in which the op is affine (or piecewise linear), over all its examples. */
function linearIn(op, property) {
  const answers = new Set(op.examples.map((example) => maximalSets(op, property, completed(op, example.attrs))));
  return answers.size === 1 ? [...answers][0] : 'by attributes';
}

function maximalSets(op, property, attrs) {
  const positions = op.inputs.flatMap((kind, i) => (kind === 'differentiable' ? [i] : []));
  if (op.variadic) positions.push(op.inputs.length); // the last input repeats: try it twice
  const linear = subsets(positions).filter((set) => set.length > 0 && op[property](set, attrs));
  const maximal = linear.filter(
    (set) => !linear.some((other) => other.length > set.length && set.every((i) => other.includes(i))),
  );
  if (maximal.length === 0) return '–';
  if (maximal[0].length === positions.length) return 'all';
  return maximal.map((set) => set.join(', ')).join(' or ');
}

function subsets(items) {
  return items.reduce((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}

function completed(op, attrs = {}) {
  const defaults = Object.entries(op.attrs).filter(([, spec]) => spec.default !== undefined);
  return { ...Object.fromEntries(defaults.map(([name, spec]) => [name, spec.default])), ...attrs };
}

/** Whether a propagation has a rule for each example of an op, and each input that can be computed. */
function ruleOf(op, ops, blockers, propagation) {
  const answers = op.examples.flatMap((example) => {
    const b = ops.builder();
    const inputs = [];
    const refs = example.inputs.map((input, i) => {
      if (!Array.isArray(input)) return input === null ? null : b.constant(input);
      inputs.push(`x${i}`);
      return b.input(`x${i}`, input);
    });
    const outputs = Array.from({ length: example.outputs ?? 1 }, (_, i) => `y${i}`);
    const graph = b.build(b.apply(op.name, refs, example.attrs ?? {}, { outputs }));
    const open = inputs.filter((name) => {
      const kind = op.inputs[Math.min(Number(name.slice(1)), op.inputs.length - 1)];
      return kind === 'differentiable' || (op.relevance === 'unary' && name === 'x0');
    });
    return open.slice(0, 1).map((name) => {
      const request = { fed: inputs, target: 'y0', wrt: [name], propagation, nearZero: 0 };
      return blockers(graph, request).length === 0;
    });
  });
  if (answers.length === 0 || !answers.includes(true)) return '–';
  return answers.includes(false) ? 'part' : 'yes';
}

/** What the op table says of methods that propagate: one of each family. */
export function propagationColumns(methods, resolveParams, blockers) {
  const propagationOf = (id) => {
    const method = methods.find((one) => one.id === id);
    return method.propagation(resolveParams(id, method.params));
  };
  const propagations = {
    LRP: propagationOf('lrp-epsilon'),
    'Deep Taylor': propagationOf('deep-taylor'),
    DeepLIFT: propagationOf('deeplift-rescale'),
  };
  return { blockers, propagations };
}

/** Builds each example as a graph of one node and asks the engine. */
function supportOf(op, ops, engine) {
  const graphs = op.examples.map((example) => {
    const b = ops.builder();
    const refs = example.inputs.map((input, i) =>
      input === null ? null : Array.isArray(input) ? b.input(`x${i}`, input) : b.constant(input),
    );
    const outputs = Array.from({ length: example.outputs ?? 1 }, (_, i) => `y${i}`);
    return b.build(b.apply(op.name, refs, example.attrs ?? {}, { outputs }));
  });
  const computed = graphs.filter((graph) => graph.nodes.length > 0);
  if (computed.length === 0) return 'folded';
  const supported = computed.filter((graph) => engine.supports(graph).ok).length;
  return supported === computed.length ? 'yes' : supported > 0 ? 'part' : '–';
}

/** The methods as their registry entries describe them. */
export function methodsPage(methods, describeRange) {
  const takes = ({ baseline, layer, neuron, quadrature, featureMask = false }) =>
    [
      ...(baseline === 'none' ? [] : [baseline === 'set' ? 'baseline or a set of them' : 'baseline']),
      ...(featureMask ? ['feature mask'] : []),
      ...(layer ? ['layer'] : []),
      ...(neuron ? ['neuron'] : []),
      ...(quadrature === false ? [] : [{ steps: 'steps', fixed: 'steps and a rule' }[quadrature] ?? 'quadrature']),
    ].join(', ') || '–';
  const rows = methods.map((method) => [
    `[\`${method.id}\`](../methods/${method.id}.md)`,
    method.summary,
    takes(method.takes),
    method.unit,
    method.needs.join(', '),
    method.reference,
  ]);
  const params = methods.flatMap((method) =>
    method.params.map((spec) => [
      `\`${method.id}\``,
      `\`${spec.name}\``,
      describeRange(spec),
      JSON.stringify(spec.default),
      spec.doc,
    ]),
  );
  const axioms = [...new Set(methods.flatMap((method) => method.claims))];
  const claims = methods.map((method) => [
    `\`${method.id}\``,
    ...axioms.map((axiom) => (method.claims.includes(axiom) ? 'yes' : '–')),
  ]);
  return `${NOTICE('the method registry of `packages/attribution`')}

# Methods

${table(['id', 'what it says', 'takes, besides inputs and target', 'unit', 'needs of the model', 'source'], rows)}
\`contribution\`: in units of the output; \`per-unit\`: output units per unit of the input. *quadrature* stands for \`steps\`,
\`tolerance\`, \`exact\`, \`quadrature\`, \`maxEvaluations\` and \`standardErrors\`. The needs are
[capabilities](../architecture.md#a-model-that-can-be-differentiated).

## Parameters

Given as \`params\` in a request, or \`--param NAME=VALUE\` on the command line.

${table(['method', 'name', 'values', 'default', 'meaning'], params)}
## Axioms

What each method claims, by construction or up to the error of its quadrature.

${table(['method', ...axioms], claims)}`;
}

/** What each error code means. A code without an entry here, or an entry without a code, fails the test. */
export const ERRORS = {
  BAD_ARGUMENT: {
    meaning: 'An option or argument is not allowed, or contradicts another.',
    cause: 'An unknown name, a value out of range, or two options that exclude each other (`steps` with `tolerance`).',
    fix: 'The message lists what is allowed.',
  },
  BAD_SHAPE: {
    meaning: 'A tensor has a shape that does not fit.',
    cause:
      'An input in another layout (channels last), a missing row axis, a baseline of another size, or a model file whose shapes contradict each other.',
    fix: 'Compare the two shapes in the message; `pathwise inspect MODEL` prints those of the inputs.',
  },
  BAD_FILE: {
    meaning: 'A file cannot be read.',
    cause:
      'A damaged or truncated file, another format than its ending says, or a model that refers to what it does not have.',
    fix: 'The message gives the offset or node. Copy or export the file again.',
  },
  LIMIT_EXCEEDED: {
    meaning: 'A file or a computation is larger than is safe.',
    cause: 'A hostile or damaged file that announces huge sizes, or exact mode on a path with too many breakpoints.',
    fix: 'For files: the message names the limit. For exact mode: use a tolerance instead.',
  },
  UNSUPPORTED_OP: {
    meaning: 'The graph has a node that cannot be run or differentiated.',
    cause: 'An op, attribute or type that is not implemented, or an input that decides shapes and is not constant.',
    fix: 'The message names the node. See the [op table](ops.md); export the model with constant shapes, or [add the op](../adding-an-op.md).',
  },
  UNSUPPORTED_METHOD: {
    meaning: 'The method cannot be applied to this model.',
    cause:
      'The model lacks a capability that the method needs, for example exact mode on a graph that is not piecewise linear.',
    fix: 'The message names the node and the reason. Choose another method or mode.',
  },
  ENGINE_UNAVAILABLE: {
    meaning: 'What should compute or draw is not there.',
    cause: 'An engine that is not installed, or a PNG asked for outside Node before `loadRasterizer`.',
    fix: 'Install or load it as the message says, or choose another engine or format.',
  },
  NON_FINITE: {
    meaning: 'A value or gradient is NaN or infinite.',
    cause: 'NaN in the input, overflow, or a point where the derivative is infinite (the square root at 0).',
    fix: 'The message names the first node that made one, the row, and where known the place on the path. Check the input, or choose another baseline.',
  },
  BUDGET: {
    meaning: 'The memory budget is too small for the computation.',
    cause: '`maxBytes` is below what a single evaluation needs.',
    fix: 'Raise `maxBytes`. A budget that is only tight costs evaluations or accuracy and gives a warning, not this error.',
  },
  CANCELLED: {
    meaning: 'The caller stopped the computation.',
    cause: 'The `AbortSignal` was aborted, or Ctrl-C on the command line.',
    fix: 'None needed. Files appear whole or not at all.',
  },
  INTERNAL: {
    meaning: 'A fault in Pathwise.',
    cause: 'A broken assumption in the code.',
    fix: 'Please report it with the message and, if you can, the model.',
  },
};

/** The codes that the type `ErrorCode` lists. */
export function errorCodes() {
  const source = readFileSync(resolve(root, 'packages/model/src/errors.ts'), 'utf8');
  const union = /export type ErrorCode =([^;]+);/u.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([A-Z_]+)'/gu)].map(([, code]) => code);
}

/** What each warning code of a result means; held to the sources by the test. */
export const WARNINGS = {
  budget:
    'The byte budget did not hold the gradients, so equal panels were doubled: more evaluations for the same error. Raise `maxBytes`.',
  cancellation:
    'Contributions of both signs nearly cancel, so the relative delta is large though the attributions may be accurate. Look at `error`.',
  'default-preprocessing': 'Nothing says how the image becomes an input, so a default was taken. Give `preprocess`.',
  'empty-map': 'A map of activations is zero everywhere: nothing in the layer speaks for the target.',
  'engine-fallback':
    'The WASM engine cannot do a part of the model, so it was computed on the reference engine, slowly; the message names the op.',
  'input-is-baseline': 'Input and baseline are the same: there is nothing to attribute.',
  interpolation:
    'Keras and TensorFlow.js enlarge images differently; the meaning of the program that wrote the file was taken.',
  'masked-mean':
    'Keras and TensorFlow.js average differently under a mask; the meaning of the program that wrote the file was taken.',
  'kinks-sampled':
    'The model has more kinks than are followed, or kinks and smooth parts: the matrix is made of gradients beside the path, and `error` says how far off it is. Raise `samples`.',
  'layer-chosen': 'No layer was named, so the last one with positions was taken.',
  'negative-activations':
    'Channels of the layer have a negative sum, where the weights of Grad-CAM++ have poles. Take the output of a ReLU.',
  'no-region': 'No segment of the image is as large as a region has to be: the map is the mean over the image.',
  'no-cut':
    'The layer is no cut: something goes around it, so its attributions need not add up. The message names one edge.',
  'no-influence': 'The target does not depend on the layer: all zeros.',
  'no-noise': 'The noise of a random method is zero: nothing was averaged.',
  'no-output-change': 'F is the same at the input and the baseline, so nothing can be relative to the difference.',
  'not-stratified':
    'There are too few samples to spread over the baselines, so points were drawn independently. Raise `samples`, or lower `replicates`.',
  'no-rectifier':
    'No rectifier lies between input and target, so the result is the plain gradient. `rectifiers=all` counts more activations.',
  'no-standard-errors': 'There are too few samples to estimate an error from. Raise `samples`.',
  'not-covered': 'The windows leave out elements, which get 0. Use `edges=cover`, or another window.',
  'output-scale': 'Another tensor than the output is explained, for example the input of the final softmax.',
  precision: 'A layer was trained in reduced precision; it is computed in full.',
  quantization: 'Quantisation of activations is read as a clip to their range, without its steps.',
  'relevance-lost': 'Units without a positive part lost relevance; the message says how much of the target.',
  saturation:
    'More than half of the change of F falls between two neighbouring points of the path. Look at the curve of `interior-gradients`.',
  'target-not-positive': 'Deep Taylor shares out the positive part of the target, and there is none.',
  'tolerance-not-met':
    'Refinement ended before the tolerance was reached; the message says at which error. Raise `maxEvaluations`.',
  'zero-gradient':
    'The target changes in a step of the path though its gradient is zero at both ends of it, so that change is in no attribution. Raise `steps`.',
};

/** @param exitCodeOf - the command's exit code of an error; @param PathwiseError - the error class */
export function errorsPage(exitCodeOf, PathwiseError) {
  const rows = errorCodes().map((code) => {
    const entry = ERRORS[code] ?? { meaning: 'MISSING', cause: 'MISSING', fix: 'MISSING' };
    const ofFile = exitCodeOf(new PathwiseError(code, '', { file: 'file' }));
    const other = exitCodeOf(new PathwiseError(code, ''));
    const exit = ofFile === other ? other : `${ofFile} about a file, else ${other}`;
    return [`\`${code}\``, entry.meaning, entry.cause, entry.fix, exit];
  });
  return `${NOTICE('the type `ErrorCode` of `packages/model` and the exit codes of `packages/pathwise`')}

# Error codes

Whatever Pathwise throws on purpose is a \`PathwiseError\`: \`code\` is stable and meant for programs, \`message\` says what is
wrong, where, and what to do, and \`place\` holds the location as data (file, node, op, tensor, offset, row, alpha: what
applies). The last column is the exit code of the [command](../command-line.md#exit-codes).

${table(['code', 'meaning', 'usual cause', 'what to do', 'exit code'], rows)}
# Warning codes

A result that needs a word of caution has \`warnings\`, each with a code and a message that names rows and numbers.

${table(
  ['code', 'meaning'],
  Object.entries(WARNINGS).map(([code, meaning]) => [`\`${code}\``, meaning]),
)}`;
}

/** The help texts of the command. */
export function optionsPage(overview, commandHelp, commands) {
  const fence = (text) => `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
  const sections = commands.map((name) => `## ${name}\n\n${fence(commandHelp(name))}\n`);
  return `${NOTICE('the help texts of `packages/pathwise`')}

# Options of the command

What \`pathwise --help\` and \`pathwise COMMAND --help\` print. [The command line](../command-line.md) explains the values.

${fence(overview())}

${sections.join('\n')}`;
}

function table(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(header) + line(header.map(() => '---')) + rows.map(line).join('');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { ops, propagationBlockers, referenceEngine } = await import('@pathwise/ops');
  const { describeRange, methods, resolveParams } = await import('@pathwise/attribution');
  const { PathwiseError } = await import('@pathwise/model');
  const { exitCodeOf } = await import('../packages/pathwise/dist/cli/exit-codes.js');
  const { commandHelp, overview } = await import('../packages/pathwise/dist/cli/help.js');
  const { COMMANDS } = await import('../packages/pathwise/dist/cli/options.js');
  const pages = {
    'ops.md': opsPage(ops, [referenceEngine], propagationColumns(methods, resolveParams, propagationBlockers)),
    'methods.md': methodsPage(methods, describeRange),
    'errors.md': errorsPage(exitCodeOf, PathwiseError),
    'options.md': optionsPage(overview, commandHelp, COMMANDS),
  };
  mkdirSync(resolve(root, 'docs/generated'), { recursive: true });
  for (const [name, text] of Object.entries(pages)) {
    writeFileSync(resolve(root, 'docs/generated', name), text);
    console.log(`docs/generated/${name}`);
  }
}
