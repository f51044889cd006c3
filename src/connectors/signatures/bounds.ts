/** What a delivery of a stranger may make us look at, whichever provider it claims to come from. */
export const BOUNDS = {
  headerChars: 4_096,
  /** A provider sends one signature, two or three while a secret is rotated. */
  signatures: 16,
  /** Items of one Adyen delivery; Adyen sends one. */
  items: 100,
  /** How far the signed time may lie from ours, in the past and in the future. */
  toleranceMs: 300_000,
  certificates: 6,
  certificateChars: 64 * 1024,
} as const;
