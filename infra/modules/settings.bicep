// What may be set of the app, by its own names; README.md says what each means and its default. Those
// that follow from the installation are not here: function-app.bicep makes them.

@export()
type settingsType = {
  CERTKEEPER_ALLOW: string?
  CERTKEEPER_GRANT_ACCESS: string?
  CERTKEEPER_SWEEP_SCHEDULE: string?
  CERTKEEPER_AUDIT_SCHEDULE: string?
  CERTKEEPER_AUDIT_KEEP: string?
  CERTKEEPER_HISTORY_KEEP: string?
  CERTKEEPER_EXPIRY_DAYS: string?
  CERTKEEPER_ON_SUSPECT: string?
  CERTKEEPER_CLEANUP: string?
  CERTKEEPER_CLEANUP_GRACE: string?
  CERTKEEPER_CLEANUP_AFTER_RECOVERY: string?
  CERTKEEPER_CLEANUP_DISCOVERED: string?
  CERTKEEPER_CLEANUP_MAX_SHARE: string?
  CERTKEEPER_USAGE_MAX_AGE: string?
  CERTKEEPER_CA_OVERLAP: string?
  CERTKEEPER_CA_DOWNTIME: string?
  CERTKEEPER_REPAIR_REFERENCES: string?
  CERTKEEPER_HOLD_IF_BREAKING: string?
  CERTKEEPER_APPLICATIONS: string?
  CERTKEEPER_KEY_OVERLAP: string?
  CERTKEEPER_CLASSIC: string?
  CERTKEEPER_CLASSIC_SUBSCRIPTIONS: string?
  CERTKEEPER_NOTIFY: string?
  OTEL_EXPORTER_OTLP_ENDPOINT: string?
}
