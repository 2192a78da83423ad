// Features of a layer, from OGC API - Features.

import { getJson } from "./requests.js";

/** @typedef {{features: GeoJSON.Feature[], total: number | null, complete: boolean}} Page */

const collection = (layerId) => `/ogc/collections/${encodeURIComponent(layerId)}`;

/** Address of one feature's GeoJSON. */
export function itemAddress(layerId, id) {
  return `${collection(layerId)}/items/${encodeURIComponent(id)}`;
}

/**
 * One page of a layer.
 * @param {string} layerId
 * @param {{limit: number, bbox?: number[], signal?: AbortSignal}} options bbox: w, s, e, n degrees
 * @returns {Promise<Page>}
 */
export async function items(layerId, { limit, bbox, signal }) {
  const query = new URLSearchParams({ limit });
  if (bbox) query.set("bbox", bbox.map((degrees) => degrees.toFixed(6)).join(","));
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
