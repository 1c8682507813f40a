// What somebody has to know in the night. Each is looked up by its name in docs/runbook.md. Dead
// letters have an alert at each vault's topic: event-subscription.bicep.

param installation string
param location string
param tags object

@description('The workspace with the logs and metrics.')
param workspaceId string
param emails string[]

@description('An action group to use instead of one of its own.')
param actionGroupId string

var makesGroup = empty(actionGroupId) && !empty(emails)
var alertGroupId = makesGroup ? ownGroup.id : actionGroupId

// Gauges come from each instance; Sum holds the value of a single measurement. Failures are known by
// the words of the Durable extension, which are the same however its logs travel.
var rules = [
  {
    name: 'critical-findings'
    title: 'findings of the highest severity'
    description: 'The last audit found what breaks calls now or any day, and nobody has acknowledged it.'
    severity: 1
    every: 'PT15M'
    window: 'PT1H'
    resolvesItself: true
    query: '''
AppMetrics
| where Name == 'certkeeper.findings'
| where tostring(Properties.severity) == 'critical' and tostring(Properties.acknowledged) == 'false'
| where Sum > 0
| summarize Findings = max(Sum) by Code = tostring(Properties.code)
'''
  }
  {
    name: 'failed-orchestrations'
    title: 'orchestrations or syncs failed'
    description: 'A job ended in failure: certificates may not be where they belong.'
    severity: 1
    every: 'PT15M'
    window: 'PT1H'
    resolvesItself: true
    query: '''
union
  (AppTraces
  | where Message has 'failed with an error'
  | extend What = extract(@"Function '(\S+) \(Orchestrator\)' failed with an error", 1, Message)
  | where isnotempty(What)
  | project What),
  (AppMetrics
  | where Name == 'certkeeper.syncs' and tostring(Properties.outcome) == 'failed' and Sum > 0
  | project What = 'sync')
| summarize Failures = count() by What
'''
  }
  {
    name: 'no-audit'
    title: 'no audit for two days'
    description: 'No audit was completed for two days, or the app has been silent for six hours.'
    severity: 2
    every: 'PT1H'
    window: 'P2D'
    // What has stopped for good would otherwise look healed once its last traces are out of sight.
    resolvesItself: false
    query: '''
union
  (AppMetrics
  | where Name == 'certkeeper.audit.age'
  | project TimeGenerated, Age = Sum),
  (AppTraces
  | project TimeGenerated, Age = real(null))
| summarize Since = min(TimeGenerated), Youngest = minif(Age, TimeGenerated > ago(6h))
| where Since < ago(47h)
| where isnull(Youngest) or isnan(Youngest) or Youngest > 172800
'''
  }
]

resource ownGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (makesGroup) {
  name: 'ag-certkeeper-${installation}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'certkeeper'
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'certkeeper-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Certkeeper ${installation}: ${rule.title}'
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: rule.every
      windowSize: rule.window
      autoMitigate: rule.resolvesItself
      // Else it would be told again at every look.
      muteActionsDuration: rule.resolvesItself ? null : 'P1D'
      // The tables come into being with the first line that is written to them.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(alertGroupId) ? [] : [alertGroupId]
      }
    }
  }
]

output actionGroupId string = alertGroupId
