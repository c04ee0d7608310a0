/**
 * Expressions such as `2*x0 - relu(x1 - 1)**2`: parsing, evaluation, reverse differentiation, in float64.
 * For test models only. A variable is a tensor's name followed by the flat index of an element.
 */
export type Operation =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'pow'
  | 'neg'
  | 'relu'
  | 'abs'
  | 'max'
  | 'min'
  | 'tanh'
  | 'sigmoid'
  | 'exp'
  | 'ln'
  | 'sqrt'
  | 'sin'
  | 'cos';

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly tensor: string; readonly index: number }
  | { readonly kind: 'operation'; readonly op: Operation; readonly args: readonly Expression[] };

const FUNCTIONS: ReadonlySet<string> = new Set([
  'relu',
  'abs',
  'max',
  'min',
  'tanh',
  'sigmoid',
  'exp',
  'ln',
  'sqrt',
  'sin',
  'cos',
]);

const TOKEN = /\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_]+\d*|\*\*|[-+*/(),^])/gy;

/**
 * Parses infix algebra with + - * / ** (or ^), parentheses and the functions relu, abs, max, min, tanh, sigmoid, exp,
 * ln, sqrt, sin, cos.
 */
export function parseAlgebra(text: string): Expression {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] as string);
  let at = 0;
  const take = (wanted: string): boolean => (tokens[at] === wanted ? (at++, true) : false);
  const expect = (wanted: string): void => {
    if (!take(wanted)) throw new Error(`algebra "${text}": expected "${wanted}", got "${tokens[at] ?? 'the end'}"`);
  };
  const sum = (): Expression => {
    let left = product();
    for (;;) {
      if (take('+')) left = apply('add', left, product());
      else if (take('-')) left = apply('sub', left, product());
      else return left;
    }
  };
  const product = (): Expression => {
    let left = unary();
    for (;;) {
      if (take('*')) left = apply('mul', left, unary());
      else if (take('/')) left = apply('div', left, unary());
      else return left;
    }
  };
  const unary = (): Expression => (take('-') ? apply('neg', unary()) : power());
  const power = (): Expression => {
    const base = atom();
    return take('**') || take('^') ? apply('pow', base, unary()) : base;
  };
  const atom = (): Expression => {
    if (take('(')) {
      const inner = sum();
      expect(')');
      return inner;
    }
    const token = tokens[at++] ?? '';
    if (/^\d/.test(token)) return { kind: 'number', value: Number(token) };
    if (FUNCTIONS.has(token)) {
      expect('(');
      const args = [sum()];
      while (take(',')) args.push(sum());
      expect(')');
      return { kind: 'operation', op: token as Operation, args };
    }
    const name = /^([A-Za-z_]+)(\d+)$/.exec(token);
    if (name === null) throw new Error(`algebra "${text}": unexpected "${token}"`);
    return { kind: 'variable', tensor: name[1] as string, index: Number(name[2]) };
  };
  const result = sum();
  if (at !== tokens.length) throw new Error(`algebra "${text}": unexpected "${tokens[at]}"`);
  return result;
}

function apply(op: Operation, ...args: Expression[]): Expression {
  return { kind: 'operation', op, args };
}

/** The value of an operation. */
export function evaluateOperation(op: Operation, a: number, b: number): number {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'pow':
      return a ** b;
    case 'neg':
      return -a;
    case 'relu':
      return a > 0 ? a : 0;
    case 'abs':
      return Math.abs(a);
    case 'max':
      return b > a ? b : a;
    case 'min':
      return b < a ? b : a;
    case 'tanh':
      return Math.tanh(a);
    case 'sigmoid':
      return 1 / (1 + Math.exp(-a));
    case 'exp':
      return Math.exp(a);
    case 'ln':
      return Math.log(a);
    case 'sqrt':
      return Math.sqrt(a);
    case 'sin':
      return Math.sin(a);
    case 'cos':
      return Math.cos(a);
  }
}

/** Partial derivatives (d/da, d/db) at (a, b) with value y; relu'(0) = abs'(0) = 0, the first maximum takes all. */
export function derivative(op: Operation, a: number, b: number, y: number): readonly [number, number] {
  switch (op) {
    case 'add':
      return [1, 1];
    case 'sub':
      return [1, -1];
    case 'mul':
      return [b, a];
    case 'div':
      return [1 / b, -a / (b * b)];
    case 'pow':
      return [b * a ** (b - 1), 0];
    case 'neg':
      return [-1, 0];
    case 'relu':
      return [a > 0 ? 1 : 0, 0];
    case 'abs':
      return [Math.sign(a), 0];
    case 'max':
      return b > a ? [0, 1] : [1, 0];
    case 'min':
      return b < a ? [0, 1] : [1, 0];
    case 'tanh':
      return [1 - y * y, 0];
    case 'sigmoid':
      return [y * (1 - y), 0];
    case 'exp':
      return [y, 0];
    case 'ln':
      return [1 / a, 0];
    case 'sqrt':
      return [0.5 / y, 0];
    case 'sin':
      return [Math.cos(a), 0];
    case 'cos':
      return [-Math.sin(a), 0];
  }
}
