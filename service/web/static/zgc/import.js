// The page of imports: send a file, see what it was taken for and what is wrong, then load it.

import { at } from "./address.js";
import { element } from "./elements.js";
import { items } from "./items.js";
import { number } from "./numbers.js";
import { Problem, getJson, postJson } from "./requests.js";
import { inLanguage, t } from "./texts.js";

const PLACES = {
  lon: "load.place_lon",
  lat: "load.place_lat",
  geometry: "load.place_geometry",
  geocode: "load.place_geocode",
};
const MOST_CONTEXT = 200;
const START = [[39.4, 115.4], [41.1, 117.5]];
const COLOURS = { false: "#1f4e79", true: "#b3261e" };
const FACTS = {
  encoding: "load.encoding",
  delimiter: "load.delimiter",
  header_row: "load.header_row",
  sheet: "load.sheet",
  layer_name: "load.layer_name",
};
const SEVERITIES = { error: "load.error", warning: "load.warning" };

const order = document.getElementById("order");
const load = document.getElementById("load");
const state = document.getElementById("state");
const [file] = order.querySelectorAll("input[type=file]");

let upload = null;
let map = null;
let preview = null;

order.addEventListener("submit", (event) => run(event, state, check));
load.addEventListener("submit", (event) => run(event, document.getElementById("loaded"), write));
order.addEventListener("change", () => (load.hidden = true));
for (const input of [file, order.elements.layer]) {
  input.addEventListener("change", () => forget(input === file));
}

// One thing at a time; what goes wrong is said beside the button.
async function run(event, place, work) {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  try {
    await work(place);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    place.replaceChildren(element("span", { class: "notice" }, error.message));
  } finally {
    button.disabled = false;
  }
}

// What was found out of another file, or for another layer, does not hold any more.
function forget(isFile) {
  if (isFile) upload = null;
  for (const id of ["taken", "found"]) document.getElementById(id).hidden = true;
  for (const id of ["facts", "columns"]) document.getElementById(id).replaceChildren();
  document.querySelector("#constants div").replaceChildren();
}

async function check(place) {
  const [chosen] = file.files;
  const most = Number(file.dataset.most);
  if (chosen.size > most * 2 ** 20) throw new Problem(t("load.too_large", { most }));
  if (!upload) {
    place.textContent = t("load.sending");
    const options = { method: "POST", body: chosen };
    upload = await getJson(at(`/import/files?name=${encodeURIComponent(chosen.name)}`), options);
  }
  place.textContent = t("load.checking");
  const answer = await postJson(at(`/import/files/${upload.id}/check`), ordered());
  place.textContent = "";
  showTaken(answer);
  if (answer.needs_crs) {
    place.replaceChildren(element("span", { class: "notice" }, t("load.needs_crs")));
    document.getElementById("found").hidden = true;
    order.elements.crs.focus();
    return;
  }
  showFound(answer);
}

async function write(place) {
  place.textContent = t("load.loading");
  const { reason, accept_valid: accept } = load.elements;
  const signed = { reason: reason.value, accept_valid: accept.checked };
  const answer = await postJson(at(`/import/files/${upload.id}/load`), { ...ordered(), ...signed });
  if (answer.refused) throw new Problem(t("load.refused"));
  const link = element("a", { href: at(`/imports/${answer.import_id}`) }, t("load.done", answer));
  place.replaceChildren(link);
}

// The order as the form stands; what is empty is left to be found out.
function ordered() {
  const { layer, mode, crs, swap, close_rings: rings } = order.elements;
  const told = { layer: layer.value, mode: mode.value, swap: swap.checked, close_rings: rings.checked };
  if (crs.value.trim()) told.crs = crs.value.trim();
  for (const input of order.querySelectorAll("#facts [name]")) {
    if (input.value !== input.dataset.found) {
      told[input.name] = input.name === "header_row" ? Number(input.value) : input.value;
    }
  }
  told.mapping = changed("#columns select", (select) => [select.dataset.column, select.value]);
  told.constants = changed("#constants [name]", (input) => [input.name, input.value.trim()]);
  return told;
}

function changed(selector, pair) {
  const inputs = [...order.querySelectorAll(selector)];
  return Object.fromEntries(inputs.filter((each) => each.value !== each.dataset.found).map(pair));
}

function showTaken({ facts, format, place, columns, fields }) {
  document.getElementById("taken").hidden = false;
  const shown = Object.keys(FACTS).filter((name) => name in facts).map((name) => factInput(name, facts));
  const plain = element("p", {}, `${format}; ${t("load.place")} ${inLanguage(place)}`);
  document.getElementById("facts").replaceChildren(plain, ...shown);
  const head = ["load.column", "load.samples", "load.field"].map((key) =>
    element("th", { scope: "col" }, t(key)),
  );
  const rows = columns.map((column) => columnRow(column, fields));
  document
    .getElementById("columns")
    .replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
  showConstants(columns, fields);
}

function factInput(name, facts) {
  const choices = facts[`${name}s`]?.split("\n");
  const found = facts[name];
  const kept = order.querySelector(`#facts [name=${name}]`)?.dataset.found ?? found;
  const attributes = { name, "data-found": kept };
  const input = choices
    ? element("select", attributes, ...choices.map((each) => option(each, each, each === found)))
    : element("input", { ...attributes, value: found, size: 10 });
  return element("label", {}, t(FACTS[name]), input);
}

function option(value, words, selected) {
  return element("option", { value, selected }, words);
}

