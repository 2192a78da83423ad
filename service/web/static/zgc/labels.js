// Names on the map: as many as fit without touching one another, large areas first,
// of areas as large as each other the more special one.

import { anchor, mainPart } from "./anchor.js";
import { element } from "./elements.js";
import { nameOf } from "./names.js";

const LEAST_AREA_WIDTH_PX = 60;
const POINT_LABELS_FROM_ZOOM = 13;
const LINE_HEIGHT_PX = 16;
const GAP_PX = 4;
const MOST = 150;

// Where a name may stand, in lines below its place: areas often share theirs.
const LINES = { area: [0, 1, -1], point: [0] };

export class Labels {
  #map;
  #overlays;
  #group = L.layerGroup();
  /** @type {Map<string, L.Marker>} what stands on the map, by what it says where */
  #shown = new Map();

  constructor(map, overlays) {
    this.#map = map;
    this.#overlays = overlays;
    map.createPane("labels").classList.add("map-labels");
    map.getPane("labels").style.zIndex = 450;
    map.getPane("labels").style.pointerEvents = "none";
    this.#group.addTo(map);
  }

  refresh() {
    const former = this.#shown;
    this.#shown = new Map();
    for (const { label, lines } of this.#fitting()) {
      const { text, kind } = label;
      const { latlng } = label.place;
      const key = [text, latlng.lat, latlng.lng, kind, lines].join(" ");
      this.#shown.set(key, former.get(key) ?? marker(latlng, label, lines).addTo(this.#group));
      former.delete(key);
    }
    for (const gone of former.values()) this.#group.removeLayer(gone);
  }

  #fitting() {
    const taken = [];
    const found = [];
    for (const label of this.#candidates()) {
      if (taken.length >= MOST) break;
      const lines = LINES[label.kind].find((line) => isFree(moved(label.box, line), taken));
      if (lines === undefined) continue;
      taken.push(moved(label.box, lines));
      found.push({ label, lines });
    }
    return found;
  }

  #candidates() {
    return this.#overlays
      .filter((overlay) => overlay.visible)
      .sort((a, b) => b.layer.style.order - a.layer.style.order)
      .flatMap((overlay) => [...this.#labelsOfPaths(overlay), ...this.#labelsOfMarks(overlay)])
      .sort((a, b) => b.weight - a.weight);
  }

  #labelsOfPaths({ drawn, layer }) {
    const view = this.#map.getBounds();
    return drawn
      .map((path) => this.#label(path, layer))
      .filter((label) => label && view.contains(label.place.latlng));
  }

  #labelsOfMarks({ marksInView, layer }) {
    return largestPieces(marksInView)
      .map((placed) => this.#labelOfMark(placed, layer))
      .filter(Boolean);
  }

  #label(path, layer) {
    const text = nameOf(path.feature);
    if (layer.geometry === "Point") {
      if (this.#map.getZoom() < POINT_LABELS_FROM_ZOOM) return null;
      return this.#placed(path.getLatLng(), text, "point", 0);
    }
    const width = this.#widthOnScreen(L.latLngBounds(mainPart(path)));
    return isWideEnough(width, text) ? this.#placed(anchor(path), text, "area", width) : null;
  }

  #labelOfMark(placed, layer) {
    const text = nameOf(placed.mark);
    if (layer.geometry === "Point") return labelAt(placed, placed.layerPoint, text, "point", 0);
    const width = placed.mark.box[2] - placed.mark.box[0];
    return isWideEnough(width, text) ? labelAt(placed, placed.layerPoint, text, "area", width) : null;
  }

  #widthOnScreen(bounds) {
    const west = this.#map.latLngToLayerPoint(bounds.getNorthWest());
    const east = this.#map.latLngToLayerPoint(bounds.getSouthEast());
    return east.x - west.x;
  }

  #placed(latlng, text, kind, weight) {
    return labelAt({ latlng }, this.#map.latLngToLayerPoint(latlng), text, kind, weight);
  }
}

function labelAt(place, { x, y }, text, kind, weight) {
  const width = textWidth(text);
  const left = kind === "point" ? x + 9 : x - width / 2;
  const box = { left, right: left + width, top: y - LINE_HEIGHT_PX / 2, bottom: y + LINE_HEIGHT_PX / 2 };
  return { place, text, kind, weight, box };
}

function marker(latlng, { text, kind }, lines) {
  const icon = L.divIcon({
    className: `map-label ${kind}`,
    html: element("span", {}, text),
    iconSize: [0, 0],
    iconAnchor: [0, -lines * LINE_HEIGHT_PX],
  });
  return L.marker(latlng, { icon, pane: "labels", interactive: false, keyboard: false });
}

function isWideEnough(width, text) {
  return width >= Math.max(LEAST_AREA_WIDTH_PX, textWidth(text) * 0.8);
}

// An area on a tile's border comes in pieces; tiles of low zooms carry no names.
function largestPieces(placed) {
  const best = new Map();
  for (const each of placed) {
    const { id } = each.mark;
    if (!id || !nameOf(each.mark)) continue;
    if (!best.has(id) || size(each.mark) > size(best.get(id).mark)) best.set(id, each);
  }
  return [...best.values()];
}

function size({ box: [left, top, right, bottom] }) {
  return (right - left) * (bottom - top);
}

function textWidth(text) {
  let width = 0;
  for (const character of text) width += character > "\u2e80" ? 12 : 6.6;
  return width;
}

function moved(box, lines) {
  const down = lines * LINE_HEIGHT_PX;
  return { ...box, top: box.top + down, bottom: box.bottom + down };
}

function isFree(box, taken) {
  return !taken.some((other) => overlap(other, box));
}

function overlap(a, b) {
  return (
    a.left < b.right + GAP_PX && b.left < a.right + GAP_PX && a.top < b.bottom && b.top < a.bottom
  );
}
