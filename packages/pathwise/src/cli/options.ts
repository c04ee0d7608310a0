/** The commands, in the order of the help text. */
export const COMMANDS = ['attribute', 'check', 'prune', 'inspect', 'compile', 'methods'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** An option: the one table from which arguments are parsed and help is printed. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** Name of the value in the help text; absent for switches. */
  readonly value?: string;
  /** May be given several times. */
  readonly repeat?: boolean;
  readonly help: string;
  readonly commands: readonly CommandName[];
}

/** Commands that compute attributions: they take a model and an input. */
export const RUNNING: readonly CommandName[] = ['attribute', 'check', 'prune'];

const running = RUNNING;
const anyMethod: readonly CommandName[] = ['attribute', 'check'];

export const OPTIONS: readonly OptionSpec[] = [
  {
    name: 'input',
    value: '[NAME=]FILE',
    repeat: true,
    commands: running,
    help: 'values of an input: .npy, .npz, .csv, .json, .png or .jpg',
  },
  { name: 'constant', value: 'NAME', repeat: true, commands: running, help: 'an input that gets no attribution' },
  {
    name: 'method',
    value: 'ID',
    commands: ['attribute'],
    help: 'how to attribute (default integrated-gradients); `pathwise methods` lists them',
  },
  {
    name: 'method',
    value: 'ID[,ID]',
    commands: ['check'],
    help: 'the methods to check (default integrated-gradients)',
  },
  { name: 'axiom', value: 'NAME[,NAME]', commands: ['check'], help: 'the axioms to check (default all), or lipschitz' },
  { name: 'quick', commands: ['check'], help: 'one trial of each axiom instead of eight' },
  {
    name: 'target',
    value: 'T[,T]',
    commands: running,
    help: 'what is explained: top1 (default), a class K, a contrast A-B, an element [i,j], or sum; one, or one a row',
  },
  {
    name: 'target',
    value: 'K',
    commands: ['compile'],
    help: 'the class that the plan explains unless it is told another (default the largest)',
  },
  {
    name: 'output',
    value: 'NAME',
    commands: [...running, 'compile'],
    help: 'the output that is explained (default the first)',
  },
  {
    name: 'of',
    value: 'SCALE',
    commands: running,
    help: 'logit, probability or log-probability (default the output as it is)',
  },
  {
    name: 'baseline',
    value: '[NAME=]B',
    repeat: true,
    commands: running,
    help: 'the absent input: zeros (default), a number, mean, blur:S, uniform:N, gaussian:N, max-distance, FILE, or set:FILE',
  },
  { name: 'steps', value: 'N', commands: running, help: 'a fixed number of path points, instead of a tolerance' },
  { name: 'tolerance', value: 'T', commands: anyMethod, help: 'relative error per feature to reach (default 0.05)' },
  { name: 'exact', commands: anyMethod, help: 'follow the breakpoints of a piecewise-linear model' },
  {
    name: 'quadrature',
    value: 'RULE',
    commands: anyMethod,
    help: 'left, right, midpoint, trapezoid, gauss-legendre, clenshaw-curtis or adaptive',
  },
  { name: 'strict', commands: ['attribute'], help: 'exit code 1 when the tolerance was not met' },
  {
    name: 'layer',
    value: 'TENSOR',
    repeat: true,
    commands: anyMethod,
    help: 'an inner tensor, for methods about layers and neurons',
  },
  { name: 'layer', value: 'TENSOR', commands: ['prune'], help: 'the inner tensor whose units are removed' },
  {
    name: 'prune',
    value: 'N[,N]',
    commands: ['prune'],
    help: 'units to remove: numbers, or shares as in 0.5% (default 0.5%,1%,2%,5%)',
  },
  {
    name: 'rank',
    value: 'R[,R]',
    commands: ['prune'],
    help: 'what decides which (default region,margin,conductance,gradient-x-activation,activation,random)',
  },
  {
    name: 'ablate',
    value: 'zero|baseline',
    commands: ['prune'],
    help: 'what a removed unit becomes: zero (default), or its value at the baseline',
  },
  {
    name: 'neuron',
    value: 'I,J,K',
    commands: anyMethod,
    help: 'elements of the layer: an index or slice per axis, as in 1,:,:',
  },
  {
    name: 'feature-mask',
    value: '[NAME=]FILE|grid:S|slic:N',
    repeat: true,
    commands: anyMethod,
    help: 'groups of features: by ids, squares of S pixels, about N superpixels (or felzenszwalb:SCALE)',
  },
  { name: 'param', value: 'NAME=VALUE', repeat: true, commands: anyMethod, help: 'a parameter of the method' },
  {
    name: 'param',
    value: 'region=R',
    repeat: true,
    commands: ['prune'],
    help: 'the part of the input: row0,column0,row1,column1 (half-open), or a file of weights',
  },
  { name: 'seed', value: 'N', commands: running, help: 'of random methods and baselines (default 0)' },
  {
    name: 'engine',
    value: 'NAME',
    commands: running,
    help: 'auto (default: wasm where it can, else reference), wasm (float32), reference (float64) or ort',
  },
  {
    name: 'workers',
    value: 'N',
    commands: running,
    help: 'threads of the wasm engine (default: one a core for models of 1 MB and more, at most 4, else 1); the result is the same',
  },
  { name: 'max-bytes', value: 'N', commands: running, help: 'memory for evaluation, as in 512MB' },
  {
    name: 'preprocess',
    value: 'NAME|FILE',
    commands: [...running, 'compile'],
    help: 'of images: imagenet, unit, signed, raw, or a JSON file',
  },
  {
    name: 'labels',
    value: 'FILE',
    commands: [...running, 'compile'],
    help: 'class names: text, line k for class k, or a JSON array',
  },
  {
    name: 'vocabulary',
    value: 'FILE',
    commands: ['attribute'],
    help: 'texts of token ids, for pictures: line k for id k, or a JSON array',
  },
  { name: 'per-token', commands: ['attribute'], help: 'sum the attributions of each token' },
  { name: 'json', commands: COMMANDS, help: 'one JSON object on stdout' },
  {
    name: 'out',
    short: 'o',
    value: 'FILE',
    repeat: true,
    commands: ['attribute'],
    help: 'write .npy, .npz, .json, .png, .svg or .html',
  },
  { name: 'out', short: 'o', value: 'FILE', commands: ['check'], help: 'write the certificate as .json' },
  {
    name: 'out',
    short: 'o',
    value: 'FILE',
    repeat: true,
    commands: ['prune'],
    help: 'write curves and maps as .json, .svg, .png or .html',
  },
  {
    name: 'out',
    short: 'o',
    value: 'FILE',
    repeat: true,
    commands: ['inspect'],
    help: 'draw the graph as .svg or .dot',
  },
  { name: 'out', short: 'o', value: 'FILE', commands: ['compile'], help: 'the plan file to write' },
  { name: 'help', short: 'h', commands: COMMANDS, help: 'show this text' },
];

/** What follows the command's name. */
export const OPERANDS: Readonly<Record<CommandName, { readonly text: string; readonly summary: string }>> = {
  attribute: { text: 'MODEL', summary: 'attribute an output to the features of an input' },
  check: { text: 'MODEL', summary: 'check the axioms of a method on a model and an input' },
  prune: { text: 'MODEL', summary: 'remove the units behind a region of the input, and see what goes' },
  inspect: { text: 'MODEL', summary: 'inputs, outputs, ops and costs of a model, and what can be done with it' },
  compile: { text: 'MODEL', summary: 'a model with its gradient as one plan file, for hosts without an importer' },
  methods: { text: '[ID]', summary: 'list the methods, or the parameters of one' },
};

export function optionsOf(command: CommandName): readonly OptionSpec[] {
  return OPTIONS.filter(({ commands }) => commands.includes(command));
}
