/** Where a matrix lies in an array: element (i, j) is data[offset + i * rowStride + j * columnStride]. */
export interface MatrixView {
  readonly data: Float64Array;
  readonly offset: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

// The kernel keeps a tile of 4 x 2 sums in registers. A block of 256 x 256 of `a` (512 KB) stays in the second-level
// cache, a panel of 256 x 2 of `b` in the first. In V8 on a Zen 4 core tiles of 4 x 4, 4 x 3 and 3 x 3 were slower.
const TILE_ROWS = 4;
const TILE_COLUMNS = 2;
const BLOCK_ROWS = 256;
const BLOCK_DEPTH = 256;

const packedA = new Float64Array(BLOCK_ROWS * BLOCK_DEPTH);
const packedB = new Float64Array(TILE_COLUMNS * BLOCK_DEPTH);
const edgeTile = new Float64Array(TILE_ROWS * TILE_COLUMNS);

/** c += a b for a [m, k], b [k, n], c [m, n]. `c` must not overlap the others. */
export function addProduct(m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: MatrixView): void {
  if (m < TILE_ROWS && m <= n) return addRows(m, n, k, a, b, c);
  if (n < TILE_COLUMNS) return addRows(n, m, k, transposed(b), transposed(a), transposed(c));
  for (let k0 = 0; k0 < k; k0 += BLOCK_DEPTH) {
    const depth = Math.min(BLOCK_DEPTH, k - k0);
    for (let i0 = 0; i0 < m; i0 += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, m - i0);
      packRows(a, i0, rows, k0, depth);
      for (let j = 0; j < n; j += TILE_COLUMNS) {
        packColumns(b, j, n, k0, depth);
        for (let i = 0; i < rows; i += TILE_ROWS) {
          const at = c.offset + (i0 + i) * c.rowStride + j * c.columnStride;
          if (i + TILE_ROWS <= rows && j + TILE_COLUMNS <= n) {
            addTile(depth, i * depth, c.data, at, c.rowStride, c.columnStride);
          } else {
            edgeTile.fill(0);
            addTile(depth, i * depth, edgeTile, 0, TILE_COLUMNS, 1);
            addEdge(Math.min(TILE_ROWS, rows - i), Math.min(TILE_COLUMNS, n - j), c, at);
          }
        }
      }
    }
  }
}

function transposed({ data, offset, rowStride, columnStride }: MatrixView): MatrixView {
  return { data, offset, rowStride: columnStride, columnStride: rowStride };
}

/** Adds packed rows from `at` on times the packed columns to a tile of c. */
function addTile(
  depth: number,
  at: number,
  c: Float64Array,
  to: number,
  rowStride: number,
  columnStride: number,
): void {
  let c00 = 0;
  let c01 = 0;
  let c10 = 0;
  let c11 = 0;
  let c20 = 0;
  let c21 = 0;
  let c30 = 0;
  let c31 = 0;
  for (let p = 0, q = at; p < 2 * depth; p += 2, q += 4) {
    const b0 = packedB[p];
    const b1 = packedB[p + 1];
    const a0 = packedA[q];
    const a1 = packedA[q + 1];
    const a2 = packedA[q + 2];
    const a3 = packedA[q + 3];
    c00 += a0 * b0;
    c01 += a0 * b1;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c30 += a3 * b0;
    c31 += a3 * b1;
  }
  c[to] += c00;
  c[to + columnStride] += c01;
  to += rowStride;
  c[to] += c10;
  c[to + columnStride] += c11;
  to += rowStride;
  c[to] += c20;
  c[to + columnStride] += c21;
  to += rowStride;
  c[to] += c30;
  c[to + columnStride] += c31;
}

function addEdge(rows: number, columns: number, c: MatrixView, at: number): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++)
      c.data[at + i * c.rowStride + j * c.columnStride] += edgeTile[i * TILE_COLUMNS + j];
  }
}

