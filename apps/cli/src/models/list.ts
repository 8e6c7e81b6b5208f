import { isDownloaded, modelStatus, pullCommand } from '@avd/models';
import type { ModelEntry, ModelStatus } from '@avd/models';
import { formatSize } from './format-size.js';
import { chosenModels } from './models-context.js';
import type { ModelsContext } from './models-context.js';

type Row = readonly [ModelEntry, ModelStatus];

/** `avd models list`. */
export async function listModels(context: ModelsContext): Promise<number> {
  const rows: Row[] = [];
  for (const entry of chosenModels(context)) {
    rows.push([entry, await modelStatus(entry, context.cacheDir)]);
  }
  process.stdout.write(context.asJson ? jsonList(rows) : tableOf(rows, context.cacheDir));
  return 0;
}

function jsonList(rows: readonly Row[]): string {
  const models = rows.map(([entry, status]) => {
    const { weights, conversion, ...about } = entry;
    const { origin, ...file } = weights;
    const network = conversion?.from === 'checkpoint' ? { network: conversion.network } : {};
    return {
      ...about,
      file: { ...file, ...origin },
      format: conversion?.from ?? 'onnx',
      ...network,
      status,
    };
  });
  return `${JSON.stringify(models, undefined, 2)}\n`;
}

function tableOf(rows: readonly Row[], cacheDir: string): string {
  const header = ['model', 'profiles', 'state', 'size', 'licence', 'what it does'];
  const lines = [header, ...rows.map(cellsOf)];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const missing = rows.find(([, { state }]) => state === 'missing' || state === 'partial')?.[0];
  const next =
    missing === undefined
      ? ''
      : `To fetch: ${pullCommand([missing.profiles[0] ?? missing.name], cacheDir)}\n`;
  return `${[text[0], rule, ...text.slice(1)].join('\n')}\n\nFolder: ${cacheDir}\n${next}`;
}

function cellsOf([{ name, profiles, task, weights }, status]: Row): string[] {
  const size = weights.sizeBytes ?? status.sizeBytes;
  return [
    name,
    profiles.join(', ') || '-',
    stateText(status, isDownloaded(weights) ? weights.sizeBytes : undefined),
    size === undefined || (status.state === 'partial' && weights.sizeBytes === undefined)
      ? '-'
      : formatSize(size),
    weights.licence,
    task,
  ];
}

function stateText({ state, sizeBytes = 0 }: ModelStatus, totalBytes: number | undefined): string {
  switch (state) {
    case 'included':
    case 'ready':
      return state;
    case 'pulled':
      return 'not converted';
    case 'partial':
      return totalBytes === undefined
        ? `${formatSize(sizeBytes)} there`
        : `${Math.floor((100 * sizeBytes) / totalBytes)} % there`;
    case 'missing':
      return 'not pulled';
  }
}
