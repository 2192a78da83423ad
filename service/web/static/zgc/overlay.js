// One layer on the map. A small layer is loaded whole. A large one is drawn from vector tiles; the
// list beside the map then names what the view shows, or what the reader searches for.

import { item, items } from "./items.js";
import { nameOf } from "./names.js";
import { pathOptions } from "./portrayal.js";
import { Problem } from "./requests.js";
import { aligned } from "./rings.js";
import { matching, nowhere } from "./search.js";
import { Tiles } from "./tiles.js";

/** A layer of more features is a large one. */
export const LIMIT = 2000;
const LISTED = 300;
const MARGIN = 0.1;

/**
 * Dispatches `change` whenever its features or its state have changed, and `tiles` whenever the
 * picture of a large layer has.
 */
export class Overlay extends EventTarget {
  /** @type {Map<string, {feature: GeoJSON.Feature, path: L.Path | null}>} known in full */
  #entries = new Map();
  #group;
  #map;
  #pane;
  #request = null;
  #tiles = null;
  /** What is loaded: everything, or what the list of a large layer was made for. */
  #loaded = null;
  #listed = [];
  #nowhere = { features: [], complete: true };
  #words = [];
  #problem = null;
  #listing = false;

  total;
  /** Whether the list holds all that it was made for. */
  complete = true;

  /**
   * @param {number} total features that the layer has
   * @param {string} pane where tiles are drawn
   */
  constructor(map, group, layer, total, pane) {
    super();
    this.#map = map;
    this.#group = group;
    this.#pane = pane;
    this.layer = layer;
    this.total = total;
    if (total > LIMIT) this.#becomeLarge();
  }

  get isLarge() {
    return this.#tiles !== null;
  }

  get visible() {
    return this.#map.hasLayer(this.#group);
  }

  set visible(shown) {
    if (shown) this.#map.addLayer(this.#group);
    else this.#map.removeLayer(this.#group);
  }

  get loading() {
    return this.#listing || (this.#tiles?.loading ?? false);
  }

  get problem() {
    return this.#problem ?? this.#tiles?.problem ?? null;
  }

