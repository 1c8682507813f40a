/** What stands in which elements of a policy, by the policy reference. */

/**
 * Elements in which policies stand. A named value there may be any policy, and is not looked into:
 * what it holds is put in before the document is read. As the text of other elements it is a value.
 */
const HOLDS_POLICIES = names(
  `backend choose cosmosdb-data-source decryption-keys fragment http-data-source http-request
  http-response identities inbound issuer-signing-keys limit-concurrency on-error otherwise outbound
  policies retry return-response send-one-way-request send-request sql-data-source
  validate-azure-ad-token validate-client-certificate validate-jwt wait when`,
);

/**
 * The elements that lead to an `authentication-certificate` which authenticates: sections, control
 * flow ("Control flow", "Limit concurrency", "Retry", "Wait"), and the requests that have one of
 * their own ("Send request", "Send one way request", "HTTP data source for a resolver").
 */
const LEADS_TO_AUTHENTICATION = names(
  `backend choose fragment http-data-source http-request inbound limit-concurrency on-error otherwise
  outbound policies retry send-one-way-request send-request wait when`,
);

/**
 * Elements whose content is sent, logged or compared, be it XML or not: `set-body`, `xsl-transform`,
 * the `value` of `set-header`, `set-query-parameter` and `check-header`, the `payload` and the
 * properties of `send-service-bus-message`, `log-to-eventhub`, the `message` of `trace`, what goes
 * to Dapr.
 */
const HOLDS_DATA = names(
  `data log-to-eventhub message message-property payload publish-to-dapr set-body value
  xsl-transform`,
);

export function holdsPolicies(name: string): boolean {
  return HOLDS_POLICIES.has(localName(name));
}

/** By its exact name: in another namespace, or in capitals, it is nobody knows what. */
export function leadsToAuthentication(name: string): boolean {
  return LEADS_TO_AUTHENTICATION.has(name);
}

export function holdsData(name: string): boolean {
  return HOLDS_DATA.has(localName(name));
}

export function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase();
}

function names(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
