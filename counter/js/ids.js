/** Ids of claims. Nothing else on the page invents an id. */

/**
 * Return a random UUID (version 4, RFC 9562).
 *
 * The centre's page comes over plain HTTP on its own network, which browsers do not call a secure context: there
 * `crypto.randomUUID` does not exist and `crypto.getRandomValues` does.
 * @param {Crypto} source
 */
export function newClaimId(source = globalThis.crypto) {
  if (typeof source.randomUUID === "function") return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
