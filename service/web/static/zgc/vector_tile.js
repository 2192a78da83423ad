// Features of a Mapbox Vector Tile 2.1: Pbf reads the wire, here is what the fields mean.

const { PbfReader } = window.Pbf;

const KINDS = ["Unknown", "Point", "LineString", "Polygon"];
const MOVE_TO = 1;
const CLOSE_PATH = 7;

/**
 * @typedef {object} TileFeature
 * @property {string} kind Point, LineString or Polygon
 * @property {Record<string, string | number | boolean>} properties
 * @property {number[][][]} parts points, lines or rings, as positions of 0..1 across the tile, y
 *   downward; what lies a little outside belongs to the neighbours
 */

/**
 * @param {ArrayBuffer} bytes one tile; an empty one has no features
 * @returns {TileFeature[]}
 */
export function readTile(bytes) {
  const layers = new PbfReader(new Uint8Array(bytes)).readFields(readLayers, []);
  return layers.flatMap((layer) => layer.features.map((feature) => resolved(feature, layer)));
}

function readLayers(tag, layers, pbf) {
  if (tag === 3) layers.push(pbf.readMessage(readLayer, { features: [], keys: [], values: [], extent: 4096 }));
}

function readLayer(tag, layer, pbf) {
  if (tag === 2) layer.features.push(pbf.readMessage(readFeature, { kind: 0, tags: [], geometry: [] }));
  else if (tag === 3) layer.keys.push(pbf.readString());
  else if (tag === 4) layer.values.push(pbf.readMessage(readValue, {}).value);
  else if (tag === 5) layer.extent = pbf.readVarint();
}

function readFeature(tag, feature, pbf) {
  if (tag === 2) pbf.readPackedVarint(feature.tags);
  else if (tag === 3) feature.kind = pbf.readVarint();
  else if (tag === 4) pbf.readPackedVarint(feature.geometry);
}

const VALUES = {
  1: (pbf) => pbf.readString(),
  2: (pbf) => pbf.readFloat(),
  3: (pbf) => pbf.readDouble(),
  4: (pbf) => pbf.readVarint(true),
  5: (pbf) => pbf.readVarint(),
  6: (pbf) => pbf.readSVarint(),
  7: (pbf) => pbf.readBoolean(),
};

function readValue(tag, holder, pbf) {
  if (tag in VALUES) holder.value = VALUES[tag](pbf);
}

function resolved({ kind, tags, geometry }, { keys, values, extent }) {
  const properties = {};
  for (let at = 0; at < tags.length; at += 2) properties[keys[tags[at]]] = values[tags[at + 1]];
  return { kind: KINDS[kind], properties, parts: parts(geometry, extent) };
}

function parts(commands, extent) {
  const found = [];
  let [x, y] = [0, 0];
  for (let at = 0; at < commands.length; ) {
    const [command, count] = [commands[at] & 7, commands[at] >> 3];
    at += 1;
    for (let step = 0; step < count && command !== CLOSE_PATH; step += 1, at += 2) {
      x += signed(commands[at]);
      y += signed(commands[at + 1]);
      if (command === MOVE_TO) found.push([]);
      found.at(-1).push([x / extent, y / extent]);
    }
  }
  return found;
}

/** Zigzag: 0, -1, 1, -2, ... */
function signed(value) {
  return (value >> 1) ^ -(value & 1);
}
