// A polygon that the reader draws, and the statistics of the land inside it.

import { at } from "./address.js";
import { element } from "./elements.js";
import { profile } from "./profile.js";
import { Problem, postJson } from "./requests.js";
import { t } from "./texts.js";

const SETTLING_MS = 100;

export class Drawing {
  #map;
  #drawn;
  #detail;
  #request = null;

  /** Whether clicks belong to the drawing at the moment. */
  busy = false;

  constructor(map, drawn, detail) {
    this.#map = map;
    this.#drawn = drawn;
    this.#detail = detail;
    map.on("draw:drawstart draw:editstart draw:deletestart", () => (this.busy = true));
    map.on("draw:drawstop draw:editstop draw:deletestop", () => this.#settle());
    map.on("draw:created", (event) => this.#keep(event.layer));
    map.on("draw:edited", (event) => event.layers.eachLayer((layer) => this.#count(layer)));
    map.on("draw:deleted", () => this.#forget());
  }

  // The click that ends a drawing arrives after the drawing has ended.
  #settle() {
    setTimeout(() => (this.busy = false), SETTLING_MS);
  }

  #keep(layer) {
    this.#drawn.clearLayers().addLayer(layer);
    this.#count(layer);
  }

  #forget() {
    this.#request?.abort();
    this.#detail.close();
  }

  async #count(layer) {
    this.#request?.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    this.#show(element("p", {}, t("map.counting")));
    try {
      const { geometry } = layer.toGeoJSON(6);
      this.#show(profile(await postJson(at("/api/statistics"), geometry, { signal }), "h3"));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      this.#show(element("p", { class: "notice" }, error.message));
    }
  }

  #show(content) {
    this.#detail.show(t("map.drawn"), element("div", { "aria-live": "polite" }, content));
  }
}
