// The feature that the reader has opened: its popup on the map, or its card in the panel.

import { anchor } from "./anchor.js";
import { card } from "./card.js";
import { bothNames } from "./names.js";
import { t } from "./texts.js";

const CLOSEST_ZOOM = 15;
const EMPHASIS = 2;
const WIDTH_PX = 320;
const BUTTONS_PX = 54;

/** Dispatches `change` when another feature is opened or the open one is closed. */
export class Selection extends EventTarget {
  #map;
  #overlays;
  #detail;
  #emphasised = null;
  #cameFrom = null;
  #follow;

  /** @type {{overlay: import("./overlay.js").Overlay, feature: GeoJSON.Feature} | null} */
  current = null;

  /** @param {(entry: {overlay: object, id?: string, count: number}, how: object) => void} follow
   *   what a click on something under the same place does */
  constructor(map, overlays, detail, follow) {
    super();
    this.#follow = follow;
    this.#map = map;
    this.#overlays = overlays;
    this.#detail = detail;
    map.on("popupclose", () => this.#clear());
  }

  /**
   * Opens a feature.
   * @param {{latlng?: L.LatLng, fly?: boolean, focus?: boolean}} how
   *   latlng: where the reader clicked; fly: go there first; focus: move the keyboard there
   */
  open(overlay, feature, { latlng, fly = false, focus = false } = {}) {
    const path = overlay.path(feature.id);
    if (!path) {
      this.#map.closePopup();
      this.#become({ overlay, feature });
      this.#detail.show(overlay.layer.title, this.#card(overlay, feature, []), { focus });
      return;
    }
    if (fly) this.#goTo(path);
    this.#openPopup(overlay, feature, latlng ?? anchor(path), focus);
  }

  /** What is drawn under a place, nearest the reader first. */
  under(latlng) {
    return [...this.#overlays]
      .sort((a, b) => b.layer.style.order - a.layer.style.order)
      .flatMap((overlay) => overlay.under(latlng));
  }

  #openPopup(overlay, feature, latlng, focus) {
    const here = this.under(latlng).filter((entry) => entry.overlay !== overlay || entry.id !== feature.id);
    const content = this.#card(overlay, feature, here, latlng);
    const width = Math.min(WIDTH_PX, this.#map.getSize().x - 2 * BUTTONS_PX);
    const popup = L.popup({ minWidth: width, maxWidth: width, autoPanPaddingTopLeft: [BUTTONS_PX, 10] });
    content.addEventListener("keydown", (event) => this.#onKey(event));
    popup.setLatLng(latlng).setContent(content).openOn(this.#map);
    nameCloseButton(popup.getElement());
    this.#become({ overlay, feature });
    this.#emphasise(overlay.path(feature.id), overlay.layer);
    if (focus) this.#focus(content.querySelector("h3"));
  }

  #focus(heading) {
    if (!heading.closest(".leaflet-popup").contains(document.activeElement)) {
      this.#cameFrom = document.activeElement;
    }
    heading.focus();
  }

  #onKey(event) {
    if (event.key !== "Escape") return;
    this.#map.closePopup();
    this.#cameFrom?.focus();
  }

  #card(overlay, feature, here, latlng) {
    const nameOf = (layerIds, id) => this.#nameOf(layerIds, id);
    const open = (entry) => this.#follow(entry, { latlng, focus: true });
    return card(overlay.layer, feature, { nameOf, here, open });
  }

  #nameOf(layerIds, id) {
    const holder = this.#overlays.find(
      (overlay) => layerIds.includes(overlay.layer.id) && overlay.feature(id),
    );
    return holder ? bothNames(holder.feature(id)) : null;
  }

  #goTo(path) {
    const bounds = path.getBounds ? path.getBounds() : path.getLatLng().toBounds(1000);
    this.#map.fitBounds(bounds, { maxZoom: CLOSEST_ZOOM, padding: [60, 60], animate: false });
  }

  #emphasise(path, layer) {
    this.#emphasised = path.setStyle({ weight: layer.style.width + EMPHASIS });
    this.#emphasised.plainWeight = layer.style.width;
  }

  #become(current) {
    this.current = current;
    this.dispatchEvent(new Event("change"));
  }

  #clear() {
    this.#emphasised?.setStyle({ weight: this.#emphasised.plainWeight });
    this.#emphasised = null;
    this.#become(null);
  }
}

function nameCloseButton(popup) {
  popup.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", t("card.close"));
}
