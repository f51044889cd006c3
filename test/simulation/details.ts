/** The details that nobody gave. */
export const DETAILS = {
  description: null,
  metadata: {},
  return_url: null,
  customer: null,
  channel: null,
  billing_country: null,
};
