// Features of a layer, from OGC API - Features.

import { at } from "./address.js";
import { getJson } from "./requests.js";

/** @typedef {{features: GeoJSON.Feature[], total: number | null, complete: boolean}} Page */

const collection = (layerId) => at(`/ogc/collections/${encodeURIComponent(layerId)}`);

/** Address of one feature's GeoJSON. */
export function itemAddress(layerId, id) {
  return `${collection(layerId)}/items/${encodeURIComponent(id)}`;
}

/**
 * One page of a layer.
 * @param {string} layerId
 * @param {{limit: number, bbox?: number[], filter?: string, properties?: string[],
 *   signal?: AbortSignal}} options bbox: w, s, e, n degrees; filter: CQL2; properties: the features
 *   come with these alone, and without geometries
 * @returns {Promise<Page>}
 */
export async function items(layerId, { limit, bbox, filter, properties, signal }) {
  const query = new URLSearchParams({ limit });
  if (bbox) query.set("bbox", bbox.map((degrees) => degrees.toFixed(6)).join(","));
  if (filter) query.set("filter", filter);
  if (properties) {
    query.set("properties", properties.join(","));
    query.set("skipGeometry", "true");
  }
  const answer = await getJson(`${collection(layerId)}/items?${query}`, { signal });
  return {
    features: answer.features,
    total: answer.numberMatched ?? null,
    complete: !answer.links?.some((link) => link.rel === "next"),
  };
}

/** One feature. */
export function item(layerId, id) {
  return getJson(itemAddress(layerId, id));
}
