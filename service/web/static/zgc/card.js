// What is known about a feature, for a popup or the panel.

import { at } from "./address.js";
import { element } from "./elements.js";
import { itemAddress } from "./items.js";
import { number, quantity } from "./numbers.js";
import { isSchematic } from "./portrayal.js";
import { t } from "./texts.js";

const IN_HEADING = new Set(["name_zh", "name_en"]);

/**
 * @param {object} layer
 * @param {GeoJSON.Feature} feature
 * @param {{nameOf: (layerIds: string[], id: string) => string | null, here?: object[],
 *   open?: (entry: object) => void}} context
 *   nameOf: name of another feature; here: what else lies under the same place, opened by `open`
 * @returns {HTMLElement}
 */
export function card(layer, feature, { nameOf, here = [], open }) {
  const { name_zh: chinese, name_en: english } = feature.properties;
  return element(
    "article",
    { class: "card" },
    element("h3", { lang: "zh-Hans", tabindex: -1 }, chinese),
    english ? element("p", { class: "en", lang: "en" }, english) : null,
    kind(layer, feature),
    attributes(layer, feature, nameOf),
    links(layer, feature),
    here.length ? others(here, open) : null,
  );
}

function kind(layer, feature) {
  const tags = [];
  if (!feature.geometry) tags.push(element("span", { class: "tag" }, t("map.no_location")));
  if (isSchematic(layer, feature)) {
    tags.push(element("span", { class: "tag", "data-schematic": true }, t("map.schematic")));
  }
  return element("p", { class: "kind" }, layer.title, ...tags);
}

function attributes(layer, feature, nameOf) {
  const rows = layer.attributes
    .filter((attribute) => !IN_HEADING.has(attribute.name))
    .filter((attribute) => !isMissing(feature.properties[attribute.name]))
    .flatMap((attribute) => [
      element("dt", {}, attribute.title),
      element("dd", {}, value(attribute, feature.properties[attribute.name], nameOf)),
    ]);
  return element("dl", {}, ...rows);
}

function isMissing(given) {
  return given === null || given === undefined || given === "";
}

function value(attribute, given, nameOf) {
  if (attribute.name === "accuracy_m") return t("card.accuracy", { value: given });
  if (attribute.codes) return attribute.codes[given] ?? given;
  if (attribute.references.length) return nameOf(attribute.references, given) ?? given;
  if (attribute.type === "boolean") return given ? t("card.yes") : t("card.no");
  if (attribute.type === "number") return quantity(given, attribute.unit);
  return String(given);
}

function links(layer, feature) {
  const query = new URLSearchParams({ layer: layer.id, id: feature.id });
  const statistics = element("a", { href: at(`/statistics?${query}`) }, t("card.statistics"));
  const geojson = element("a", { href: itemAddress(layer.id, feature.id) }, t("card.geojson"));
  return element("p", { class: "links" }, layer.isArea ? statistics : null, geojson);
}

const MOST_HERE = 20;

function others(here, open) {
  const buttons = here
    .slice(0, MOST_HERE)
    .map((entry) => element("button", { type: "button", click: () => open(entry) }, title(entry)));
  const left = here.length - buttons.length;
  const more = left ? element("p", {}, t("card.here_more", { count: number(left) })) : null;
  return element("div", { class: "here" }, t("card.here"), element("br"), ...buttons, more);
}

function title({ overlay, id, count, name }) {
  const what = id ? (name ?? id) : t("map.many", { count: number(count) });
  return `${what} · ${overlay.layer.title}`;
}
