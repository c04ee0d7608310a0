import { inputKind, type Node } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { both, type ChangeParts, type Pair } from './change-parts.ts';
import { negativePart, positivePart } from './emit.ts';
import { forActive, pullBack, type LocalRule, type Site } from './rule.ts';
import { isNear, secantPull, type Nearness } from './secants.ts';
import { weightedNode } from './weighted-node.ts';

/** How a kind of node splits the change of its output, and pulls both multipliers back. */
export interface Kind {
  /** Absent: the output's differences by their signs. */
  readonly forward?: (parts: ChangeParts) => void;
  readonly backward: (parts: ChangeParts, values: readonly (Pair | null)[]) => readonly (Pair | null)[];
}

/**
 * z = x w + b: each term w_j dx_j counts by the sign of the whole of it, whatever parts dx_j has. P = W+ d+ + W- d-, and a
 * rising x_j takes W+ m+ + W- m-.
 */
export function weightedKind(site: Site): Kind | null {
  const weighted = weightedNode(site);
  if (weighted === null) return null;
  const { x, output, apply, pull } = weighted;
  const signs = (b: OpBuilder): [string, string] => {
    const w = weighted.weight(b);
    return [positivePart(b, w), negativePart(b, w)];
  };
  return {
    forward(parts) {
      const { b } = parts;
      const d = parts.difference(x);
      const [up, down] = [positivePart(b, d), negativePart(b, d)];
      const [plus, minus] = signs(b);
      parts.set(output, {
        plus: b.add(apply(b, up, plus, null), apply(b, down, minus, null)),
        minus: b.add(apply(b, up, minus, null), apply(b, down, plus, null)),
      });
    },
    backward(parts, [value]) {
      const { b } = parts;
      const m = value as Pair;
      if (m.plus === m.minus) {
        return forActive(site, () => both(b.reshape(pull(b, x, weighted.weight(b), m.plus), b.shape(x))));
      }
      const [plus, minus] = signs(b);
      const rising = b.add(pull(b, x, plus, m.plus), pull(b, x, minus, m.minus));
      const falling = b.add(pull(b, x, minus, m.plus), pull(b, x, plus, m.minus));
      return forActive(site, () => both(parts.select(parts.difference(x), { plus: rising, minus: falling })));
    },
  };
}

/**
 * y = f(x): P and N share the change as Shapley values of two players do. Where a part is 0 its multiplier is the limit.
 */
export function revealingKind(site: Site, { nearZero }: Nearness): Kind {
  const { node } = site;
  const [x, y] = [node.inputs[0] as string, node.outputs[0] as string];
  const at = (b: OpBuilder, value: string): string => b.emit(node.op, [value, ...node.inputs.slice(1)], node.attrs);
  const ends = (parts: ChangeParts): { afterPlus: string; afterMinus: string } => {
    const { b, twin } = parts;
    const { plus, minus } = parts.of(x);
    return { afterPlus: b.add(twin.at(x), plus), afterMinus: b.add(twin.at(x), minus) };
  };
  return {
    forward(parts) {
      const { b, twin } = parts;
      const { afterPlus, afterMinus } = ends(parts);
      const [fp, fm, y0] = [at(b, afterPlus), at(b, afterMinus), twin.at(y)];
      const half = (u: string, v: string): string => b.mul(b.add(u, v), 0.5);
      parts.set(y, {
        plus: half(b.sub(fp, y0), b.sub(y, fm)),
        minus: half(b.sub(fm, y0), b.sub(y, fp)),
      });
    },
    backward(parts, [value]) {
      const { b, twin } = parts;
      const m = value as Pair;
      const [into, out] = [parts.of(x), parts.of(y)];
      const { afterPlus, afterMinus } = ends(parts);
      const slope = (cotangent: string, place: string): string =>
        site.op.vjp === undefined
          ? b.mul(cotangent, 0)
          : (pullBack(b, atPlace(b, site, place), [cotangent])[0] as string);
      const atStart = (cotangent: string): string => slope(cotangent, twin.at(x));
      const share = (own: string, change: string, part: string, other: string): string => {
        const near = isNear(b, part, nearZero);
        const limit = b.mul(b.add(atStart(own), slope(own, other)), 0.5);
        return b.where(near, limit, b.div(b.mul(own, change), b.where(near, 1, part)));
      };
      const pair: Pair = {
        plus: share(m.plus, out.plus, into.plus, afterMinus),
        minus: share(m.minus, out.minus, into.minus, afterPlus),
      };
      return forActive(site, () => pair);
    },
  };
}

/** The site with another input; rules for gradients may read the output there too. */
function atPlace(b: OpBuilder, site: Site, place: string): Site {
  const inputs = [place, ...site.node.inputs.slice(1)];
  const outputs = [b.emit(site.node.op, inputs, site.node.attrs)];
  return { ...site, node: { ...site.node, inputs, outputs } };
}

