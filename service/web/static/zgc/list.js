// The list beside the map: every loaded feature by name, also those without a location. It is the
// accessible twin of the canvas. Of large layers it names what the view shows, or what is searched for.

import { element } from "./elements.js";
import { t } from "./texts.js";
import { number } from "./numbers.js";
import { matches, wordsOf } from "./search.js";
import { afterRest } from "./timing.js";

const SHOWN = 300;
const REST_MS = 300;

/** @typedef {{overlay: import("./overlay.js").Overlay, feature: GeoJSON.Feature}} Entry */

/** A search box (ARIA combobox) over a list box. */
export class List {
  #box;
  #list;
  #count;
  #overlays;
  #open;
  /** @type {Entry[]} */
  #entries = [];
  #active = -1;

  /**
   * @param {{box: HTMLInputElement, list: HTMLElement, count: HTMLElement}} elements
   * @param {import("./overlay.js").Overlay[]} overlays
   * @param {(entry: Entry) => void} open
   */
  constructor({ box, list, count }, overlays, open) {
    this.#box = box;
    this.#list = list;
    this.#count = count;
    this.#overlays = overlays;
    this.#open = open;
    const search = afterRest(REST_MS, () => this.#search());
    box.addEventListener("input", () => {
      this.refresh();
      search();
    });
    box.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("click", (event) => this.#onClick(event));
  }

  refresh() {
    const words = wordsOf(this.#box.value);
    const found = this.#found(words);
    this.#entries = found.slice(0, SHOWN);
    this.#render();
    this.#activate(-1);
    const waiting = this.#shown().some((overlay) => !overlay.answers(words));
    this.#count.textContent = waiting
      ? t("map.searching")
      : summary(found.length, this.#entries.length, this.#shown().every((overlay) => overlay.complete));
  }

  #search() {
    const words = wordsOf(this.#box.value);
    for (const overlay of this.#overlays) overlay.search(words);
  }

  #shown() {
    return this.#overlays.filter((overlay) => overlay.visible);
  }

  #found(words) {
    return this.#shown().flatMap((overlay) =>
      overlay.features
        .filter((feature) => matches(overlay.layer, feature, words))
        .sort(byName)
        .map((feature) => ({ overlay, feature })),
    );
  }

  #render() {
    const rows = [];
    let layer = null;
    this.#entries.forEach((entry, index) => {
      if (entry.overlay.layer !== layer) rows.push(heading((layer = entry.overlay.layer)));
      rows.push(option(entry, index));
    });
    this.#list.replaceChildren(...rows, ...partial(this.#overlays));
  }

  #onKey(event) {
    const last = this.#entries.length - 1;
    const moves = {
      ArrowDown: () => Math.min(this.#active + 1, last),
      ArrowUp: () => Math.max(this.#active - 1, 0),
      PageDown: () => Math.min(this.#active + 10, last),
      PageUp: () => Math.max(this.#active - 10, 0),
    };
    if (event.key in moves && last >= 0) {
      event.preventDefault();
      this.#activate(moves[event.key]());
    } else if (event.key === "Enter" && last >= 0) {
      event.preventDefault();
      this.#open(this.#entries[Math.max(this.#active, 0)]);
    }
  }

  #onClick(event) {
    const row = event.target.closest("[role=option]");
    if (row) this.#open(this.#entries[Number(row.dataset.index)]);
  }

  #activate(index) {
    this.#row(this.#active)?.setAttribute("aria-selected", "false");
    this.#active = index;
    const row = this.#row(index);
    row?.setAttribute("aria-selected", "true");
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.#box.setAttribute("aria-activedescendant", row.id);
    else this.#box.removeAttribute("aria-activedescendant");
  }

  #row(index) {
    return this.#list.querySelector(`#result-${index}`);
  }
}

function heading(layer) {
  return element("li", { class: "group", role: "presentation" }, layer.title);
}

function option({ feature }, index) {
  const { name_zh: chinese, name_en: english } = feature.properties;
  const attributes = { role: "option", id: `result-${index}`, "data-index": index, "aria-selected": "false" };
  const tag = feature.geometry === null ? element("span", { class: "tag" }, t("map.no_location")) : null;
  return element(
    "li",
    attributes,
    tag,
    element("span", { lang: "zh-Hans" }, chinese),
    english ? element("span", { class: "en", lang: "en" }, english) : null,
  );
}

/** What the list leaves out, in words. */
function partial(overlays) {
  const large = overlays.filter((overlay) => overlay.visible && overlay.isLarge);
  const rest = {
    "map.list_partial": large.filter((overlay) => !overlay.searched && overlay.complete),
    "map.list_first": large.filter((overlay) => !overlay.searched && !overlay.complete),
    "map.list_first_found": large.filter((overlay) => overlay.searched && !overlay.complete),
  };
  return Object.entries(rest)
    .filter(([, some]) => some.length)
    .map(([key, some]) => {
      const layers = some.map(({ layer }) => layer.title).join(", ");
      return element("li", { class: "partial", role: "presentation" }, t(key, { layers, shown: number(SHOWN) }));
    });
}

const collator = new Intl.Collator("zh");

function byName(a, b) {
  return collator.compare(a.properties.name_zh, b.properties.name_zh);
}

function summary(count, shown, whole) {
  if (!whole) return t("map.found_first", { shown: number(shown) });
  if (count === 0) return t("map.nothing");
  if (shown < count) return t("map.found_shown", { shown: number(shown), count: number(count) });
  return t("map.found", { count: number(count) });
}
