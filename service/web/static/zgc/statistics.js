// The statistics page: the profile of the area that the address names.

import { at } from "./address.js";
import { element } from "./elements.js";
import { nameOf } from "./names.js";
import { profile } from "./profile.js";
import { Problem, getJson } from "./requests.js";
import { language, t } from "./texts.js";

const place = document.getElementById("profile");

document.querySelector(".areas [aria-current]")?.scrollIntoView({ block: "nearest" });
if (place.dataset.area) show(place.dataset);

async function show({ layer, area: id }) {
  const address = at(`/api/statistics/${encodeURIComponent(layer)}/${encodeURIComponent(id)}`);
  place.replaceChildren(element("p", {}, t("statistics.loading")));
  try {
    const data = await getJson(address);
    document.querySelector(".profile h1").replaceChildren(...heading(data.area));
    place.replaceChildren(relations(data.area), tools(data.area, address), profile(data, "h2"));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    place.replaceChildren(element("p", { class: "notice" }, error.message));
  }
}

function heading(area) {
  const name = nameOf({ properties: area });
  const other = language === "zh" ? area.name_en : area.name_zh;
  return [name, other && other !== name ? element("span", { class: "other-name" }, ` ${other}`) : ""];
}

function relations({ parent, counted_in: countedIn, boundary_status: status }) {
  const boundary = status === "schematic" ? "profile.schematic" : "profile.authoritative";
  return element(
    "p",
    { class: "relations" },
    ...relation(t("profile.parent"), parent),
    ...relation(t("profile.counted_in"), countedIn),
    element("span", {}, t(boundary)),
  );
}

function relation(title, id) {
  if (!id) return [];
  const listed = document.querySelector(`.areas [data-area="${CSS.escape(id)}"]`);
  const name = listed ? element("a", { href: listed.href }, listed.textContent) : id;
  return [element("span", {}, `${title} `, name)];
}

function tools({ layer, id }, address) {
  return element(
    "p",
    { class: "tools screen" },
    element("a", { href: at(`/map#feature=${layer}/${encodeURIComponent(id)}`) }, t("statistics.on_map")),
    element("a", { href: address }, t("statistics.json")),
    element("button", { type: "button", click: () => print() }, t("statistics.print")),
  );
}
