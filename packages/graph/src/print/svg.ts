import type { Graph } from '../graph.ts';
import type { OpSet } from '../op.ts';
import { diagramOf, type DiagramVertex } from './diagram.ts';
import { layeredLayout, type Box, type Point } from './layout.ts';
import { fillOf } from './palette.ts';

/** Advance of one character of the monospaced face, in em. */
const CHARACTER_EM = 0.602;
const TITLE_SIZE = 12;
const LINE_SIZE = 9.5;
const LINE_HEIGHT = 13;
const PADDING = 8;
const MARGIN = 16;
const MOST_CHARACTERS = 34;

/** A graph as an SVG picture from top to bottom; with `ops`, boxes are coloured by the class of their op. */
export function printSvg(graph: Graph, ops?: OpSet): string {
  const { vertices, edges } = diagramOf(graph, ops);
  const boxes = vertices.map(boxOf);
  const layout = layeredLayout(boxes, edges);
  const width = Math.ceil(layout.width + 2 * MARGIN);
  const height = Math.ceil(layout.height + 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" role="img">`,
    `<title>${escape(graph.name)}</title>`,
    `<rect x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}" fill="#ffffff"/>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.5 8 4 0 7.5z" fill="#7a7a7a"/></marker></defs>',
    '<g fill="none" stroke="#7a7a7a" stroke-width="1.2">',
    ...layout.lines.map(
      (points, i) =>
        `<path d="${curve(points)}" marker-end="url(#tip)"><title>${escape(edges[i]?.tensor ?? '')}</title></path>`,
    ),
    '</g>',
    ...vertices.map((vertex, i) => drawBox(vertex, boxes[i] as Box, layout.boxes[i] as Point)),
    '</svg>',
    '',
  ].join('\n');
}

function boxOf({ lines }: DiagramVertex): Box {
  const widths = lines.map((line, i) => shorten(line).length * CHARACTER_EM * (i === 0 ? TITLE_SIZE : LINE_SIZE));
  return {
    width: Math.max(40, ...widths) + 2 * PADDING,
    height: lines.length * LINE_HEIGHT + PADDING,
  };
}

function drawBox(vertex: DiagramVertex, { width, height }: Box, { x, y }: Point): string {
  const radius = vertex.kind === 'node' ? 4 : height / 2;
  const top = y - height / 2;
  const text = vertex.lines.map((line, i) => {
    const size =
      i === 0
        ? `font-size="${TITLE_SIZE}" font-weight="bold" fill="#1a1a1a"`
        : `font-size="${LINE_SIZE}" fill="#444444"`;
    return `<text x="${round(x)}" y="${round(top + PADDING / 2 + (i + 0.76) * LINE_HEIGHT)}" text-anchor="middle" ${size}>${escape(shorten(line))}</text>`;
  });
  return `<g><title>${escape(vertex.detail)}</title><rect x="${round(x - width / 2)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="${radius}" fill="${fillOf(vertex)}" stroke="#8a8a8a"/>${text.join('')}</g>`;
}

/** Straight across layers, bent between them. */
function curve([start, ...rest]: readonly Point[]): string {
  if (start === undefined) return '';
  let path = `M${round(start.x)} ${round(start.y)}`;
  let last = start;
  for (const point of rest) {
    if (point.x === last.x) path += `V${round(point.y)}`;
    else {
      const middle = (last.y + point.y) / 2;
      path += `C${round(last.x)} ${round(middle)} ${round(point.x)} ${round(middle)} ${round(point.x)} ${round(point.y)}`;
    }
    last = point;
  }
  return path;
}

function shorten(line: string): string {
  return line.length <= MOST_CHARACTERS
    ? line
    : `${line.slice(0, MOST_CHARACTERS / 2 - 1)}…${line.slice(-MOST_CHARACTERS / 2)}`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