/** y = f(x) by the rescale rule: both parts times the secant. */
export function scaledKind(site: Site, nearness: Nearness): Kind {
  const [x, y] = [site.node.inputs[0] as string, site.node.outputs[0] as string];
  const times = (parts: ChangeParts, { plus, minus }: Pair): Pair => ({
    plus: secantPull(parts.b, site, parts.twin, plus, nearness),
    minus: secantPull(parts.b, site, parts.twin, minus, nearness),
  });
  return {
    forward: (parts) => parts.set(y, times(parts, parts.of(x))),
    backward: (parts, [value]) => forActive(site, () => times(parts, value as Pair)),
  };
}

/** Elements that move: their parts and multipliers move along. */
export function movedKind(site: Site): Kind {
  const { node, op, needs } = site;
  return {
    forward(parts) {
      const { b } = parts;
      const sides = (['plus', 'minus'] as const).map((side) => {
        const inputs = node.inputs.map((input, i) => {
          if (needs[i] === true) return parts.of(input)[side];
          return input !== '' && inputKind(op, i) === 'differentiable' ? b.zeros(b.shape(input), input) : input;
        });
        const outputs = node.outputs.map((output) => (output === '' ? '' : b.freshName(`${side}.${output}`)));
        return b.apply(node.op, inputs, node.attrs, { outputs });
      });
      for (const [i, output] of node.outputs.entries()) {
        const [plus, minus] = sides.map((names) => names[i] as string) as [string, string];
        if (output !== '') parts.set(output, { plus, minus });
      }
    },
    backward(parts, values) {
      const { b } = parts;
      const [plus, minus] = (['plus', 'minus'] as const).map((side) =>
        pullBack(
          b,
          site,
          values.map((value) => value?.[side] ?? null),
        ),
      ) as [(string | null)[], (string | null)[]];
      return plus.map((own, i) => (own === null ? null : { plus: own, minus: minus[i] as string }));
    },
  };
}

/** A sum of several computed terms: each counts by its sign. */
export function summedKind(site: Site): Kind {
  const { node, active } = site;
  const term = (parts: ChangeParts, position: number): string => {
    const { b } = parts;
    const alone = node.inputs.map((input, i) =>
      i === position ? parts.difference(input) : b.zeros(b.shape(input), input),
    );
    return b.emit(node.op, alone, node.attrs);
  };
  return {
    forward(parts) {
      const { b } = parts;
      const terms = active.map((i) => term(parts, i));
      const sum = (part: (b: OpBuilder, x: string) => string): string =>
        terms.map((own) => part(b, own)).reduce((left, right) => b.add(left, right));
      parts.set(node.outputs[0] as string, { plus: sum(positivePart), minus: sum(negativePart) });
    },
    backward(parts, [value]) {
      return forActive(site, (i) => {
        const m = parts.select(term(parts, i), value as Pair);
        return both(pullBack(parts.b, site, [m])[i] as string);
      });
    },
  };
}

/** A linear node without negative weights: what rises raises, what falls lowers. */
export function averagedKind(site: Site): Kind {
  const { node } = site;
  const [x, y] = [node.inputs[0] as string, node.outputs[0] as string];
  return {
    forward(parts) {
      const { b } = parts;
      const d = parts.difference(x);
      const of = (part: string): string => b.emit(node.op, [part, ...node.inputs.slice(1)], node.attrs);
      parts.set(y, { plus: of(positivePart(b, d)), minus: of(negativePart(b, d)) });
    },
    backward(parts, [value]) {
      const { plus, minus } = value as Pair;
      const pulled = (m: string): string => pullBack(parts.b, site, [m])[0] as string;
      const rising = pulled(plus);
      const pair = { plus: rising, minus: plus === minus ? rising : pulled(minus) };
      return forActive(site, () => both(parts.select(parts.difference(x), pair)));
    },
  };
}

/** By the rescale rule, with the multiplier that the sign of the output's change names. */
export function bySignKind({ node }: Site, rule: LocalRule): Kind {
  return {
    backward(parts, values) {
      const selected = node.outputs.map((output, i) => {
        const value = values[i] ?? null;
        return value === null ? null : parts.select(parts.difference(output), value);
      });
      return rule(parts.b, selected).map((own) => (own === null ? null : both(own)));
    },
  };
}

/** Whether the weights before an activation are of one of the ops that ask for rescale. */
export function isBehind(node: Node, makers: ReadonlyMap<string, Node>, ops: readonly string[]): boolean {
  if (ops.length === 0) return false;
  let maker = makers.get(node.inputs[0] ?? '');
  while (maker !== undefined && !WEIGHTED.has(maker.op)) maker = makers.get(maker.inputs[0] ?? '');
  return maker !== undefined && ops.includes(maker.op);
}

const WEIGHTED: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'Einsum']);
