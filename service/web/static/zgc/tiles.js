// A large layer on the map: vector tiles, decoded and drawn here. Nothing is left out of a tile: what
// is too dense or too small comes as a mark with the number of features that it stands for.

import { at } from "./address.js";
import { marks, paint, touches } from "./marks.js";
import { Problem, getBytes } from "./requests.js";
import { readTile } from "./vector_tile.js";

/** Twice the usual size: a cell of the tile's clusters then has room for a number. */
const SIDE_PX = 512;
/** A tile of that size is one of the level before. */
const LEVELS_BEHIND = 1;
/** Symbols reach beyond their tile by so much. */
const MARGIN_PX = 24;
const WORLD = L.latLngBounds([-85.05, -180], [85.05, 180]);

/** Fires `progress` when tiles have come, gone or failed. */
export class Tiles extends L.GridLayer {
  #layer;
  /** @type {Map<string, {coords: L.Coords, marks: import("./marks.js").Mark[], request: AbortController,
   *   pending: boolean, problem: string | null}>} */
  #tiles = new Map();

  constructor(layer, pane) {
    super({ tileSize: SIDE_PX, pane, bounds: WORLD, noWrap: true, keepBuffer: 1, updateWhenIdle: true });
    this.#layer = layer;
    this.on("tileunload", ({ coords }) => this.#forget(coords));
  }

  get loading() {
    return [...this.#tiles.values()].some((tile) => tile.pending);
  }

  /** What went wrong with a tile of the view, in words; else null. */
  get problem() {
    return this.#current().find((tile) => tile.problem)?.problem ?? null;
  }

  createTile(coords, done) {
    const tile = { coords, marks: [], request: new AbortController(), pending: true, problem: null };
    this.#tiles.set(this._tileCoordsToKey(coords), tile);
    const frame = document.createElement("div");
    this.#fill(frame, tile, done);
    return frame;
  }

  async #fill(frame, tile, done) {
    let failure = null;
    try {
      const features = readTile(await getBytes(this.#address(tile.coords), { signal: tile.request.signal }));
      tile.marks = marks(this.#layer, features, SIDE_PX);
      if (tile.marks.length) frame.append(canvas(tile.marks));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      failure = error;
      tile.problem = error.message;
    } finally {
      tile.pending = false;
    }
    done(failure, frame);
    this.fire("progress");
  }

  #address({ x, y, z }) {
    const layer = encodeURIComponent(this.#layer.id);
    return at(`/ogc/collections/${layer}/tiles/WebMercatorQuad/${z - LEVELS_BEHIND}/${y}/${x}`);
  }

  #forget(coords) {
    const key = this._tileCoordsToKey(coords);
    this.#tiles.get(key)?.request.abort();
    this.#tiles.delete(key);
    this.fire("progress");
  }

  /** Tiles of the level that is shown; those of others are about to go. */
  #current() {
    return [...this.#tiles.values()].filter((tile) => tile.coords.z === this._tileZoom);
  }

  /**
   * Marks under a place, the topmost first.
   * @returns {import("./marks.js").Mark[]}
   */
  under(latlng) {
    const place = this._map.project(latlng, this._tileZoom);
    return this.#current()
      .flatMap((tile) => {
        const { x, y } = place.subtract(tile.coords.scaleBy(this.getTileSize()));
        const near = [x, y].every((along) => along > -MARGIN_PX && along < SIDE_PX + MARGIN_PX);
        return near ? tile.marks.filter((mark) => touches(mark, x, y)) : [];
      })
      .reverse();
  }

  /** Marks in view, each with its place. @returns {Placed[]} */
  inView() {
    const { min, max } = this._map.getPixelBounds(this._map.getCenter(), this._tileZoom);
    return this.#current().flatMap((tile) => {
      const corner = tile.coords.scaleBy(this.getTileSize());
      const [[left, top], [right, bottom]] = [min, max].map(({ x, y }) => [x - corner.x, y - corner.y]);
      return tile.marks
        .filter(({ centre: [x, y] }) => x >= left && x <= right && y >= top && y <= bottom)
        .map((mark) => new Placed(this._map, mark, corner, tile.coords.z));
    });
  }
}

/** A mark in view; its place is worked out for those only that need it. */
class Placed {
  #map;
  #corner;
  #zoom;

  constructor(map, mark, corner, zoom) {
    this.mark = mark;
    this.#map = map;
    this.#corner = corner;
    this.#zoom = zoom;
  }

  /** Pixels as Leaflet counts them for what lies on the map. */
  get layerPoint() {
    return this.#corner.add(this.mark.centre).subtract(this.#map.getPixelOrigin());
  }

  get latlng() {
    return this.#map.unproject(this.#corner.add(this.mark.centre), this.#zoom);
  }
}

function canvas(drawn) {
  const scale = window.devicePixelRatio || 1;
  const side = SIDE_PX + 2 * MARGIN_PX;
  const found = document.createElement("canvas");
  found.width = found.height = Math.round(side * scale);
  const [begin, length] = [`${-MARGIN_PX}px`, `${side}px`];
  Object.assign(found.style, { position: "absolute", left: begin, top: begin, width: length, height: length });
  const pen = found.getContext("2d");
  pen.scale(scale, scale);
  pen.translate(MARGIN_PX, MARGIN_PX);
  paint(pen, drawn, SIDE_PX);
  return found;
}
