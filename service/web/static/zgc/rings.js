// Rings that several areas share. Each starts its dashes at its first position: were that another
// one for each area, the dashes of one would fill the gaps of the other, and a schematic boundary
// would look solid.

/**
 * The same polygons, every ring starting at its westernmost position and running the same way.
 * @param {GeoJSON.MultiPolygon} geometry
 */
export function aligned({ type, coordinates }) {
  return { type, coordinates: coordinates.map((polygon) => polygon.map(alignedRing)) };
}

function alignedRing(ring) {
  const open = ring.slice(0, -1);
  const start = open.reduce((best, position, index) => (isBefore(position, open[best]) ? index : best), 0);
  const turned = [...open.slice(start), ...open.slice(0, start)];
  const [first, ...rest] = turned;
  const forth = isBefore(rest[0], rest.at(-1)) ? rest : rest.reverse();
  return [first, ...forth, first];
}

function isBefore([x, y], [otherX, otherY]) {
  return x < otherX || (x === otherX && y < otherY);
}
