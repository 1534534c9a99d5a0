// Computes the SHA-256 of a file, slice by slice: no more than one slice is in memory.

import { sha256 } from "../bundle/sha256.js";

const SLICE = 4 << 20; // bytes

addEventListener("message", async ({ data: { file, id } }) => {
  try {
    const hash = sha256.create();
    for (let at = 0; at < file.size; at += SLICE) {
      hash.update(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()));
      postMessage({ id, done: Math.min(at + SLICE, file.size) });
    }
    postMessage({ id, sha256: Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, "0")).join("") });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
});
