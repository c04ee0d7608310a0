/** A connected piece of a segment; `borders` counts the pixel sides shared with each neighbour. */
interface Piece {
  size: number;
  readonly isLargest: boolean;
  readonly borders: Map<number, number>;
  /** The piece that it was joined to. */
  joined: number | null;
}

/**
 * Connected segments: of every label the largest piece stays, all others, and those below `least` pixels, join the
 * neighbour with the longest common border, the smallest first. Numbered anew in the order of their first pixels.
 */
export function joinPieces(labels: Int32Array, height: number, width: number, least: number): Int32Array {
  const { pieceOf, pieces } = piecesOf(labels, height, width);
  const isLoose = ({ joined, isLargest, size }: Piece): boolean => joined === null && (!isLargest || size < least);
  let left = pieces.length;
  for (;;) {
    const loose = pieces.reduce(
      (best, piece, k) => (isLoose(piece) && (best < 0 || piece.size < pieces[best].size) ? k : best),
      -1,
    );
    if (loose < 0 || left === 1) break;
    join(pieces, loose);
    left--;
  }
  const rootOf = (k: number): number => {
    let root = k;
    for (let next = pieces[root].joined; next !== null; next = pieces[root].joined) root = next;
    return root;
  };
  const numbers = new Map<number, number>();
  return pieceOf.map((k) => {
    const root = rootOf(k);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}

/** Joins a piece to its neighbour with the longest border, the first of several. */
function join(pieces: readonly Piece[], k: number): void {
  const piece = pieces[k];
  let [target, longest] = [-1, 0];
  for (const [neighbour, length] of piece.borders) {
    if (length > longest || (length === longest && neighbour < target)) [target, longest] = [neighbour, length];
  }
  piece.joined = target;
  const into = pieces[target];
  into.size += piece.size;
  into.borders.delete(k);
  for (const [neighbour, length] of piece.borders) {
    if (neighbour === target) continue;
    into.borders.set(neighbour, (into.borders.get(neighbour) ?? 0) + length);
    const other = pieces[neighbour].borders;
    other.delete(k);
    other.set(target, (other.get(target) ?? 0) + length);
  }
}

/** Pieces of equal labels that share sides, in the order of their first pixels. */
function piecesOf(
  labels: Int32Array,
  height: number,
  width: number,
): { readonly pieceOf: Int32Array; readonly pieces: Piece[] } {
  const pieceOf = new Int32Array(labels.length).fill(-1);
  const found: { label: number; size: number }[] = [];
  for (let start = 0; start < labels.length; start++) {
    if (pieceOf[start] >= 0) continue;
    const piece = { label: labels[start], size: 0 };
    const open = [start];
    pieceOf[start] = found.length;
    for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
      piece.size++;
      for (const next of neighboursOf(pixel, height, width)) {
        if (pieceOf[next] >= 0 || labels[next] !== piece.label) continue;
        pieceOf[next] = found.length;
        open.push(next);
      }
    }
    found.push(piece);
  }
  const largest = new Map<number, number>();
  for (const [k, { label, size }] of found.entries()) {
    const best = largest.get(label);
    if (best === undefined || size > found[best].size) largest.set(label, k);
  }
  const pieces = found.map(({ label, size }, k) => ({
    size,
    isLargest: largest.get(label) === k,
    borders: new Map<number, number>(),
    joined: null,
  }));
  for (const [pixel, k] of pieceOf.entries()) {
    for (const next of neighboursOf(pixel, height, width)) {
      const other = pieceOf[next];
      if (other !== k) pieces[k].borders.set(other, (pieces[k].borders.get(other) ?? 0) + 1);
    }
  }
  return { pieceOf, pieces };
}

/** Pixels that share a side, in row-major order. */
function neighboursOf(pixel: number, height: number, width: number): number[] {
  const [row, column] = [Math.floor(pixel / width), pixel % width];
  const found: number[] = [];
  if (row > 0) found.push(pixel - width);
  if (column > 0) found.push(pixel - 1);
  if (column < width - 1) found.push(pixel + 1);
  if (row < height - 1) found.push(pixel + width);
  return found;
}
