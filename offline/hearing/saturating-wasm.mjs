// PocketSphinx converts numbers that are too large for an integer, as C compilers let it. WebAssembly
// of 2018 ends the program then. The conversions that were added later give the nearest integer.

const CODE_SECTION = 10;
const HEADER_BYTES = 8;

/** The same module, with conversions that give the nearest integer. Knows WebAssembly 1.0. */
export function saturating(wasm) {
  const reader = new Reader(wasm, HEADER_BYTES);
  const parts = [wasm.subarray(0, HEADER_BYTES)];
  while (reader.at < wasm.length) {
    const id = wasm[reader.at++];
    const size = reader.number();
    const content = wasm.subarray(reader.at, reader.at + size);
    reader.at += size;
    const section = id === CODE_SECTION ? saturatingBodies(content) : content;
    parts.push(Uint8Array.from([id, ...encoded(section.length)]), section);
  }
  return Buffer.concat(parts);
}

function saturatingBodies(section) {
  const reader = new Reader(section, 0);
  const count = reader.number();
  const parts = [Uint8Array.from(encoded(count))];
  for (let index = 0; index < count; index += 1) {
    const size = reader.number();
    const body = saturatingBody(section.subarray(reader.at, reader.at + size));
    reader.at += size;
    parts.push(Uint8Array.from(encoded(body.length)), Uint8Array.from(body));
  }
  return Buffer.concat(parts);
}

function saturatingBody(body) {
  const reader = new Reader(body, 0);
  for (let groups = reader.number(); groups > 0; groups -= 1) {
    reader.number();
    reader.at += 1;
  }
  const out = [...body.subarray(0, reader.at)];
  while (reader.at < body.length) {
    const start = reader.at;
    const code = body[reader.at++];
    const conversion = CONVERSIONS.indexOf(code);
    if (conversion >= 0) {
      out.push(0xfc, conversion);
      continue;
    }
    reader.skipOperands(code);
    for (let at = start; at < reader.at; at += 1) out.push(body[at]);
  }
  return out;
}

/** i32.trunc_* and i64.trunc_*; the place of each is the code of its counterpart after 0xfc. */
const CONVERSIONS = [0xa8, 0xa9, 0xaa, 0xab, 0xae, 0xaf, 0xb0, 0xb1];

class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** An unsigned number in LEB128. */
  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  skipOperands(code) {
    const is = (from, to = from) => code >= from && code <= to;
    if (is(0x02, 0x04)) this.at += 1;
    else if (is(0x0c, 0x0d) || is(0x10) || is(0x20, 0x24) || is(0x3f, 0x42)) this.number();
    else if (is(0x11) || is(0x28, 0x3e)) {
      this.number();
      this.number();
    } else if (is(0x0e))
      for (let targets = this.number(); targets >= 0; targets -= 1) this.number();
    else if (is(0x43)) this.at += 4;
    else if (is(0x44)) this.at += 8;
    else if (code > 0xbf) throw new Error(`WebAssembly 1.0 has no instruction ${code}`);
  }
}

function encoded(number) {
  const bytes = [];
  for (let rest = number; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
