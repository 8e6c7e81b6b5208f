/**
 * Checks Kubernetes objects against the pinned schemas: types, required fields, values, and no field the schema lacks.
 * What only an API server evaluates (CEL rules, admission) is not checked here; deploy/tests/control-plane.mjs has one.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { schemasDir } from './deploy-render.mjs';

const require = createRequire(path.resolve(import.meta.dirname, '../apps/cli/package.json'));
const { Ajv } = require('ajv');

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const INT_OR_STRING = { type: ['integer', 'string'] };
const QUANTITY = {
  type: ['string', 'number'],
  pattern: '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$',
};

/** An OpenAPI schema as a JSON schema that allows no other fields. */
function strict(schema) {
  if (Array.isArray(schema)) return schema.map(strict);
  if (schema === null || typeof schema !== 'object') return schema;
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string')
    return INT_OR_STRING;
  const copy = Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !key.startsWith('x-kubernetes-') && key !== 'default' && key !== 'format')
      .map(([key, value]) => [
        key,
        // The keys of `properties` are names of fields, not keywords.
        key === 'properties'
          ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, strict(inner)]))
          : strict(value),
      ]),
  );
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties;
  if (schema.properties && !open) copy.additionalProperties = false;
  return copy;
}

function load(name) {
  return JSON.parse(readFileSync(path.join(schemasDir, name), 'utf8'));
}

/** The CustomResourceDefinitions of the pinned schemas, as a control plane takes them. */
export function customResourceDefinitions() {
  return ['keda.json', 'gateway-api.json'].flatMap((name) => load(name).crds);
}

/** @returns a function that gives the problems of one object as sentences; none where it is valid */
export function createValidator() {
  const { definitions } = load('kubernetes.json');
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const strictDefinitions = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, strict(definition)]),
  );
  strictDefinitions['io.k8s.apimachinery.pkg.api.resource.Quantity'] = QUANTITY;
  ajv.addSchema({ $id: 'kubernetes', definitions: strictDefinitions });

  const compiled = new Map();
  const add = (apiVersion, kind, schema) =>
    compiled.set(`${apiVersion} ${kind}`, ajv.compile(schema));
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      add(apiVersion, kind, { $ref: `kubernetes#/definitions/${name}` });
    }
  }
  for (const { spec } of customResourceDefinitions()) {
    for (const { name, schema } of spec.versions) {
      const resource = strict(schema.openAPIV3Schema);
      resource.properties.metadata = { $ref: `kubernetes#/definitions/${OBJECT_META}` };
      add(`${spec.group}/${name}`, spec.names.kind, resource);
    }
  }

  return (object) => {
    const label = `${object.kind} ${object.metadata?.name}`;
    const validate = compiled.get(`${object.apiVersion} ${object.kind}`);
    if (!validate) return [`${label}: no schema of ${object.apiVersion} ${object.kind} is pinned`];
    if (validate(object)) return [];
    return validate.errors.map(({ instancePath, message, params }) => {
      const field = params.additionalProperty ? ` (${params.additionalProperty})` : '';
      return `${label}: ${instancePath || '/'} ${message}${field}`;
    });
  };
}
