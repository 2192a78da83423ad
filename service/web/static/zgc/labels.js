// Names on the map: as many as fit without touching one another, large areas first.

import { anchor } from "./anchor.js";
import { element } from "./elements.js";
import { nameOf } from "./names.js";

const LEAST_AREA_WIDTH_PX = 60;
const POINT_LABELS_FROM_ZOOM = 13;
const LINE_HEIGHT_PX = 16;
const GAP_PX = 4;
const MOST = 150;

export class Labels {
  #map;
  #overlays;
  #group = L.layerGroup();

  constructor(map, overlays) {
    this.#map = map;
    this.#overlays = overlays;
    map.createPane("labels").classList.add("map-labels");
    map.getPane("labels").style.zIndex = 450;
    map.getPane("labels").style.pointerEvents = "none";
    this.#group.addTo(map);
  }

  refresh() {
    this.#group.clearLayers();
    const taken = [];
    for (const label of this.#candidates()) {
      if (taken.length >= MOST) return;
      if (taken.some((other) => overlap(other, label.box))) continue;
      taken.push(label.box);
      this.#group.addLayer(marker(label));
    }
  }

  #candidates() {
    const view = this.#map.getBounds();
    return this.#overlays
      .filter((overlay) => overlay.visible)
      .sort((a, b) => a.layer.style.order - b.layer.style.order)
      .flatMap((overlay) => overlay.drawn.map((path) => this.#label(path, overlay.layer)))
      .filter((label) => label && view.contains(label.latlng))
      .sort((a, b) => b.weight - a.weight);
  }

  #label(path, layer) {
    const text = nameOf(path.feature);
    if (layer.geometry === "Point") {
      if (this.#map.getZoom() < POINT_LABELS_FROM_ZOOM) return null;
      return this.#placed(path.getLatLng(), text, "point", 0);
    }
    const width = this.#widthOnScreen(path.getBounds());
    if (width < Math.max(LEAST_AREA_WIDTH_PX, textWidth(text) * 0.8)) return null;
    return this.#placed(anchor(path), text, "area", width);
  }

  #widthOnScreen(bounds) {
    const west = this.#map.latLngToLayerPoint(bounds.getNorthWest());
    const east = this.#map.latLngToLayerPoint(bounds.getSouthEast());
    return east.x - west.x;
  }

  #placed(latlng, text, kind, weight) {
    const { x, y } = this.#map.latLngToLayerPoint(latlng);
    const width = textWidth(text);
    const left = kind === "point" ? x + 9 : x - width / 2;
    const box = { left, right: left + width, top: y - LINE_HEIGHT_PX / 2, bottom: y + LINE_HEIGHT_PX / 2 };
    return { latlng, text, kind, weight, box };
  }
}

function marker({ latlng, text, kind }) {
  const icon = L.divIcon({ className: `map-label ${kind}`, html: element("span", {}, text), iconSize: [0, 0] });
  return L.marker(latlng, { icon, pane: "labels", interactive: false, keyboard: false });
}

function textWidth(text) {
  return [...text].reduce((width, character) => width + (character > "\u2e80" ? 12 : 6.6), 0);
}

function overlap(a, b) {
  return (
    a.left < b.right + GAP_PX && b.left < a.right + GAP_PX && a.top < b.bottom && b.top < a.bottom
  );
}
