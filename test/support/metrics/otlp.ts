/** OTLP metrics as a collector reads them: the JSON encoding of opentelemetry-proto, metrics v1. */
interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
interface Point {
  readonly attributes: readonly Attribute[];
  readonly asDouble?: number;
  readonly asInt?: number | string;
  readonly count?: number | string;
  readonly sum?: number;
  readonly explicitBounds?: readonly number[];
}
interface Points {
  readonly dataPoints: readonly Point[];
}
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly gauge?: Points;
  readonly sum?: Points & { readonly isMonotonic: boolean };
  readonly histogram?: Points;
}
interface Export {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

export interface ReadMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  readonly points: readonly {
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly value: number;
    readonly count?: number;
    readonly bounds?: readonly number[];
  }[];
}

/** The resource's attributes and every metric of one export, by its name. */
export function readOtlp(body: string) {
  const { resourceMetrics } = JSON.parse(body) as Export;
  const metrics = resourceMetrics
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .map(toMetric);
  return {
    resource: toRecord(resourceMetrics.flatMap(({ resource }) => resource.attributes)),
    metrics: new Map(metrics.map((metric) => [metric.name, metric])),
  };
}

function toMetric({ name, unit, gauge, sum, histogram }: Metric): ReadMetric {
  const kind = gauge !== undefined ? 'gauge' : sum !== undefined ? 'sum' : 'histogram';
  const points = (gauge ?? sum ?? histogram)?.dataPoints ?? [];
  return { name, unit, kind, points: points.map(toPoint) };
}

function toPoint(point: Point): ReadMetric['points'][number] {
  const { attributes, count, explicitBounds } = point;
  return {
    attributes: toRecord(attributes),
    value: Number(point.asDouble ?? point.asInt ?? point.sum),
    ...(count === undefined ? {} : { count: Number(count) }),
    ...(explicitBounds === undefined ? {} : { bounds: explicitBounds }),
  };
}

function toRecord(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, Object.values(value)[0]] as const),
  );
}
