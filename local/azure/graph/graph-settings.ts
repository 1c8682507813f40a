/** Where no source says what Microsoft Graph does, or sources differ; at `/_local/settings`. */
import { makeSettingKinds } from '../core/setting-kinds.ts';
import type { Settings } from '../service.ts';

export interface GraphSettings {
  /** Simulated seconds for which reads, and sign-ins, go by what was before a change. */
  replicationSeconds(): number;
  keyWithoutValue(): 'keep' | 'drop' | 'refuse';
  resentEntry(): 'whole' | 'given';
  keyEndDate(): 'certificate' | 'year';
  keyIdentifier(): 'bytes' | 'hex';
  duplicateCertificate(): 'accept' | 'refuse';
  ownedByReads(): 'all' | 'owned';
}

export function defineGraphSettings(settings: Settings): GraphSettings {
  const { choice, seconds } = makeSettingKinds(settings);
  return {
    replicationSeconds: seconds(
      'graph.replicationSeconds',
      0,
      'how long after a change of an application reads and sign-ins go by what was before',
    ),
    keyWithoutValue: choice(
      'assumptions.graphKeyWithoutValue',
      ['keep', 'drop', 'refuse'],
      'PATCH keyCredentials with an existing entry that is sent without its key: it stays, is lost, or a 400',
    ),
    resentEntry: choice(
      'assumptions.graphResentEntry',
      ['whole', 'given'],
      'an existing entry sent again has to be unchanged: a missing customKeyIdentifier counts as a change, or only what is sent is compared',
    ),
    keyEndDate: choice(
      'assumptions.graphKeyEndDate',
      ['certificate', 'year'],
      "the latest end of a credential: its certificate's, or besides one year from its start",
    ),
    keyIdentifier: choice(
      'assumptions.graphKeyIdentifier',
      ['bytes', 'hex'],
      "customKeyIdentifier where none is sent: the thumbprint's bytes in base64, or its 40 hexadecimal digits",
    ),
    duplicateCertificate: choice(
      'assumptions.graphDuplicateCertificate',
      ['accept', 'refuse'],
      'two entries of one application with the same certificate',
    ),
    ownedByReads: choice(
      'assumptions.graphOwnedByReads',
      ['all', 'owned'],
      'what Application.ReadWrite.OwnedBy may read: every application, or owned ones',
    ),
  };
}
