/** Fields as the SDK's types name them, sent as the gateway reads them: `merchantAccountId` as `merchant_account_id`. */

export function snakeCase(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      typeof value === 'object' && value !== null ? snakeCase(value) : value,
    ]),
  );
}
