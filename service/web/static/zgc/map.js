// The map page: puts the parts together.

import { Detail } from "./detail.js";
import { Drawing } from "./drawing.js";
import { Hover } from "./hover.js";
import { Labels } from "./labels.js";
import { writeCounts } from "./legend.js";
import { List } from "./list.js";
import { Notices } from "./notices.js";
import { LIMIT, Overlay } from "./overlay.js";
import { readPlace, writePlace } from "./place.js";
import { Problem } from "./requests.js";
import { Selection } from "./selection.js";
import { Spot } from "./spot.js";
import { t } from "./texts.js";
import { afterRest, oncePerFrame } from "./timing.js";

const REST_MS = 250;
const CLOSER = 2;

const { map, overlays: groups, control, drawn, layers } = window.zgc;
const byId = (id) => document.getElementById(id);
const counts = JSON.parse(byId("counts").textContent);

const refresh = oncePerFrame(redraw);
const refreshPicture = oncePerFrame(redrawPicture);
const paneOf = tilePanes();
const overlays = layers.map(
  (layer) => new Overlay(map, groups[layer.id], layer, counts[layer.id], paneOf(layer)),
);
const detail = new Detail(byId("detail"), byId("results"));
const selection = new Selection(map, overlays, detail, follow);
const drawing = new Drawing(map, drawn, detail);
const spot = new Spot(map);
const labels = new Labels(map, overlays);
const notices = new Notices(byId("notices"), overlays);
const list = new List(
  { box: byId("search"), list: byId("results"), count: byId("found") },
  overlays,
  ({ overlay, feature }) => openFeature(overlay, feature.id, { fly: true, focus: true }),
);

Object.assign(window.zgc, { byLayer: Object.fromEntries(overlays.map((o) => [o.layer.id, o])) });

start();

function start() {
  dressMap();
  const place = readPlace(location.hash);
  overlays.forEach(listen);
  showPlace(place);
  const ready = loadAll();
  openPlace(place, ready);
  map.on("overlayadd overlayremove", onLayersChanged);
  map.on("moveend", afterRest(REST_MS, onViewChanged));
  map.on("zoomend moveend", refreshPicture);
  map.on("click", ({ latlng }) => openTopmost(latlng));
  new Hover(map, selection, drawing);
  selection.addEventListener("change", rememberPlace);
  addEventListener("hashchange", () => {
    const elsewhere = readPlace(location.hash);
    showPlace(elsewhere);
    openPlace(elsewhere, loadAll());
  });
  keepHashWhenSwitchingLanguage();
  refresh();
}

function loadAll() {
  return Promise.all(overlays.map((overlay) => overlay.load()));
}

function dressMap() {
  map.attributionControl.setPrefix(false).addAttribution(t("map.attribution"));
  byId("layer-control").append(control.getContainer());
  if (matchMedia("(max-width: 700px)").matches) byId("layers").open = false;
}

function listen(overlay) {
  overlay.addEventListener("change", refresh);
  overlay.addEventListener("tiles", refreshPicture);
  groups[overlay.layer.id].on("click", ({ latlng }) => openTopmost(latlng));
}

/**
 * Tiles lie above the canvas of the small layers or beneath it, as their layer lies above all of
 * these or not; clicks pass through to the map.
 */
function tilePanes() {
  const heights = { "tiles-above": 410, "tiles-below": 390 };
  for (const [name, height] of Object.entries(heights)) {
    const { style } = map.createPane(name);
    Object.assign(style, { zIndex: height, pointerEvents: "none" });
  }
  const small = layers.filter((layer) => counts[layer.id] <= LIMIT);
  const highest = Math.max(...small.map((layer) => layer.style.order));
  return (layer) => (layer.style.order > highest ? "tiles-above" : "tiles-below");
}

/** Opens what the reader clicked; of several that which is nearest the reader. */
function openTopmost(latlng) {
  if (drawing.busy) return;
  const [topmost] = selection.under(latlng);
  if (topmost) follow(topmost, { latlng });
}

/** Opens a feature; where one mark stands for many, goes closer instead. */
function follow({ overlay, id }, how) {
  if (id) return openFeature(overlay, id, how);
  map.setView(how.latlng, Math.min(map.getZoom() + CLOSER, map.getMaxZoom()));
}

async function openFeature(overlay, id, how) {
  const { layer } = overlay;
  try {
    selection.open(overlay, await overlay.find(id), how);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    notices.say(t("map.failed", { layer: `${layer.id}/${id}`, problem: error.message }));
  }
}

function onLayersChanged() {
  loadAll();
  refresh();
  rememberPlace();
}

function onViewChanged() {
  loadAll();
  rememberPlace();
}

function redraw() {
  restack();
  list.refresh();
  writeCounts(control.getContainer(), overlays);
  redrawPicture();
}

function redrawPicture() {
  labels.refresh();
  notices.refresh();
}

function restack() {
  const shown = overlays.filter((overlay) => overlay.visible);
  shown.sort((a, b) => a.layer.style.order - b.layer.style.order);
  shown.forEach((overlay) => overlay.bringToFront());
  drawn.bringToFront();
}

function showPlace({ view, layers: shown, feature, spot: seen }) {
  if (shown) overlays.forEach((overlay) => (overlay.visible = shown.includes(overlay.layer.id)));
  if (view) map.setView([view.lat, view.lon], view.zoom, { animate: false });
  const overlay = overlays.find((each) => each.layer.id === feature?.layer);
  if (overlay) overlay.visible = true;
  spot.show(seen);
}

// A card names other features: those of the layers in view must be there first.
async function openPlace({ view, feature }, ready) {
  if (!feature) return;
  const { layer, id } = feature;
  const overlay = overlays.find((each) => each.layer.id === layer);
  if (!overlay) return notices.say(t("map.no_layer", { layer }));
  await ready;
  await openFeature(overlay, id, { fly: !view });
}

function rememberPlace() {
  const { lat, lng } = map.getCenter();
  const open = selection.current;
  const place = {
    view: { zoom: map.getZoom(), lat, lon: lng },
    layers: overlays.filter((overlay) => overlay.visible).map((overlay) => overlay.layer.id),
    feature: open ? { layer: open.overlay.layer.id, id: open.feature.id } : null,
    spot: spot.place,
  };
  history.replaceState(null, "", writePlace(place));
}

function keepHashWhenSwitchingLanguage() {
  for (const link of document.querySelectorAll(".languages a")) {
    link.addEventListener("click", () => (link.hash = location.hash));
  }
}
