// Feature counts of the layers on the portal.

import { items } from "./items.js";
import { number } from "./numbers.js";
import { Problem } from "./requests.js";

for (const place of document.querySelectorAll("[data-count]")) writeCount(place);

async function writeCount(place) {
  try {
    const { total } = await items(place.dataset.count, { limit: 1 });
    if (total !== null) place.textContent = number(total);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    place.title = error.message;
  }
}
