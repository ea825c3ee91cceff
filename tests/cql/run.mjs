// Runs ELM libraries in cql-execution: node run.mjs < requests, one line of JSON for each library:
//   {"library": "X.json", "names": [...] or null for all, "cases": [{parameter: value}], "fresh": true}
// Prints one line of JSON for each: {"names": [...], "values": [[...], ...]}, a row for each case.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import cql from "cql-execution";

async function run({ library: file, names, cases, fresh }) {
  const library = new cql.Library(JSON.parse(readFileSync(file, "utf8")), new cql.Repository({}));
  const asked = names ?? Object.keys(library.expressions);
  const values = [];
  let context;
  for (const parameters of cases) {
    // A context keeps what it has worked out.
    if (fresh || !context) context = new cql.PatientContext(library, {}, undefined, parameters);
    else context.parameters = parameters;
    const row = [];
    for (const name of asked) {
      const value = await library.expressions[name].execute(context);
      row.push(value === undefined ? "undefined" : value);
    }
    values.push(row);
  }
  return { names: asked, values };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await run(JSON.parse(line))));
}
