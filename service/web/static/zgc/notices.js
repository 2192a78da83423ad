// What the reader must know about the data in view: loading, drawn together, failed.

import { element } from "./elements.js";
import { number } from "./numbers.js";
import { t } from "./texts.js";

export class Notices {
  #place;
  #overlays;
  #message = null;

  constructor(place, overlays) {
    this.#place = place;
    this.#overlays = overlays;
  }

  /** Shows a message until it is dismissed. */
  say(message) {
    this.#message = message;
    this.refresh();
  }

  refresh() {
    const shown = this.#overlays.filter((overlay) => overlay.visible);
    this.#replace([
      ...(this.#message ? [this.#own()] : []),
      ...shown.filter((overlay) => overlay.problem).map(failed),
      ...shown.filter((overlay) => !overlay.problem).flatMap(gathered),
      ...loading(shown.filter((overlay) => overlay.loading)),
    ]);
  }

  // A screen reader reads what is inserted: the same words must not be inserted again.
  #replace(notes) {
    const words = (nodes) => [...nodes].map((node) => node.textContent).join("\n");
    if (words(notes) !== words(this.#place.children)) this.#place.replaceChildren(...notes);
  }

  #own() {
    const dismiss = () => this.say(null);
    return element(
      "p",
      { class: "failed" },
      this.#message,
      element("button", { type: "button", click: dismiss }, t("map.dismiss")),
    );
  }
}

function failed(overlay) {
  const words = t("map.failed", { layer: overlay.layer.title, problem: overlay.problem });
  const retry = element("button", { type: "button", click: () => overlay.retry() }, t("map.retry"));
  return element("p", { class: "failed" }, words, retry);
}

// Features that are drawn as one mark, with their number: nothing vanishes, and the reader is told.
function gathered(overlay) {
  const marks = overlay.marksInView.map(({ mark }) => mark).filter((mark) => mark.count > 1);
  if (!marks.length) return [];
  const count = marks.reduce((sum, mark) => sum + mark.count, 0);
  const words = overlay.layer.geometry === "Point" ? "map.clustered" : "map.merged";
  const values = { layer: overlay.layer.title, count: number(count), marks: number(marks.length) };
  return [element("p", {}, t(words, values))];
}

function loading(overlays) {
  if (!overlays.length) return [];
  const layers = overlays.map((overlay) => overlay.layer.title).join(", ");
  return [element("p", { class: "loading", "aria-hidden": "true" }, t("map.loading", { layers }))];
}
