import type { SpanRecord } from './records.js';

export interface SpanTreeOptions {
  /** Attributes shown behind the name. @default none */
  readonly attributes?: readonly string[];
  /**
   * Order of siblings. Starts are known to the millisecond; those that are equal stay in the order given (that of
   * their ends). Use `text` where siblings run in parallel, so that the tree is the same every time.
   * @default 'start'
   */
  readonly order?: 'start' | 'text';
}

const keyOf = (traceId: string, spanId: string): string => `${traceId}/${spanId}`;

/** Spans whose parent is not among the spans given: a hole in the tree. */
export function orphanSpans(spans: readonly SpanRecord[]): SpanRecord[] {
  const known = new Set(spans.map(({ traceId, spanId }) => keyOf(traceId, spanId)));
  return spans.filter(
    ({ traceId, parentSpanId }) =>
      parentSpanId !== undefined && !known.has(keyOf(traceId, parentSpanId)),
  );
}

/**
 * The spans as an indented text, one line each: `avd.inference [avd-syncnet] avd.batch.size=8 !MODEL_FAILED`.
 * Orphans stand at the left, marked with `?`.
 */
export function spanTree(spans: readonly SpanRecord[], options: SpanTreeOptions = {}): string {
  const orphans = new Set(orphanSpans(spans));
  const children = new Map<string, SpanRecord[]>();
  for (const span of spans) {
    const isTop = span.parentSpanId === undefined || orphans.has(span);
    const parent = isTop ? '' : keyOf(span.traceId, span.parentSpanId);
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const byStart = (a: SpanRecord, b: SpanRecord): number => a.startMs - b.startMs;
  const byText = (a: SpanRecord, b: SpanRecord): number =>
    lineOf(a, options) < lineOf(b, options) ? -1 : 1;
  const render = (parent: string, indent: string): string[] =>
    (children.get(parent) ?? [])
      .sort(options.order === 'text' ? byText : byStart)
      .flatMap((span) => [
        `${indent}${orphans.has(span) ? '? ' : ''}${lineOf(span, options)}`,
        ...render(keyOf(span.traceId, span.spanId), `${indent}  `),
      ]);
  return render('', '').join('\n');
}

function lineOf(span: SpanRecord, { attributes = [] }: SpanTreeOptions): string {
  const shown = attributes
    .filter((name) => span.attributes[name] !== undefined)
    .map((name) => `${name}=${String(span.attributes[name])}`);
  const failure = span.status === 'error' ? [`!${span.statusMessage ?? ''}`] : [];
  return [span.name, `[${span.service}]`, ...shown, ...failure].join(' ');
}
