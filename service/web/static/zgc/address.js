// Addresses of the service, which may lie below a prefix: this very file says where.

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/**
 * @param {string} path path within the service, as `/ogc`
 * @returns {string}
 */
export const at = (path) => `${root}${path}`;
