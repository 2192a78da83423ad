// The feature that the reader has opened: its popup on the map, or its card in the panel.

import { card } from "./card.js";
import { element } from "./elements.js";
import { t } from "./texts.js";

const CLOSEST_ZOOM = 15;
const EMPHASIS = 2;

/** Dispatches `change` when another feature is opened or the open one is closed. */
export class Selection extends EventTarget {
  #map;
  #overlays;
  #detail;
  #emphasised = null;

  /** @type {{overlay: import("./overlay.js").Overlay, feature: GeoJSON.Feature} | null} */
  current = null;

  constructor(map, overlays, detail) {
    super();
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
      this.#detail.show(this.#card(overlay, feature, []), { focus });
      return;
    }
    if (fly) this.#goTo(path);
    this.#openPopup(overlay, feature, latlng ?? placeOf(path), focus);
  }

  /** Features drawn under a place, nearest the reader first. */
  under(latlng) {
    const point = this.#map.latLngToLayerPoint(latlng);
    return this.#overlays
      .filter((overlay) => overlay.visible)
      .sort((a, b) => b.layer.style.order - a.layer.style.order)
      .flatMap((overlay) =>
        overlay.drawn
          .filter((path) => path._containsPoint(point))
          .map((path) => ({ overlay, feature: path.feature })),
      );
  }

  #openPopup(overlay, feature, latlng, focus) {
    const here = this.under(latlng).filter((entry) => entry.feature !== feature);
    const content = this.#card(overlay, feature, here, latlng);
    const popup = L.popup({ maxWidth: Math.min(340, this.#map.getSize().x - 60), minWidth: 220 });
    popup.setLatLng(latlng).setContent(content).openOn(this.#map);
    nameCloseButton(popup.getElement());
    this.#become({ overlay, feature });
    this.#emphasise(overlay.path(feature.id), overlay.layer);
    if (focus) content.querySelector("h3").focus();
  }

  #card(overlay, feature, here, latlng) {
    const nameOf = (layerIds, id) => this.#nameOf(layerIds, id);
    const open = (entry) => this.open(entry.overlay, entry.feature, { latlng, focus: true });
    return card(overlay.layer, feature, { nameOf, here, open });
  }

  #nameOf(layerIds, id) {
    const holder = this.#overlays.find(
      (overlay) => layerIds.includes(overlay.layer.id) && overlay.feature(id),
    );
    if (!holder) return null;
    const { name_zh: chinese, name_en: english } = holder.feature(id).properties;
    return english ? `${chinese} ${english}` : chinese;
  }

  #goTo(path) {
    const animate = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const bounds = path.getBounds ? path.getBounds() : path.getLatLng().toBounds(1000);
    this.#map.fitBounds(bounds, { maxZoom: CLOSEST_ZOOM, padding: [60, 60], animate });
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

function placeOf(path) {
  return path.getLatLng ? path.getLatLng() : path.getCenter();
}

function nameCloseButton(popup) {
  popup.querySelector(".leaflet-popup-close-button").setAttribute("aria-label", t("card.close"));
}

/** The part of the panel that takes the place of the list while it shows something. */
export class Detail {
  #section;
  #list;

  constructor(section, list) {
    this.#section = section;
    this.#list = list;
  }

  get open() {
    return !this.#section.hidden;
  }

  /** @param {Node} content */
  show(content, { focus = false } = {}) {
    const close = element("button", { type: "button", class: "close", click: () => this.close() }, t("map.back"));
    this.#section.replaceChildren(close, content);
    this.#section.hidden = false;
    this.#list.hidden = true;
    if (focus) this.#section.focus();
  }

  close() {
    this.#section.hidden = true;
    this.#list.hidden = false;
  }
}
