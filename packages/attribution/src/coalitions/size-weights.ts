/** 1 / (n C(n - 1, s)): how likely it is that a player joins s others. */
export function sizeWeights(players: number): Float64Array {
  const weights = new Float64Array(players);
  let binomial = 1;
  for (let size = 0; size < players; size++) {
    weights[size] = 1 / (players * binomial);
    binomial = (binomial * (players - 1 - size)) / (size + 1);
  }
  return weights;
}
