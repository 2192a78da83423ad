// The statistics of an area or of a drawn polygon, as the service gives them.

import { element, svg } from "./elements.js";
import { number, quantity, squareKilometres } from "./numbers.js";
import { inLanguage, t } from "./texts.js";

/**
 * @param {object} data answer of /api/statistics
 * @param {"h2" | "h3"} level heading of its sections
 * @returns {HTMLElement}
 */
export function profile(data, level) {
  const section = (title, content) =>
    element("section", {}, element(level, {}, title), element("div", { class: "wide" }, content));
  return element(
    "div",
    {},
    figures(data),
    section(t("profile.by_industry"), counts(data.by_industry, t("profile.industry"))),
    section(t("profile.by_layer"), counts(data.by_layer, t("profile.layer"))),
    data.indicators.length ? section(t("profile.indicators"), indicators(data.indicators)) : null,
    section(t("profile.rules"), rules(data.rules)),
  );
}

function figures(data) {
  const { enterprises } = data;
  const schematic = data.area?.boundary_status === "schematic";
  return element(
    "dl",
    { class: "figures" },
    figure(t(schematic ? "profile.land_area_schematic" : "profile.land_area"), data.land_area_m2, squareKilometres),
    data.area
      ? figure(t("profile.published_area"), data.published_area_km2, (value) => quantity(value, "km2"), data.published_area_source)
      : null,
    data.area ? figure(t("profile.declared"), enterprises.declared, number) : null,
    figure(t("profile.located"), enterprises.located, number),
    figure(t("profile.density"), data.density_per_km2, (value) => t("profile.density_value", { value: number(value) })),
  );
}

function figure(title, value, format, note = null) {
  const shown = value === null ? missing() : format(value);
  const small = note ? element("small", {}, note) : null;
  return element("div", {}, element("dt", {}, title), element("dd", {}, shown, small));
}

function missing() {
  return element("span", { class: "missing" }, t("profile.no_data"));
}

function counts(rows, heading) {
  if (!rows.length) return missing();
  const columns = ["declared", "located"].filter((name) => rows.some((row) => row[name] !== null));
  const most = Math.max(1, ...rows.flatMap((row) => columns.map((name) => row[name] ?? 0)));
  return element(
    "table",
    { class: "shares" },
    element("colgroup", {}, element("col"), ...columns.map(() => element("col")), element("col", { class: "bars" })),
    element("thead", {}, element("tr", {}, headCell(heading), ...columns.map(countHeading), element("th", { scope: "col", class: "bars" }, t("profile.share")))),
    element("tbody", {}, ...rows.map((row) => countRow(row, columns, most))),
  );
}

function headCell(title) {
  return element("th", { scope: "col" }, title);
}

const COUNT_TITLES = { declared: "profile.declared_short", located: "profile.located_short" };

function countHeading(name) {
  const key = element("span", { class: `key ${name}` });
  return element("th", { scope: "col", class: "number" }, key, t(COUNT_TITLES[name]));
}

function countRow(row, columns, most) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, inLanguage(row.title)),
    ...columns.map((name) => element("td", { class: "number" }, row[name] === null ? missing() : number(row[name]))),
    element("td", { class: "bars" }, bars(row, columns, most)),
  );
}

// The numbers stand beside it: the bar is for the eye only.
function bars(row, columns, most) {
  const height = 14 / columns.length;
  const shapes = columns.map((name, index) =>
    svg("rect", { class: name, x: 0, y: index * height, height: height - 1, width: `${(100 * (row[name] ?? 0)) / most}%` }),
  );
  return svg("svg", { class: "bar", "aria-hidden": "true" }, ...shapes);
}

function indicators(rows) {
  const titles = ["profile.indicator", "profile.baseline", "profile.target", "profile.unit", "profile.quote"];
  return element(
    "table",
    { class: "indicators" },
    element("thead", {}, element("tr", {}, ...titles.map((key) => headCell(t(key))))),
    element("tbody", {}, ...rows.map(indicatorRow)),
  );
}

function indicatorRow(row) {
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, inLanguage(row.title)),
    element("td", {}, statement(row.baseline, "profile.value_exactly")),
    element("td", {}, statement(row.target, "profile.value_reach")),
    element("td", {}, row.unit ?? ""),
    element("td", { class: "quote" }, ...[row.baseline, row.target].filter(Boolean).map(quote)),
  );
}

const QUALIFIERS = { ge: "profile.value_at_least", approx: "profile.value_about" };

function statement(given, plainly) {
  if (!given) return missing();
  const { value_low: low, value_high: high, qualifier, year } = given;
  const value = high === null || high === low ? number(low, 4) : `${number(low, 4)}–${number(high, 4)}`;
  const words = t(QUALIFIERS[qualifier] ?? plainly, { value });
  return element("span", {}, words, element("br"), element("small", {}, t("profile.year", { year })));
}

function quote({ section: place, quote: words }) {
  return element("p", {}, t("profile.section", { section: place }), words ? `：“${words}”` : "");
}

function rules(rows) {
  return element("ul", { class: "rules" }, ...rows.map((row) => element("li", {}, inLanguage(row))));
}
