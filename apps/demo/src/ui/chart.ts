import { svgOf } from './dom.ts';
import { figure } from './format.ts';
import type { PathCurve } from '../worker/protocol.ts';

const WIDTH = 760;
const LEFT = 62;
const RIGHT = 14;
const TOP = 22;
const CURVES = 170;
const GAP = 44;
const BARS = 54;
const HEIGHT = TOP + CURVES + GAP + BARS + 30;

/**
 * F against alpha, the running sum of the attributions over F(x′), and under it the residual of each panel of the
 * quadrature. A line marks the point that is looked at.
 */
export function pathChart(curve: PathCurve, alpha: number, chosen: (alpha: number) => void): SVGSVGElement {
  const { alphas, outputs, cumulative, residuals } = curve;
  const start = outputs[0] ?? 0;
  const sums = cumulative.map((sum) => start + sum);
  const low = Math.min(...outputs, ...sums);
  const high = Math.max(...outputs, ...sums);
  const room = high - low || 1;
  const x = (a: number): number => LEFT + a * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => TOP + CURVES - ((value - low) / room) * CURVES;
  const line = (values: readonly number[]): string =>
    values.map((value, k) => `${k === 0 ? 'M' : 'L'}${x(alphas[k] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`).join('');
  const middle = TOP + CURVES + GAP + BARS / 2;
  const largest = Math.max(...residuals.map(Math.abs), 1e-12);
  const bars = residuals.map((residual, k) => {
    const [from, to] = [x(alphas[k] ?? 0), x(alphas[k + 1] ?? 1)];
    const height = Math.max(0.5, (Math.abs(residual) / largest) * (BARS / 2));
    const top = residual > 0 ? middle - height : middle;
    return `<rect class="${residual > 0 ? 'more' : 'less'}" x="${(from + 0.5).toFixed(1)}" y="${top.toFixed(1)}" width="${Math.max(0.5, to - from - 1).toFixed(1)}" height="${height.toFixed(1)}"/>`;
  });
  const text = (atX: number, atY: number, content: string, anchor = 'start'): string =>
    `<text x="${atX}" y="${atY}" text-anchor="${anchor}">${content}</text>`;
  const at = x(alpha).toFixed(1);
  const markup = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" class="chart" role="img" aria-label="${labelOf(curve)}">
${alphas.map((a) => `<line class="panel" x1="${x(a).toFixed(1)}" x2="${x(a).toFixed(1)}" y1="${TOP}" y2="${TOP + CURVES}"/>`).join('')}
${[low, (low + high) / 2, high].map((value) => text(LEFT - 8, y(value) + 4, figure(value, 3), 'end')).join('')}
<path class="sum" d="${line(sums)}"/><path class="output" d="${line(outputs)}"/>
${alphas.map((a, k) => `<circle class="node" cx="${x(a).toFixed(1)}" cy="${y(outputs[k] ?? 0).toFixed(1)}" r="2"/>`).join('')}
${text(LEFT, 14, 'F (line) and F(x′) + attributions so far (dashed)')}
${text(LEFT, TOP + CURVES + GAP - 8, `Residual of each panel, largest ${figure(largest, 2)}`)}
<line class="zero" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${middle}" y2="${middle}"/>${bars.join('')}
${[0, 0.25, 0.5, 0.75, 1].map((a) => text(x(a), HEIGHT - 8, String(a), 'middle')).join('')}
${text(LEFT - 8, HEIGHT - 8, 'α', 'end')}
<line class="here" x1="${at}" x2="${at}" y1="${TOP - 4}" y2="${HEIGHT - 24}"/></svg>`;
  const svg = svgOf(markup);
  const pick = ({ clientX }: { clientX: number }): void => {
    const box = svg.getBoundingClientRect();
    const a = (((clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT);
    chosen(Math.min(1, Math.max(0, a)));
  };
  svg.addEventListener('pointerdown', pick);
  svg.addEventListener('pointermove', (event) => {
    if (event.buttons === 1) pick(event);
  });
  return svg;
}

function labelOf({ outputs, cumulative, residuals, saturation }: PathCurve): string {
  const largest = Math.max(...residuals.map(Math.abs));
  return `F goes from ${figure(outputs[0] ?? 0)} to ${figure(outputs.at(-1) ?? 0)}, the attributions sum to ${figure(cumulative.at(-1) ?? 0)}. ${saturation} Largest residual of a panel ${figure(largest, 2)}.`;
}
