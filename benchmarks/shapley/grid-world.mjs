import { float64 } from '@pathwise/model';
import { graphBuilder } from '@pathwise/ops';

const SIDE = 4;
const CELLS = SIDE * SIDE;
const SWEEPS = 6;
/** The cells that take the inputs as rewards; the others have none. */
export const REWARDS = [1, 2, 4, 6, 9, 11, 13, 15];

/**
 * The value of the first cell of a 4x4 grid after six sweeps of soft value iteration: V[s] = R[s] + tau (ln of the sum over the
 * four moves of exp(V[next] / tau) - ln 4), all cells at once. A move off the grid stays. Smooth for a large tau, nearly a
 * maximum over paths for a small one. The last cell is out of reach.
 */
export function gridWorld(tau) {
  const b = graphBuilder();
  const placement = new Float64Array(REWARDS.length * CELLS);
  for (const [i, cell] of REWARDS.entries()) placement[i * CELLS + cell] = 1;
  const rewards = b.matmul(b.input('x', [1, REWARDS.length]), float64([REWARDS.length, CELLS], placement));
  const moves = float64([CELLS, CELLS], movesInto());
  let value = b.mul(rewards, 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const sums = b.matmul(b.exp(b.mul(value, 1 / tau)), moves);
    value = b.add(rewards, b.mul(b.sub(b.emit('Log', [sums]), Math.log(4)), tau));
  }
  return b.build([b.slice(value, [0], [1], [1])], `grid world, tau ${tau}`);
}

/** [next, cell]: how many of the four moves of a cell lead to the next. */
function movesInto() {
  const counts = new Float64Array(CELLS * CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const [row, column] = [Math.floor(cell / SIDE), cell % SIDE];
    for (const [down, right] of [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ]) {
      const [r, c] = [row + down, column + right];
      const stays = r < 0 || r >= SIDE || c < 0 || c >= SIDE;
      counts[(stays ? cell : r * SIDE + c) * CELLS + cell] += 1;
    }
  }
  return counts;
}
