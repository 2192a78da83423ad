// Words of the page in the reader's language, as the server put them into it.

const table = JSON.parse(document.getElementById("texts").textContent);

export const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

/**
 * The text of a key, with `{name}` replaced by values.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  return table[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Whether the page has a text of that key. */
export function has(key) {
  return key in table;
}

/**
 * A two-language text in the reader's language.
 * @param {{zh: string, en: string}} text
 */
export function inLanguage(text) {
  return text[language] || text.zh;
}
