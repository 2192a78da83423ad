// What a tile's features are drawn as: the declared style, as in the style sheets of /ogc/styles.
// Points too many for their cells come as a circle with their number, shapes too small as a square.

import { pathOptions } from "./portrayal.js";

const INK = "#1c2733";
const HALO = "#ffffff";
const NUMBER_FONT = "11px sans-serif";
const TOUCH_PX = 3;
/** Half a cell of a tile's clusters: neighbours then leave each other's numbers to be read. */
const WIDEST_PX = 16;

/** Only asked whether a place lies in a path; nothing is drawn on it. */
const probe = document.createElement("canvas").getContext("2d");

/**
 * A feature as it is drawn, in pixels from the tile's upper left corner.
 * @typedef {object} Mark
 * @property {string | undefined} id of the one feature it stands for
 * @property {number} count features that it stands for
 * @property {Record<string, unknown>} properties
 * @property {"circle" | "shape" | "cell"} form
 * @property {number[]} centre
 * @property {number[]} box left, top, right, bottom
 */

/**
 * The marks of a tile in drawing order.
 * @param {object} layer
 * @param {import("./vector_tile.js").TileFeature[]} features
 * @param {number} side pixels of the tile
 * @returns {Mark[]}
 */
export function marks(layer, features, side) {
  const found = features.flatMap((feature) => mark(layer, feature, side));
  const rank = { cell: 0, shape: 1, circle: 2 };
  return found.sort((a, b) => rank[a.form] - rank[b.form] || a.count - b.count);
}

function mark(layer, { kind, properties, parts }, side) {
  const { id, point_count: points, feature_count: features } = properties;
  const common = { id, properties, count: points ?? features ?? 1 };
  if (kind === "Point") return circles(layer, common, parts.flat(), side);
  const rings = parts.map((part) => part.map(([x, y]) => [x * side, y * side]));
  const options = pathOptions(layer, { properties });
  const box = boxOf(rings.flat());
  const centre = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const closed = kind === "Polygon";
  const form = features === undefined ? "shape" : "cell";
  return [{ ...common, form, closed, options, path: pathOf(rings, closed), box, centre }];
}

// A point at the tile's very edge comes with the neighbour too; it is drawn once.
function circles(layer, common, positions, side) {
  const radius = layer.geometry === "Point" ? circleRadius(layer, common.count) : layer.style.width;
  return positions
    .filter(([x, y]) => x >= 0 && x < 1 && y >= 0 && y < 1)
    .map(([x, y]) => {
      const centre = [x * side, y * side];
      const box = [centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius];
      return { ...common, form: "circle", options: layer.style, radius, centre, box };
    });
}

function circleRadius({ style }, count) {
  return style.radius + (WIDEST_PX - style.radius) * Math.min(1, Math.log10(count) / 4);
}

function pathOf(rings, closed) {
  const path = new Path2D();
  for (const [first, ...rest] of rings) {
    path.moveTo(...first);
    for (const position of rest) path.lineTo(...position);
    if (closed) path.closePath();
  }
  return path;
}

function boxOf(positions) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of positions) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

const PAINT_WITHIN = { cell: paintCell, shape: paintShape };

/**
 * @param {CanvasRenderingContext2D} pen whose origin is the tile's upper left corner
 * @param {Mark[]} drawn
 * @param {number} side shapes end at the tile: their copies in the neighbours go on from there
 */
export function paint(pen, drawn, side) {
  pen.save();
  pen.beginPath();
  pen.rect(0, 0, side, side);
  pen.clip();
  for (const each of drawn) PAINT_WITHIN[each.form]?.(pen, each);
  pen.restore();
  const circles = drawn.filter((each) => each.form === "circle");
  for (const each of circles) paintCircle(pen, each);
  for (const each of circles) if (each.count > 1) paintNumber(pen, each);
}

function paintCell(pen, { path, options, count }) {
  pen.globalAlpha = 0.25 + 0.6 * Math.min(1, Math.log10(count) / 2);
  pen.fillStyle = options.fillColor;
  pen.fill(path);
  pen.globalAlpha = 1;
}

function paintShape(pen, { path, options, closed }) {
  if (closed && options.fill) {
    pen.globalAlpha = options.fillOpacity;
    pen.fillStyle = options.fillColor;
    pen.fill(path, "evenodd");
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = options.color;
  pen.lineWidth = options.weight;
  pen.setLineDash(options.dashArray ? options.dashArray.split(" ").map(Number) : []);
  pen.stroke(path);
}

function paintCircle(pen, { centre, radius, options, count }) {
  pen.beginPath();
  pen.arc(...centre, radius, 0, 2 * Math.PI);
  pen.globalAlpha = options.fillOpacity;
  pen.fillStyle = options.colour;
  pen.fill();
  pen.globalAlpha = 1;
  pen.lineWidth = 1;
  pen.setLineDash([]);
  pen.strokeStyle = count > 1 ? HALO : options.colour;
  pen.stroke();
}

function paintNumber(pen, { centre: [x, y], count }) {
  const text = String(count);
  pen.font = NUMBER_FONT;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = HALO;
  pen.strokeText(text, x, y);
  pen.fillStyle = INK;
  pen.fillText(text, x, y);
}

/** Whether a place, in pixels of the tile, touches a mark. */
export function touches(mark, x, y) {
  const [left, top, right, bottom] = mark.box;
  if (x < left - TOUCH_PX || x > right + TOUCH_PX || y < top - TOUCH_PX || y > bottom + TOUCH_PX) return false;
  if (mark.form === "circle") return Math.hypot(x - mark.centre[0], y - mark.centre[1]) <= mark.radius + TOUCH_PX;
  if (mark.closed && mark.options.fill && probe.isPointInPath(mark.path, x, y, "evenodd")) return true;
  probe.lineWidth = mark.options.weight + 2 * TOUCH_PX;
  return probe.isPointInStroke(mark.path, x, y);
}
