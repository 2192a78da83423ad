// The statistics of an area or of a drawn polygon, as the service gives them.

import { at } from "./address.js";
import { element, svg } from "./elements.js";
import { number, quantity, squareKilometres } from "./numbers.js";
import { has, inLanguage, t } from "./texts.js";

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
    data.growth_targets?.length ? section(t("profile.growth"), growth(data.growth_targets)) : null,
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
  const titles = ["profile.indicator", "profile.baseline", "profile.target", "profile.quote"];
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
    element("td", { class: "statement" }, statement(row.baseline, "profile.value_exactly")),
    element("td", { class: "statement" }, statement(row.target, "profile.value_reach")),
    element("td", { class: "quote" }, ...[row.baseline, row.target].filter(Boolean).map(quote)),
  );
}

const QUALIFIERS = { ge: "profile.value_at_least", approx: "profile.value_about" };

function statement(given, plainly) {
  if (!given) return missing();
  const { value_low: low, value_high: high, qualifier, year } = given;
  const value = high === null || high === low ? number(low, 4) : `${number(low, 4)}–${number(high, 4)}`;
  const words = t(QUALIFIERS[qualifier] ?? plainly, { value: `${value} ${planWord("unit", given.unit)}` });
  return element("span", {}, words, element("br"), element("small", {}, t("profile.year", { year })));
}

function quote({ section: place, quote: words }) {
  return element("p", {}, t("profile.section", { section: place }), words ? `：“${words}”` : "");
}

const CLASSES = ["千亿元级", "五百亿元级", "百亿元级", "五十亿元级", "十亿元级"];

// Enterprises by revenue class: those in it at the start, and those to grow into it.
function growth(rows) {
  const given = new Set(rows.map((row) => row.target));
  const classes = [...CLASSES.filter((name) => given.delete(name)), ...given];
  const names = (target, kind) => rows.filter((row) => row.target === target && row.kind === kind).map(enterprise);
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...["profile.class", "profile.baseline", "profile.target"].map((key) => headCell(t(key))))),
    element(
      "tbody",
      {},
      ...classes.map((target) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, planWord("class", target)),
          element("td", {}, ...listed(names(target, "baseline"))),
          element("td", {}, ...listed(names(target, "target"))),
        ),
      ),
    ),
  );
}

function enterprise({ name, enterprise: id }) {
  return id ? element("a", { href: at(`/map#feature=enterprises/${encodeURIComponent(id)}`) }, name) : name;
}

function listed(names) {
  if (!names.length) return ["–"];
  return names.flatMap((name, index) => (index ? ["、", name] : [name]));
}

// Words of the plan's own tables, as they stand where they have no translation.
function planWord(kind, word) {
  const key = `${kind}.${word}`;
  return has(key) ? t(key) : word;
}

function rules(rows) {
  return element("ul", { class: "rules" }, ...rows.map((row) => element("li", {}, inLanguage(row))));
}
