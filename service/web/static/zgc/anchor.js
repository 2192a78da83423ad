// The place on the map that stands for a feature: where its name is written and its popup opens.

const CRS = L.CRS.EPSG3857;

/**
 * @param {L.Path} path
 * @returns {L.LatLng} a point itself, the middle of a line, the centre of the largest part of an area
 */
export function anchor(path) {
  if (path.getLatLng) return path.getLatLng();
  const parts = path.getLatLngs();
  if (path instanceof L.Polygon) return L.PolyUtil.polygonCenter(largest(rings(parts)), CRS);
  return L.LineUtil.polylineCenter(longest(L.LineUtil.isFlat(parts) ? [parts] : parts), CRS);
}

// Outer rings of a polygon or of the polygons of a multipolygon.
function rings(parts) {
  return L.LineUtil.isFlat(parts[0]) ? [parts[0]] : parts.map((polygon) => polygon[0]);
}

function largest(lines) {
  return greatest(lines, (line) => {
    const box = L.latLngBounds(line);
    return (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
  });
}

function longest(lines) {
  return greatest(lines, (line) => line.length);
}

function greatest(values, measure) {
  return values.reduce((best, value) => (measure(value) > measure(best) ? value : best));
}
