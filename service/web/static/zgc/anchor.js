// The place on the map that stands for a feature: where its name is written and its popup opens.

const CRS = L.CRS.EPSG3857;

/**
 * @param {L.Path} path
 * @returns {L.LatLng} a point itself, the middle of a line, the centre of the largest part of an area
 */
export function anchor(path) {
  if (path.getLatLng) return path.getLatLng();
  if (path instanceof L.Polygon) return L.PolyUtil.polygonCenter(mainPart(path), CRS);
  return L.LineUtil.polylineCenter(mainPart(path), CRS);
}

/** The largest part of a line or an area: one line, or one outer ring. */
export function mainPart(path) {
  const parts = path.getLatLngs();
  if (path instanceof L.Polygon) return largest(outerRings(parts));
  return largest(L.LineUtil.isFlat(parts) ? [parts] : parts);
}

function outerRings(parts) {
  return L.LineUtil.isFlat(parts[0]) ? [parts[0]] : parts.map((polygon) => polygon[0]);
}

function largest(lines) {
  return lines.reduce((best, line) => (extent(line) > extent(best) ? line : best));
}

// A line may run due east or north: the diagonal, unlike the area, is never zero.
function extent(line) {
  const box = L.latLngBounds(line);
  return Math.hypot(box.getEast() - box.getWest(), box.getNorth() - box.getSouth());
}
