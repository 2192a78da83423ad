// One layer on the map. A small layer is loaded whole; of a large one only what the view shows,
// at most LIMIT features, and the reader is told when there are more.

import { item, items } from "./items.js";
import { pathOptions } from "./portrayal.js";
import { Problem } from "./requests.js";
import { aligned } from "./rings.js";

export const LIMIT = 2000;
const MARGIN = 0.1;
const EVERYWHERE = L.latLngBounds([-90, -180], [90, 180]);

/** Dispatches `change` whenever its features or its state have changed. */
export class Overlay extends EventTarget {
  /** @type {Map<string, {feature: GeoJSON.Feature, path: L.Path | null}>} */
  #entries = new Map();
  #group;
  #map;
  #request = null;
  #loadedBounds = null;
  #pinned = null;

  /** State that readers of the map must see; whole: all features are here, not only the view's. */
  whole;
  total;
  complete = true;
  loading = false;
  problem = null;

  /** @param {number} total features that the layer has */
  constructor(map, group, layer, total) {
    super();
    this.#map = map;
    this.#group = group;
    this.layer = layer;
    this.total = total;
    this.whole = total <= LIMIT;
  }

  get visible() {
    return this.#map.hasLayer(this.#group);
  }

  set visible(shown) {
    if (shown) this.#map.addLayer(this.#group);
    else this.#map.removeLayer(this.#group);
  }

  get features() {
    return [...this.#entries.values()].map((entry) => entry.feature);
  }

  get drawn() {
    return this.#group.getLayers();
  }

  feature(id) {
    return this.#entries.get(id)?.feature;
  }

  path(id) {
    return this.#entries.get(id)?.path;
  }

  bringToFront() {
    this.#group.bringToFront();
  }

  /** Loads what the view needs, unless it is there already. */
  async load() {
    if (!this.visible) return;
    const bounds = this.whole ? EVERYWHERE : this.#map.getBounds();
    if (this.#loadedBounds?.contains(bounds)) return;
    await this.#replaceBy((signal) => this.#fetch(bounds, signal));
  }

  /** Loads again, after a failure. */
  retry() {
    this.#loadedBounds = null;
    return this.load();
  }

  /**
   * The feature of that id, from the service when it is not here; it stays whatever the view.
   * @throws {Problem} there is none
   */
  async find(id) {
    const found = this.feature(id) ?? (await item(this.layer.id, id));
    if (!this.#entries.has(id)) this.#add(found);
    this.#pinned = id;
    return this.feature(id);
  }

  async #fetch(bounds, signal) {
    const page = await (this.whole ? this.#fetchWhole(signal) : this.#fetchView(bounds, signal));
    if (this.whole && !page.complete) {
      this.whole = false;
      return this.#fetch(this.#map.getBounds(), signal);
    }
    return page;
  }

  async #fetchWhole(signal) {
    const page = await items(this.layer.id, { limit: LIMIT, signal });
    this.total = page.total ?? this.total;
    if (page.complete) this.#loadedBounds = EVERYWHERE;
    return page;
  }

  async #fetchView(bounds, signal) {
    const wider = bounds.pad(MARGIN);
    const bbox = [wider.getWest(), wider.getSouth(), wider.getEast(), wider.getNorth()];
    const page = await items(this.layer.id, { limit: LIMIT, bbox, signal });
    this.#loadedBounds = page.complete ? wider : null;
    return page;
  }

  async #replaceBy(fetchPage) {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.#become({ loading: true, problem: null });
    try {
      const page = await fetchPage(request.signal);
      if (request.signal.aborted) return;
      this.#show(page.features);
      this.#become({ loading: false, complete: page.complete });
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      this.#become({ loading: false, problem: error.message });
    }
  }

  #become(state) {
    Object.assign(this, state);
    this.dispatchEvent(new Event("change"));
  }

  #show(features) {
    const wanted = new Set(features.map((feature) => feature.id));
    for (const [id, { path }] of this.#entries) {
      if (wanted.has(id) || id === this.#pinned) continue;
      if (path) this.#group.removeLayer(path);
      this.#entries.delete(id);
    }
    for (const feature of largestFirst(features)) {
      if (!this.#entries.has(feature.id)) this.#add(feature);
    }
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
