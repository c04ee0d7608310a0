import type { PlayerCoalitions } from './coalitions.ts';
import type { PlayerMap } from './players.ts';

/** Coalitions given by their members; elements of no player are always present. */
export function playerCoalitions(
  players: PlayerMap,
  count: number,
  members: (coalition: number, present: Uint8Array) => void,
): PlayerCoalitions {
  const here = new Uint8Array(players.count);
  return {
    count,
    players,
    members,
    mark(coalition, present) {
      members(coalition, here);
      for (const [e, player] of players.ofElement.entries()) present[e] = player < 0 ? 1 : here[player];
    },
    describe(coalition) {
      members(coalition, here);
      return `players ${players.ids.filter((_, player) => here[player] === 1).join(', ')}`;
    },
  };
}

/** Coalitions that are listed, each 1 where a player is present. */
export function listedCoalitions(players: PlayerMap, list: readonly Uint8Array[]): PlayerCoalitions {
  return playerCoalitions(players, list.length, (k, present) => present.set(list[k]));
}

/** Coalitions by bit mask: bit i set, player i is present. At most 31 players. */
export function maskedCoalitions(
  players: PlayerMap,
  count: number,
  maskOf: (coalition: number) => number,
): PlayerCoalitions {
  return playerCoalitions(players, count, (k, present) => {
    const mask = maskOf(k);
    for (let player = 0; player < players.count; player++) present[player] = (mask >>> player) & 1;
  });
}
