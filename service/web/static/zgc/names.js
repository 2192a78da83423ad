// Names of features. Many have none in English.

import { inLanguage } from "./texts.js";

/** The name in the reader's language, else the Chinese one; tiles of low zooms carry none. */
export function nameOf(feature) {
  const { name_zh: chinese, name_en: english } = feature.properties;
  return inLanguage({ zh: chinese, en: english }) ?? null;
}

/** Both names in one line. */
export function bothNames(feature) {
  const { name_zh: chinese, name_en: english } = feature.properties;
  return english ? `${chinese} ${english}` : chinese;
}
