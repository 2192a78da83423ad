// The page of an address under review: the form leads, the map shows and lends a hand.

import { element } from "./elements.js";
import { items } from "./items.js";
import { drawLandmarks } from "./landmarks.js";
import { Problem } from "./requests.js";
import { t } from "./texts.js";

const DIGITS = 6;
const MOST_CONTEXT = 1000;
const CLOSEST_ZOOM = 16;

const { map, context } = window.zgcReview;
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const candidates = read("candidates");
const form = document.querySelector("form.review");
const { lon, lat, level, accuracy_m: accuracy } = form.elements;

const circle = L.circle(map.getCenter(), { radius: 0, className: "accuracy", interactive: false });
const pin = L.marker(map.getCenter(), {
  draggable: true,
  autoPan: true,
  title: t("review.drag"),
  icon: icon("+", "own"),
  zIndexOffset: 1000,
});

candidates.forEach(addCandidate);
form.addEventListener("change", ({ target }) => onChange(target));
form.addEventListener("input", ({ target }) => onTyped(target));
pin.on("drag", () => writePoint(pin.getLatLng()));
map.on("click", ({ latlng }) => writePoint(latlng));
map.attributionControl.setPrefix(false).addAttribution("CGCS2000");
showAll();
drawLandmarks(map, read("landmarks"));
// Whoever was faster than this script, or comes back from a refusal, has chosen already.
onChange(form.querySelector('[name="choice"]:checked'));
await Promise.all(context.map(addContext));

function addCandidate({ lon, lat }, index) {
  const marker = L.marker([lat, lon], { icon: icon(index + 1), title: `${index + 1}`, keyboard: false });
  marker.on("click", () => choose(`${index}`)).addTo(map);
}

function icon(text, kind = "") {
  const label = element("span", {}, `${text}`);
  return L.divIcon({ html: label, className: `rank ${kind}`, iconSize: [24, 24] });
}

// Whole districts and parks for orientation; a reader without them can still decide.
async function addContext(layer) {
  try {
    const found = await items(layer, { limit: MOST_CONTEXT });
    const features = found.features.filter(({ geometry }) => geometry);
    const style = { className: "context", interactive: false, fill: layer !== "districts" };
    const pointToLayer = (_, place) => L.circleMarker(place, { radius: 2 });
    L.geoJSON(features, { style, pointToLayer, interactive: false }).addTo(map).bringToBack();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    document.getElementById("hint").textContent = error.message;
  }
}

function showAll() {
  const places = candidates.map(({ lon, lat }) => [lat, lon]);
  if (places.length) map.fitBounds(L.latLngBounds(places).pad(0.3), { maxZoom: CLOSEST_ZOOM });
}

function choose(value) {
  form.elements.choice.value = value;
  onChange(form.querySelector(`[name="choice"]:checked`));
}

// A candidate that is chosen fills the fields, so that moving it starts from there.
function onChange(target) {
  const chosen = target?.name === "choice" ? candidates[target.value] : null;
  if (chosen) {
    writeFields(chosen);
    level.value = chosen.level;
    accuracy.value = Math.max(1, Math.round(chosen.accuracy_m));
    if (!map.getBounds().contains([chosen.lat, chosen.lon])) map.panTo([chosen.lat, chosen.lon]);
  }
  redraw();
}

function onTyped(target) {
  if ([lon, lat, accuracy].includes(target)) form.elements.choice.value = "point";
  redraw();
}

function writePoint({ lng, lat }) {
  if (form.elements.choice.value !== "point") accuracy.value = 50;
  form.elements.choice.value = "point";
  writeFields({ lon: lng, lat });
  redraw();
}

function writeFields(place) {
  lon.value = place.lon.toFixed(DIGITS);
  lat.value = place.lat.toFixed(DIGITS);
}

function redraw() {
  const place = readPoint();
  const shown = place !== null && form.elements.choice.value !== "none";
  for (const layer of [circle, pin]) {
    if (shown) layer.setLatLng(place).addTo(map);
    else layer.remove();
  }
  const metres = Number(accuracy.value);
  circle.setRadius(metres > 0 ? metres : 0);
}

function readPoint() {
  const place = [Number(lat.value), Number(lon.value)];
  const given = lat.value.trim() && lon.value.trim() && place.every(Number.isFinite);
  return given && Math.abs(place[0]) <= 85 && Math.abs(place[1]) <= 180 ? place : null;
}
