// The statistics page: the areas by layer, and the profile of the one that the address names.

import { element } from "./elements.js";
import { items } from "./items.js";
import { nameOf } from "./names.js";
import { profile } from "./profile.js";
import { Problem, getJson } from "./requests.js";
import { language, t } from "./texts.js";

const MOST = 1000;
const asked = new URLSearchParams(location.search);
const chosen = { layer: asked.get("layer"), id: asked.get("id") };

for (const list of document.querySelectorAll("[data-areas]")) fillAreas(list, list.dataset.areas);
if (chosen.layer && chosen.id) showProfile(document.getElementById("profile"));

async function fillAreas(list, layer) {
  const rows = await answerOrWords(async () => {
    const { features } = await items(layer, { limit: MOST });
    return features.length ? features.map((feature) => areaRow(layer, feature)) : [words(t("statistics.none"))];
  });
  list.replaceChildren(...rows);
  list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

function areaRow(layer, feature) {
  const here = layer === chosen.layer && feature.id === chosen.id;
  const query = new URLSearchParams({ layer, id: feature.id });
  const link = element("a", { href: `/statistics?${query}`, "aria-current": here ? "page" : null }, nameOf(feature));
  return element("li", {}, link);
}

async function showProfile(place) {
  place.replaceChildren(element("p", {}, t("statistics.loading")));
  const address = `/api/statistics/${encodeURIComponent(chosen.layer)}/${encodeURIComponent(chosen.id)}`;
  const content = await answerOrWords(async () => {
    const data = await getJson(address);
    document.querySelector(".profile h1").replaceChildren(...heading(data.area));
    return [tools(address), profile(data, "h2")];
  });
  place.replaceChildren(...content);
}

function heading(area) {
  const name = nameOf({ properties: area });
  const other = language === "zh" ? area.name_en : area.name_zh;
  return [name, other && other !== name ? element("span", { class: "other-name" }, ` ${other}`) : ""];
}

function tools(address) {
  return element(
    "p",
    { class: "tools screen" },
    element("a", { href: `/map#feature=${chosen.layer}/${encodeURIComponent(chosen.id)}` }, t("statistics.on_map")),
    element("a", { href: address }, t("statistics.json")),
    element("button", { type: "button", click: () => print() }, t("statistics.print")),
  );
}

async function answerOrWords(ask) {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [element("p", { class: "notice" }, error.message)];
  }
}

function words(text) {
  return element("li", {}, element("p", {}, text));
}
