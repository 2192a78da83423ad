// Requests to the service. What goes wrong becomes a Problem with words for the reader.

import { t } from "./texts.js";

export class Problem extends Error {}

/**
 * JSON from the service.
 * @param {string} address
 * @param {RequestInit} [options]
 * @throws {Problem} not reachable, or answered with an error (RFC 9457)
 * @throws {DOMException} AbortError when superseded
 */
export async function getJson(address, options = {}) {
  const response = await reach(address, options);
  if (!response.ok) throw new Problem(await words(response));
  return response.json();
}

/** Bytes from the service; none where it has nothing to say (204). Throws as getJson. */
export async function getBytes(address, options = {}) {
  const response = await reach(address, options);
  if (!response.ok) throw new Problem(await words(response));
  return response.arrayBuffer();
}

/** Sends JSON and reads JSON. */
export function postJson(address, body, options = {}) {
  const headers = { "Content-Type": "application/json" };
  return getJson(address, { ...options, method: "POST", headers, body: JSON.stringify(body) });
}

async function reach(address, options) {
  try {
    return await fetch(address, { headers: { Accept: "application/json, */*;q=0.5" }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(t("problem.network"));
  }
}

async function words(response) {
  const fallback = t("problem.status", { status: response.status });
  try {
    const { title, detail } = await response.json();
    return [title, detail].filter(Boolean).join(": ") || fallback;
  } catch {
    return fallback;
  }
}
