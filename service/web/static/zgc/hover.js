// What the pointer is over: the name of the topmost feature, or how many a mark stands for.

import { element } from "./elements.js";
import { number } from "./numbers.js";
import { t } from "./texts.js";
import { oncePerFrame } from "./timing.js";

export class Hover {
  #map;
  #selection;
  #drawing;
  #tooltip = L.tooltip({ className: "name", offset: [8, 0] });

  /**
   * @param {import("./selection.js").Selection} selection knows what lies where
   * @param {import("./drawing.js").Drawing} drawing has the pointer to itself while it is busy
   */
  constructor(map, selection, drawing) {
    this.#map = map;
    this.#selection = selection;
    this.#drawing = drawing;
    let latlng = null;
    const look = oncePerFrame(() => this.#look(latlng));
    map.on("mousemove", (event) => {
      latlng = event.latlng;
      look();
    });
    map.on("mouseout movestart", () => this.#leave());
  }

  #look(latlng) {
    const topmost = this.#drawing.busy ? null : this.#selection.under(latlng)[0];
    if (!topmost) return this.#leave();
    this.#map.getContainer().classList.add("over-feature");
    const { id, name, count } = topmost;
    const words = id ? name : t("map.many", { count: number(count) });
    if (!words) return this.#tooltip.remove();
    this.#tooltip.setLatLng(latlng).setContent(element("span", {}, words)).addTo(this.#map);
  }

  #leave() {
    this.#map.getContainer().classList.remove("over-feature");
    this.#tooltip.remove();
  }
}
