// Numbers and units as the reader's language writes them.

import { language } from "./texts.js";

const LOCALE = { zh: "zh-CN", en: "en-GB" }[language];
const UNITS = { m: "m", m2: "m²", km2: "km²" };

/**
 * @param {number} value
 * @param {number} [digits] most decimal places
 */
export function number(value, digits = 2) {
  return value.toLocaleString(LOCALE, { maximumFractionDigits: digits });
}

/** A number with its UCUM unit. */
export function quantity(value, unit, digits = 2) {
  return unit ? `${number(value, digits)} ${UNITS[unit] ?? unit}` : number(value, digits);
}

/** Square metres in km², with the digits that a reader can use. */
export function squareKilometres(squareMetres) {
  const area = squareMetres / 1e6;
  return quantity(area, "km2", area < 10 ? 2 : area < 100 ? 1 : 0);
}
