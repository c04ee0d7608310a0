import { float64, type DifferentiableModel } from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine, type OpBuilder } from '@pathwise/ops';

/** Writes a function of x, of shape [1, n], as nodes; returns the output. */
type Writer = (b: OpBuilder, x: string) => string;

/** w x + bias, one row of `w` an output. */
function dense(b: OpBuilder, x: string, w: readonly (readonly number[])[], bias?: readonly number[]): string {
  const weights = float64([w.length, w[0]?.length ?? 0], w.flat());
  return b.gemm(x, weights, bias === undefined ? null : float64([bias.length], bias), { transB: 1 });
}

const part = (b: OpBuilder, x: string, i: number): string => b.slice(x, [i], [i + 1], [1]);
const join = (b: OpBuilder, ...xs: string[]): string => b.concat(xs, 1);

const identity = [
  [1, 0],
  [0, 1],
];

// Networks of three weighted layers, of which the first and the last change nothing: rules that do not conserve see them.
const f: Writer = (b, x) => dense(b, b.relu(dense(b, b.relu(dense(b, x, identity)), [[1, -1]], [-1])), [[1]]);
const g: Writer = (b, x) => dense(b, b.relu(dense(b, b.relu(dense(b, x, identity, [-1, 0])), [[1, -1]])), [[1]]);

/** x1 sign relu(x2), then opposite sign relu(x2), of one relu node. */
const aroundRelu =
  (sign: number): Writer =>
  (b, x) => {
    const r = b.relu(dense(b, part(b, x, 1), [[1]]));
    return dense(b, join(b, dense(b, join(b, part(b, x, 0), r), [[1, sign]]), r), [[1, -sign]]);
  };

const symmetric: Writer = (b, x) => {
  const first = b.relu(dense(b, b.relu(dense(b, x, identity)), [[1, -0.5]], [-1]));
  const late = b.relu(dense(b, b.relu(dense(b, x, identity, [0, -1])), [[-0.5, 1]]));
  return dense(b, join(b, dense(b, first, [[1]]), dense(b, late, [[1]])), [[1, 1]]);
};

/** The functions of golden/internals.json, by their text. */
const writers: Readonly<Record<string, Writer>> = {
  '1 - relu(1 - x1)': (b, x) => dense(b, b.relu(dense(b, x, [[-1]], [1])), [[-1]], [1]),
  'min(x1, x2)': (b, x) => b.emit('Min', [part(b, x, 0), part(b, x, 1)]),
  'max(x1, x2)': (b, x) => b.emit('Max', [part(b, x, 0), part(b, x, 1)]),
  'relu(relu(x1) - 1 - relu(x2))': f,
  'relu(relu(x1 - 1) - relu(x2))': g,
  '- relu(x1)': (b, x) => dense(b, b.relu(x), [[-1]]),
  '- x1 - relu(-x1)': (b, x) => dense(b, join(b, x, b.relu(dense(b, x, [[-1]]))), [[-1, -1]]),
  'relu(relu(x1) - 1 - relu(x2)) - relu(relu(x1 - 1) - relu(x2))': (b, x) =>
    dense(b, join(b, f(b, x), g(b, x)), [[1, -1]]),
  '(x1 + relu(x2)) - relu(x2), the two relu(x2) are one node': aroundRelu(1),
  '(x1 + relu(x2)) - relu(x2), one relu node': aroundRelu(1),
  '(x1 - relu(x2)) + relu(x2), one relu node': aroundRelu(-1),
  'relu(x1) - relu(x1), two relu nodes': (b, x) => dense(b, join(b, b.relu(x), b.relu(x)), [[1, -1]]),
  'A1 on a map (A1, A2), one channel': (b, x) => part(b, b.reshape(x, [1, 2]), 0),
  'A1 A2 on a map (A1, A2), one channel': (b, x) => {
    const flat = b.reshape(x, [1, 2]);
    return b.mul(part(b, flat, 0), part(b, flat, 1));
  },
  'x1 x1 + x1 x2': (b, x) => b.mul(part(b, x, 0), dense(b, x, [[1, 1]])),
  'x1 x1': (b, x) => b.mul(part(b, x, 0), part(b, x, 0)),
  'x1 x2': (b, x) => b.mul(part(b, x, 0), part(b, x, 1)),
  'x1 x2 x2': (b, x) => b.mul(b.mul(part(b, x, 0), part(b, x, 1)), part(b, x, 1)),
  'relu(x1)': (b, x) => b.relu(x),
  'relu(relu(x1) - 1 - relu(x2)/2) + relu(relu(x2 - 1) - relu(x1)/2)': symmetric,
  '((x1 - 1) / 2) (3 - x2)': (b, x) =>
    b.mul(dense(b, part(b, x, 0), [[0.5]], [-0.5]), dense(b, part(b, x, 1), [[-1]], [3])),
  '(x1 + x2)^3': (b, x) => b.pow(dense(b, x, [[1, 1]]), 3),
  'x1/10 + x2/10 + relu(relu(x1) - 1 - relu(x2)) - relu(relu(x1 - 1) - relu(x2))': (b, x) =>
    dense(b, join(b, x, f(b, x), g(b, x)), [[0.1, 0.1, 1, -1]]),
  '(x1 + relu(x2)) + x2 - relu(x2), one relu node': (b, x) => {
    const r = b.relu(part(b, x, 1));
    return dense(b, join(b, dense(b, join(b, part(b, x, 0), r), [[1, 1]]), part(b, x, 1), r), [[1, 1, -1]]);
  },
  '- relu(x1) - (x2 + relu(-x2))': (b, x) => {
    const second = part(b, x, 1);
    return dense(b, join(b, b.relu(part(b, x, 0)), second, b.relu(dense(b, second, [[-1]]))), [[-1, -1, -1]]);
  },
  'x1 - 1.2': (b, x) => dense(b, x, [[1]], [-1.2]),
  'relu(x1 - x2)': (b, x) => b.relu(dense(b, x, [[1, -1]])),
  'relu(relu(x1 - x2))': (b, x) => b.relu(b.relu(dense(b, x, [[1, -1]]))),
};

/** The network that writes a function, on the reference engine; its input is x, of shape [1, ...shape]. */
export function axiomNetwork(text: string, shape: readonly number[]): DifferentiableModel {
  const write = writers[text];
  if (write === undefined) throw new Error(`no network writes ${text}`);
  const b = graphBuilder();
  return graphModel(b.build([write(b, b.input('x', [1, ...shape]))]), referenceEngine);
}
