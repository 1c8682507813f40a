/** Where questions are asked: Azure itself, or the simulated one. */
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';

export interface Place {
  readonly name: 'azure' | 'local';
  readonly httpClient: HttpClient;
  readonly credential: TokenCredential;
  /** Who asks. Thrown when nobody is signed in. */
  whoAsks(): Promise<{ readonly tenantId: string; readonly objectId: string }>;
  /** What time it is there. */
  now(): Date;
  /** Lets so much time pass there. Thrown when the run is stopped meanwhile: an AbortError. */
  passTime(seconds: number, signal: AbortSignal): Promise<void>;
  /**
   * Gives a service principal the application permission `Application.ReadWrite.OwnedBy`; undefined
   * where Graph itself is asked for it.
   */
  readonly consent: ((servicePrincipalId: string) => Promise<void>) | undefined;
}

/** The service that questions are asked about, and what it stands in. */
export interface Subject {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly service: string;
}
