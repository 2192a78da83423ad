// The state of the map in the page's address:
// `#view=zoom/lat/lon&layers=a,b&feature=layer/id&spot=lat/lon/metres`.

/** @typedef {{view: {zoom: number, lat: number, lon: number} | null, layers: string[] | null,
 *   feature: {layer: string, id: string} | null,
 *   spot: {lat: number, lon: number, metres: number} | null}} Place */

/**
 * Reads an address part; what is missing or malformed is null.
 * @param {string} hash
 * @returns {Place}
 */
export function readPlace(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  return {
    view: readView(parts.get("view")),
    layers: parts.has("layers") ? parts.get("layers").split(",").filter(Boolean) : null,
    feature: readFeature(parts.get("feature")),
    spot: readSpot(parts.get("spot")),
  };
}

/** @param {Place} place */
export function writePlace({ view, layers, feature, spot }) {
  const parts = [
    `view=${view.zoom}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`,
    `layers=${layers.join(",")}`,
  ];
  if (feature) parts.push(`feature=${feature.layer}/${encodeURIComponent(feature.id)}`);
  if (spot) parts.push(`spot=${spot.lat}/${spot.lon}/${spot.metres}`);
  return `#${parts.join("&")}`;
}

function readView(text) {
  const [zoom, lat, lon] = (text ?? "").split("/").map(Number);
  const valid = [zoom, lat, lon].every(Number.isFinite) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return text && valid ? { zoom, lat, lon } : null;
}

function readSpot(text) {
  const [lat, lon, metres] = (text ?? "").split("/").map(Number);
  const valid = Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && metres > 0 && metres <= 1e5;
  return text && valid ? { lat, lon, metres } : null;
}

function readFeature(text) {
  const cut = text?.indexOf("/") ?? -1;
  return cut > 0 ? { layer: text.slice(0, cut), id: text.slice(cut + 1) } : null;
}
