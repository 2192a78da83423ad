// Searching by words: the same rule for features that are here and for those that the service finds.

/** CQL2: features without a place. */
export const nowhere = "geometry IS NULL";

/** The words of a text, without regard to case and width. */
export function wordsOf(text) {
  return normal(text).split(" ").filter(Boolean);
}

/** Whether a feature of a layer has every word in one of the attributes that are searched. */
export function matches(layer, feature, words) {
  if (!words.length) return true;
  const values = [feature.id, ...layer.searched.map((name) => feature.properties[name])];
  const text = normal(values.filter(Boolean).join(" "));
  return words.every((word) => text.includes(word));
}

/** The same as a filter of the service (CQL2, OGC 21-065r2). */
export function matching(layer, words) {
  const names = ["id", ...layer.searched];
  const has = (word) => `(${names.map((name) => like(name, word)).join(" OR ")})`;
  return words.map(has).join(" AND ");
}

// Folding case costs the service a good deal, and Chinese has none.
function like(name, word) {
  const pattern = `'%${word.replace(/[\\%_]/g, "\\$&").replaceAll("'", "''")}%'`;
  const folded = word.toUpperCase() !== word;
  return folded ? `CASEI(${name}) LIKE CASEI(${pattern})` : `${name} LIKE ${pattern}`;
}

function normal(text) {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
