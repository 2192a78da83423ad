// A place somebody came to see: a dot, and the circle in which it lies nine times in ten.

export class Spot {
  /** @param {L.Map} map */
  constructor(map) {
    // In a pane above the canvas of the layers, which keeps the clicks.
    const renderer = L.svg({ pane: "shadowPane" });
    const plain = { renderer, interactive: false };
    this.map = map;
    this.dot = L.circleMarker(map.getCenter(), { ...plain, radius: 5, className: "spot" });
    this.circle = L.circle(map.getCenter(), { ...plain, radius: 0, className: "accuracy" });
    this.place = null;
  }

  /** @param {{lat: number, lon: number, metres: number} | null} place */
  show(place) {
    this.place = place;
    for (const layer of [this.circle, this.dot]) {
      if (!place) {
        layer.remove();
        continue;
      }
      layer.setLatLng([place.lat, place.lon]).addTo(this.map);
    }
    if (place) this.circle.setRadius(place.metres);
  }
}