function columnRow({ name, field, samples }, fields) {
  const choices = [
    option("", t("load.not_imported"), field === ""),
    ...fields.map((each) => option(each.name, `${inLanguage(each.title)} (${each.name})`, each.name === field)),
    ...Object.entries(PLACES).map(([each, key]) => option(each, t(key), each === field)),
  ];
  const kept = selectOf(name)?.dataset.found ?? field;
  const label = t("load.field_of", { name });
  const select = element(
    "select",
    { "data-column": name, "data-found": kept, "aria-label": label },
    ...choices,
  );
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, name),
    element("td", { class: "samples" }, samples.join(" · ")),
    element("td", {}, select),
  );
}

function selectOf(column) {
  return [...order.querySelectorAll("#columns select")].find((each) => each.dataset.column === column);
}

// Fields that no column is: one value for all rows.
function showConstants(columns, fields) {
  const taken = new Set(columns.map(({ field }) => field));
  const place = document.querySelector("#constants div");
  const given = Object.fromEntries([...place.querySelectorAll("[name]")].map((each) => [each.name, each.value]));
  const free = fields.filter(({ name }) => name !== "id" && !taken.has(name));
  free.sort((one, other) => other.required - one.required);
  place.replaceChildren(...free.map((each) => constantInput(each, given[each.name] ?? "")));
  place.parentElement.open ||= free.some(({ required }) => required);
}

function constantInput({ name, title, required, codes }, value) {
  const label = element("span", { class: required ? "needed" : null }, inLanguage(title), required ? " *" : null);
  const attributes = { name, "data-found": "" };
  const choices = [{ code: "", title: { zh: "", en: "" } }, ...codes].map((each) =>
    option(each.code, inLanguage(each.title), each.code === value),
  );
  const input = codes.length
    ? element("select", attributes, ...choices)
    : element("input", { ...attributes, value });
  return element("label", {}, label, input);
}

function showFound(answer) {
  document.getElementById("found").hidden = false;
  const counted = ["rows", "accepted", "refused"].map((name) => [name, number(answer[name])]);
  const words = t("load.summary", Object.fromEntries(counted));
  document.getElementById("summary").textContent = answer.crs ? `${words} CRS: ${answer.crs}` : words;
  document.getElementById("findings").replaceChildren(...answer.groups.map(group));
  const path = (name) => at(`/import/files/${upload.id}/${encodeURIComponent(name)}`);
  document
    .getElementById("files")
    .replaceChildren(...answer.files.map((name) => element("a", { href: path(name), download: name }, name)));
  showMap(answer.preview);
  showOutside(answer.outside);
  load.hidden = answer.accepted === 0 || answer.outside !== null;
  document.getElementById("accept").hidden = answer.refused === 0;
  document.getElementById("loaded").replaceChildren();
}

// Rows that lie where a member of an office may not write.
function showOutside(outside) {
  const place = document.getElementById("outside");
  place.hidden = outside === null;
  if (outside === null) return;
  const rows = outside.rows.map(({ id, area }) => `${id} (${area ?? t("load.no_area")})`);
  const areas = outside.areas.join(", ") || t("load.no_area");
  place.textContent = t("load.outside", { areas, rows: rows.join(", ") });
}

function group({ severity, title, remedy, count, findings }) {
  const heads = ["load.row", "load.field", "load.value", "load.right"];
  const rows = findings.map(({ row, field, value, message }) =>
    element(
      "tr",
      {},
      element("td", { class: "number" }, row || "–"),
      ...[field, value, inLanguage(message)].map((words) => element("td", {}, words)),
    ),
  );
  const more = count > findings.length ? t("load.listed", { listed: findings.length, count: number(count) }) : null;
  const summary = element("summary", {}, element("b", {}, `${t(SEVERITIES[severity])}: ${inLanguage(title)}`), ` (${number(count)})`);
  return element(
    "details",
    { class: `group ${severity}`, open: severity === "error" },
    summary,
    element("p", {}, inLanguage(remedy)),
    element(
      "div",
      { class: "wide" },
      element(
        "table",
        {},
        element("thead", {}, element("tr", {}, ...heads.map((key) => element("th", { scope: "col" }, t(key))))),
        element("tbody", {}, ...rows),
      ),
    ),
    more ? element("p", { class: "quiet" }, more) : null,
  );
}

function showMap(features) {
  const note = document.getElementById("map-note");
  note.textContent = features.features.length
    ? t("load.map_note", { count: number(features.features.length) })
    : t("load.map_empty");
  map ??= openMap();
  preview?.remove();
  const style = ({ properties }) => ({ color: COLOURS[properties.refused], weight: 2, fillOpacity: 0.3, radius: 5 });
  preview = L.geoJSON(features, { style, pointToLayer: (_, place) => L.circleMarker(place) })
    .bindTooltip((layer) => label(layer.feature.properties))
    .addTo(map);
  map.invalidateSize();
  const bounds = preview.getBounds();
  map.fitBounds(bounds.isValid() ? bounds.pad(0.1) : START, { maxZoom: 15, animate: false });
}

function label({ row, name }) {
  return element("span", {}, `${row}: ${name ?? "–"}`);
}

// Districts and parks of our own layers are all the ground there is without a network.
function openMap() {
  const opened = L.map("map", { zoomControl: true, attributionControl: true }).fitBounds(START);
  opened.attributionControl.setPrefix(false).addAttribution("CGCS2000");
  for (const layer of ["districts", "sub_parks"]) addContext(opened, layer);
  return opened;
}

async function addContext(opened, layer) {
  try {
    const { features } = await items(layer, { limit: MOST_CONTEXT });
    const style = { color: "#8795a1", weight: 1, fill: false, interactive: false };
    const placed = features.filter(({ geometry }) => geometry);
    L.geoJSON(placed, { style, interactive: false, pointToLayer: (_, place) => L.circleMarker(place, { radius: 2 }) })
      .addTo(opened)
      .bringToBack();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    document.getElementById("map-note").textContent = error.message;
  }
}
