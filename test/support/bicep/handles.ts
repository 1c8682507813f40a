import { Handle, isRecord, Late, settle, type Value, type ValueRecord } from './late.ts';

/** Where a file's resources go: a resource group, a subscription, or the tenant. */
export class ScopeHandle extends Handle {
  readonly kind: 'tenant' | 'subscription' | 'resourceGroup';
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly tenantId: string;
  readonly location: string | undefined;

  constructor(at: {
    readonly tenantId: string;
    readonly subscriptionId?: string;
    readonly resourceGroup?: string;
    /** Of the resource group; undefined where only Azure knows it. */
    readonly location?: string | undefined;
  }) {
    super();
    this.tenantId = at.tenantId;
    this.subscriptionId = at.subscriptionId ?? '';
    this.resourceGroup = at.resourceGroup ?? '';
    this.location = at.location;
    this.kind =
      at.resourceGroup !== undefined
        ? 'resourceGroup'
        : at.subscriptionId !== undefined
          ? 'subscription'
          : 'tenant';
  }

  /** Without a slash at its end; empty for the tenant. */
  get id(): string {
    if (this.kind === 'tenant') return '';
    const subscription = `/subscriptions/${this.subscriptionId}`;
    return this.kind === 'subscription'
      ? subscription
      : `${subscription}/resourceGroups/${this.resourceGroup}`;
  }

  member(name: string): Value {
    const known: Readonly<Record<string, string | undefined>> =
      this.kind === 'tenant'
        ? { tenantId: this.tenantId }
        : this.kind === 'subscription'
          ? { id: this.id, subscriptionId: this.subscriptionId, tenantId: this.tenantId }
          : { id: this.id, name: this.resourceGroup, location: this.location };
    if (!Object.hasOwn(known, name)) throw new Error(`a ${this.kind} has no ${name}`);
    return known[name] ?? Late.unknown(`${this.id}.${name}`);
  }
}

/** A resource by its symbolic name, whether it is deployed or was there before. */
export class ResourceHandle extends Handle {
  readonly symbol: string;
  readonly type: string;
  readonly apiVersion: string;
  readonly id: string;
  readonly name: string;
  readonly scope: ScopeHandle;
  readonly isExisting: boolean;
  /** false when its condition left it out. */
  readonly isThere: boolean;
  readonly body: ValueRecord;

  constructor(of: Omit<ResourceHandle, 'member'>) {
    super();
    this.symbol = of.symbol;
    this.type = of.type;
    this.apiVersion = of.apiVersion;
    this.id = of.id;
    this.name = of.name;
    this.scope = of.scope;
    this.isExisting = of.isExisting;
    this.isThere = of.isThere;
    this.body = of.body;
  }

  member(name: string): Value {
    if (name === 'id') return this.id;
    if (name === 'name') return this.name;
    if (name === 'type') return this.type;
    if (name === 'apiVersion') return this.apiVersion;
    if (!this.isThere) throw new Error(`${this.symbol} is not deployed, yet its ${name} is read`);
    return lateMember(this.body, name, this.symbol);
  }
}

/** A module by its symbolic name. */
export class ModuleHandle extends Handle {
  readonly symbol: string;
  readonly name: string;
  readonly outputs: Readonly<Record<string, Value>> | undefined;

  /** @param outputs undefined when the module's condition left it out */
  constructor(symbol: string, name: string, outputs: Readonly<Record<string, Value>> | undefined) {
    super();
    this.symbol = symbol;
    this.name = name;
    this.outputs = outputs;
  }

  member(name: string): Value {
    if (name === 'name') return this.name;
    if (name !== 'outputs') throw new Error(`the module ${this.symbol} has no ${name}`);
    if (this.outputs === undefined) {
      throw new Error(`the module ${this.symbol} is not deployed, yet its outputs are read`);
    }
    return new Late(this.outputs);
  }
}

/** What the file itself gives a resource is known, the rest only to Azure; none of it at the start. */
function lateMember(body: ValueRecord, name: string, path: string): Value {
  const inner = body[name];
  const here = `${path}.${name}`;
  if (inner === undefined) return Late.unknown(here);
  const known = settle(inner);
  return isRecord(known) ? new PartlyKnown(known, here) : new Late(known);
}

class PartlyKnown extends Handle {
  readonly known: ValueRecord;
  readonly path: string;
  constructor(known: ValueRecord, path: string) {
    super();
    this.known = known;
    this.path = path;
  }
  member(name: string): Value {
    return lateMember(this.known, name, this.path);
  }
}