  /** What the list names; of a large layer without geometries (undefined, where there are some). */
  get features() {
    if (!this.isLarge) return this.#whole;
    const known = new Set(this.#listed.map((feature) => feature.id));
    const further = this.#nowhere.features.filter((feature) => !known.has(feature.id));
    return [...this.#listed, ...further];
  }

  get #whole() {
    return [...this.#entries.values()].map((entry) => entry.feature);
  }

  /** Features without a place, and whether these are all. */
  get unplaced() {
    if (this.isLarge) return this.#nowhere;
    return { features: this.#whole.filter((feature) => !feature.geometry), complete: true };
  }

  /** Paths on the map: all features of a small layer, the open one of a large one. */
  get drawn() {
    return this.#group.getLayers().filter((layer) => layer !== this.#tiles);
  }

  /** What the tiles in view show: {mark, latlng}; none of a small layer. */
  get marksInView() {
    return this.visible && this.#tiles ? this.#tiles.inView() : [];
  }

  /** Whether the list is of the words that the reader searches for, not of the view. */
  get searched() {
    return this.isLarge && this.#words.length > 0;
  }

  /** Whether the list is of these words: a large layer has to ask for them first. */
  answers(words) {
    return !this.isLarge || this.problem !== null || this.#loaded?.words === words.join(" ");
  }

  feature(id) {
    return this.#entries.get(id)?.feature;
  }

  path(id) {
    return this.#entries.get(id)?.path;
  }

  /**
   * What lies under a place, the topmost first.
   * @returns {{overlay: Overlay, id?: string, count: number, name: string | null}[]}
   */
  under(latlng) {
    if (!this.visible) return [];
    const point = this.#map.latLngToLayerPoint(latlng);
    const paths = this.drawn.filter((path) => path._containsPoint(point)).map(({ feature }) => feature);
    const marks = this.#tiles?.under(latlng) ?? [];
    return [...paths, ...marks]
      .map((found) => ({ overlay: this, id: found.id, count: found.count ?? 1, name: nameOf(found) }))
      .filter(isFirst);
  }

  bringToFront() {
    this.#group.bringToFront();
  }

  /** Loads what is needed, unless it is there already. */
  async load() {
    if (!this.visible) return;
    await (this.isLarge ? this.#loadList() : this.#loadWhole());
  }

  /** Loads again, after a failure. */
  retry() {
    this.#loaded = null;
    this.#tiles?.redraw();
    return this.load();
  }

  /** Lists what has all these words in it; without words, what the view shows. */
  search(words) {
    this.#words = words;
    return this.isLarge ? this.load() : undefined;
  }

  /**
   * The feature of that id in full, from the service when it is not here; of a large layer it is
   * drawn until another is asked for.
   * @throws {Problem} there is none
   */
  async find(id) {
    if (this.#entries.has(id)) return this.feature(id);
    const found = await item(this.layer.id, id);
    if (this.isLarge) this.#clear();
    this.#add(found);
    return found;
  }

  #becomeLarge() {
    this.#tiles = new Tiles(this.layer, this.#pane);
    this.#tiles.on("progress", () => this.dispatchEvent(new Event("tiles")));
    this.#group.addLayer(this.#tiles);
  }

  async #loadWhole() {
    if (this.#loaded) return;
    await this.#during(async (signal) => {
      const page = await items(this.layer.id, { limit: LIMIT, signal });
      this.total = page.total ?? this.total;
      if (!page.complete) return this.#becomeLarge();
      this.#loaded = { contains: () => true };
      this.#clear();
      for (const feature of largestFirst(page.features)) this.#add(feature);
    });
    if (this.isLarge) await this.load();
  }

  async #loadList() {
    const words = this.#words.join(" ");
    const view = this.#map.getBounds();
    if (this.#loaded?.words === words && (words || this.#loaded.contains(view))) return;
    const wider = view.pad(MARGIN);
    await this.#during(async (signal) => {
      const [page, unplaced] = await Promise.all([
        this.#listOf(words ? { filter: matching(this.layer, this.#words) } : { bbox: corners(wider) }, signal),
        this.#loaded ? this.#nowhere : this.#listOf({ filter: nowhere }, signal, LIMIT),
      ]);
      this.#loaded = { words, contains: (bounds) => page.complete && wider.contains(bounds) };
      this.#nowhere = unplaced;
      const ids = new Set(unplaced.features.map((feature) => feature.id));
      this.#listed = page.features.filter((feature) => !ids.has(feature.id));
      for (const feature of this.#listed) feature.geometry = undefined;
      this.complete = page.complete;
    });
  }

  #listOf(selection, signal, limit = LISTED) {
    return items(this.layer.id, { limit, properties: this.layer.searched, signal, ...selection });
  }

  async #during(fetchAll) {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.#become(true, null);
    try {
      await fetchAll(request.signal);
      if (!request.signal.aborted) this.#become(false, null);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      this.#become(false, error.message);
    }
  }

  #become(listing, problem) {
    this.#listing = listing;
    this.#problem = problem;
    this.dispatchEvent(new Event("change"));
  }

  #clear() {
    for (const { path } of this.#entries.values()) if (path) this.#group.removeLayer(path);
    this.#entries.clear();
  }

  #add(feature) {
    const path = feature.geometry ? this.#path(feature) : null;
    if (path) this.#group.addLayer(path);
    this.#entries.set(feature.id, { feature, path });
  }

  #path(feature) {
    const options = pathOptions(this.layer, feature);
    const { geometry } = feature;
    const shape = geometry.type === "MultiPolygon" ? aligned(geometry) : geometry;
    const path = L.GeoJSON.geometryToLayer(shape, {
      pointToLayer: (_, latlng) => L.circleMarker(latlng, options),
      ...options,
    });
    path.feature = feature;
    path.overlay = this;
    return path;
  }
}

// The open feature is drawn twice, an area on a tile's border in pieces.
function isFirst({ id }, index, all) {
  return !id || all.findIndex((other) => other.id === id) === index;
}

function corners(bounds) {
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
}

// Within a layer, what is small lies on top, so that it can be clicked.
function largestFirst(features) {
  const sized = features.map((feature) => [extent(feature.geometry), feature]);
  return sized.sort(([a], [b]) => b - a).map(([, feature]) => feature);
}

function extent(geometry) {
  if (!geometry || geometry.type === "Point") return 0;
  const positions = geometry.coordinates.flat(geometry.type === "MultiPolygon" ? 2 : 1);
  const longitudes = positions.map(([longitude]) => longitude);
  const latitudes = positions.map(([, latitude]) => latitude);
  return spread(longitudes) * spread(latitudes);
}

function spread(values) {
  const [least, most] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  return most - least;
}
