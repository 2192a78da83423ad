// Feature counts in the layer control, whose entries the server wrote as legend rows.

import { number } from "./numbers.js";
import { t } from "./texts.js";

/** Writes the counts; Leaflet rebuilds the control's entries now and then, so again after that. */
export function writeCounts(container, overlays) {
  for (const overlay of overlays) {
    const place = container.querySelector(`.count[data-layer="${overlay.layer.id}"]`);
    if (place) place.textContent = count(overlay);
  }
}

function count(overlay) {
  const { features, complete } = overlay.unplaced;
  const total = number(overlay.total);
  if (!features.length) return total;
  const nowhere = `${number(features.length)}${complete ? "" : "+"}`;
  return t("map.count_nowhere", { total, nowhere });
}
