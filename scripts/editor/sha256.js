// SHA-256 that takes a file piece by piece, which WebCrypto cannot: @noble/hashes, which was audited.

export { sha256 } from "@noble/hashes/sha2";
