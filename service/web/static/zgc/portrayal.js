// How a feature is drawn: the layer's declared style, dashed where the boundary is schematic.

/** Path options of Leaflet for a feature of a layer. */
export function pathOptions(layer, feature) {
  const { colour, width, radius, fillOpacity, schematicDash } = layer.style;
  return {
    color: colour,
    weight: width,
    radius,
    fill: layer.geometry !== "MultiLineString",
    fillColor: colour,
    fillOpacity,
    dashArray: isSchematic(layer, feature) ? schematicDash : null,
    bubblingMouseEvents: false,
  };
}

/** Whether a feature has a boundary that someone sketched. A point has none. */
export function isSchematic(layer, feature) {
  return layer.geometry !== "Point" && feature.properties.boundary_status === "schematic";
}
