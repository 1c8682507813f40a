/** Settings of the simulated Azure that Azure cannot be asked about, and why. */
export const NOT_ASKED: Readonly<Record<string, string>> = {
  'apiManagement.keyVaultPollSeconds':
    'documented ("within 4 hours"); asking would take so long, and tell of one time',
  'apiManagement.operationSeconds':
    'a duration that differs from time to time; the report tells how long each question took',
  'authorization.conditions':
    'how the simulation treats conditions that it does not evaluate; Azure evaluates them',
  'authorization.denyConditions':
    'how the simulation treats conditions that it does not evaluate; Azure evaluates them',
  'authorization.mode': 'a convenience of the simulation; Azure always enforces roles',
  'authorization.principalReplicationSeconds':
    'a duration that differs from time to time, and is waited for',
  'authorization.propagationSeconds':
    'a duration that differs from time to time (documented: up to 10 minutes), and is waited for',
  'classic.retired': 'a fact: the classic API is retired since 31 August 2024',
  'eventGrid.answerSeconds': 'documented (30 seconds); asking takes an endpoint on the internet',
  'eventGrid.deliveryScale': 'makes time pass faster in the simulation; Azure has nothing like it',
  'graph.replicationSeconds': 'a duration that differs from time to time, and is waited for',
  'keyVault.firewallForCallers':
    'where the simulation takes callers to be; in Azure that is where they are',
  'keyVault.selfIssueSeconds': 'a duration that differs from time to time',
  'keyVault.smallKeys':
    'documented (RSA of 2048, 3072 and 4096 bits); a vault that took others once cannot be made',
};