/** Panels of TILE_ROWS rows, each depth-major; missing rows are zeros. */
function packRows(
  { data, offset, rowStride, columnStride }: MatrixView,
  i0: number,
  rows: number,
  k0: number,
  depth: number,
): void {
  for (let i = 0, panel = 0; i < rows; i += TILE_ROWS, panel += TILE_ROWS * depth) {
    for (let r = 0; r < TILE_ROWS; r++) {
      let to = panel + r;
      if (i + r >= rows) {
        for (let k = 0; k < depth; k++, to += TILE_ROWS) packedA[to] = 0;
        continue;
      }
      let from = offset + (i0 + i + r) * rowStride + k0 * columnStride;
      for (let k = 0; k < depth; k++, to += TILE_ROWS, from += columnStride) packedA[to] = data[from];
    }
  }
}

/** One panel of TILE_COLUMNS columns, depth-major; a missing column is zero. */
function packColumns(
  { data, offset, rowStride, columnStride }: MatrixView,
  j: number,
  n: number,
  k0: number,
  depth: number,
): void {
  let from = offset + k0 * rowStride + j * columnStride;
  if (j + 1 < n) {
    for (let p = 0; p < 2 * depth; p += 2, from += rowStride) {
      packedB[p] = data[from];
      packedB[p + 1] = data[from + columnStride];
    }
  } else {
    for (let p = 0; p < 2 * depth; p += 2, from += rowStride) {
      packedB[p] = data[from];
      packedB[p + 1] = 0;
    }
  }
}

/** The product for few rows of `a`, without packing: `b` is read once a row, along its contiguous axis. */
function addRows(m: number, n: number, k: number, a: MatrixView, b: MatrixView, c: MatrixView): void {
  for (let i = 0; i < m; i++) {
    const aRow = a.offset + i * a.rowStride;
    const cRow = c.offset + i * c.rowStride;
    if (b.columnStride === 1 && c.columnStride === 1) addCombination(n, k, a, aRow, b, c.data, cRow);
    else addDots(n, k, a, aRow, b, c, cRow);
  }
}

/** c[j] += sum over k of a[k] b[k, j], four rows of b at a time. */
function addCombination(
  n: number,
  k: number,
  a: MatrixView,
  aRow: number,
  b: MatrixView,
  c: Float64Array,
  cRow: number,
): void {
  const x = b.data;
  const stride = b.rowStride;
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    const a0 = a.data[aRow + p * a.columnStride];
    const a1 = a.data[aRow + (p + 1) * a.columnStride];
    const a2 = a.data[aRow + (p + 2) * a.columnStride];
    const a3 = a.data[aRow + (p + 3) * a.columnStride];
    let b0 = b.offset + p * stride;
    let b1 = b0 + stride;
    let b2 = b1 + stride;
    let b3 = b2 + stride;
    for (let j = cRow; j < cRow + n; j++) c[j] += a0 * x[b0++] + a1 * x[b1++] + (a2 * x[b2++] + a3 * x[b3++]);
  }
  for (; p < k; p++) {
    const a0 = a.data[aRow + p * a.columnStride];
    let b0 = b.offset + p * stride;
    for (let j = cRow; j < cRow + n; j++) c[j] += a0 * x[b0++];
  }
}

/** c[j] += sum over k of a[k] b[k, j], each sum in four parts. */
function addDots(n: number, k: number, a: MatrixView, aRow: number, b: MatrixView, c: MatrixView, cRow: number): void {
  const x = a.data;
  const y = b.data;
  const dx = a.columnStride;
  const dy = b.rowStride;
  for (let j = 0; j < n; j++) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let from = aRow;
    let at = b.offset + j * b.columnStride;
    let p = 0;
    for (; p + 4 <= k; p += 4) {
      s0 += x[from] * y[at];
      s1 += x[from + dx] * y[at + dy];
      s2 += x[from + 2 * dx] * y[at + 2 * dy];
      s3 += x[from + 3 * dx] * y[at + 3 * dy];
      from += 4 * dx;
      at += 4 * dy;
    }
    for (; p < k; p++, from += dx, at += dy) s0 += x[from] * y[at];
    c.data[cRow + j * c.columnStride] += s0 + s1 + (s2 + s3);
  }
}
