// Named places as dots, with as many names as fit without touching one another, the first first.

import { element } from "./elements.js";

const SIGN_PX = 12;
const LINE_PX = 16;
const GAP_PX = 4;
const MOST_NAMES = 60;

/**
 * Draws the places and keeps their names readable at every zoom.
 * @param {L.Map} map
 * @param {{lon: number, lat: number, name: string}[]} places the most important first
 */
export function drawLandmarks(map, places) {
  const dots = places.map(({ lat, lon }) =>
    L.circleMarker([lat, lon], { radius: 2, className: "landmark", interactive: false }),
  );
  L.layerGroup(dots).addTo(map);
  const names = L.layerGroup().addTo(map);
  const refresh = () => writeNames(map, names, places);
  map.on("zoomend moveend", refresh);
  refresh();
}

function writeNames(map, group, places) {
  group.clearLayers();
  const taken = [];
  const view = map.getBounds();
  for (const { lat, lon, name } of places.filter(({ lat, lon }) => view.contains([lat, lon]))) {
    if (taken.length >= MOST_NAMES) return;
    const { x, y } = map.latLngToContainerPoint([lat, lon]);
    const box = { left: x, right: x + name.length * SIGN_PX, top: y - LINE_PX / 2, bottom: y + LINE_PX / 2 };
    if (taken.some((other) => touch(box, other))) continue;
    taken.push(box);
    const html = element("span", { lang: "zh-Hans" }, name);
    const icon = L.divIcon({ html, className: "map-label point", iconSize: [0, 0] });
    L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(group);
  }
}

function touch(a, b) {
  const across = a.left < b.right + GAP_PX && b.left < a.right + GAP_PX;
  return across && a.top < b.bottom && b.top < a.bottom;
}
