/** Where names stand so that each can be read where all are wanted in one place, or on a line. Pure. */

const ROOM = 20; // px about a name in which no other stands
const RINGS = 3;
const PLACES = 8; // on a ring

/** @type {readonly {x: number, y: number}[]} px from where a name belongs, the nearest first */
const OFFSETS = [
  { x: 0, y: 0 },
  ...Array.from({ length: RINGS * PLACES }, (_x, i) => {
    const radius = ROOM * 1.35 * (1 + Math.floor(i / PLACES)), angle = ((i % PLACES) / PLACES) * 2 * Math.PI;
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  }),
];

/**
 * Names give way only along an axis on which all are wanted in one place: anywhere else they would name the points of
 * other classes.
 * @param {{x: number, y: number}[]} wanted px, in the order in which they choose
 * @returns {{x: number, y: number}[]} px: where each was wanted, or the nearest place found free
 */
export function apart(wanted) {
  const mayMove = { x: together(wanted.map(({ x }) => x)), y: together(wanted.map(({ y }) => y)) };
  const offsets = OFFSETS.filter((by) => (mayMove.x || Math.abs(by.x) < 1) && (mayMove.y || Math.abs(by.y) < 1));
  /** @type {{x: number, y: number}[]} */
  const taken = [];
  for (const { x, y } of wanted) {
    const places = offsets.map((by) => ({ x: x + by.x, y: y + by.y }));
    taken.push(places.find((at) => taken.every((other) => Math.hypot(at.x - other.x, at.y - other.y) >= ROOM)) ?? places[0]);
  }
  return taken;
}

/** @param {number[]} places px @returns {boolean} whether no two names would fit beside each other */
function together(places) {
  return Math.max(...places) - Math.min(...places) < ROOM;
}
