// Runs CQL in HL7's own engine: node hl7.mjs system.xml X.cql < cases.json
// Prints, for each case, every expected value that came out otherwise; last, how many were compared.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import * as compile from "@cqframework/cql/cql-to-elm";
import * as engine from "@cqframework/cql/engine";
import { KtMap, KtMutableSet } from "@cqframework/cql/kotlin-kotlin-stdlib";
import { BigDecimal } from "@cqframework/cql/shared";

const [system, cql] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const title = basename(process.argv[3], ".cql");
const models = new compile.ModelManager();
models.modelInfoLoader.registerModelInfoProvider(
  compile.createModelInfoProvider((id) => (id === "System" ? compile.stringAsSource(system) : null)),
);
const libraries = new compile.LibraryManager(models, new compile.CqlCompilerOptions());
libraries.librarySourceLoader.registerProvider(
  compile.createLibrarySourceProvider((id) => (id === title ? compile.stringAsSource(cql) : null)),
);
const caching = new Set([engine.CqlEngine.Options.EnableExpressionCaching]);

function value(given) {
  if (typeof given === "boolean") return new engine.Boolean(given);
  if (typeof given === "string") return new engine.String(given);
  return new engine.Decimal(BigDecimal.fromString(String(given)));
}

function evaluated(names, parameters) {
  // A fresh environment for every case.
  const environment = new engine.Environment(libraries);
  const asked = new engine.EvaluationParams.LibraryParams.Builder();
  asked.expressionsByName(names);
  const params = new engine.EvaluationParams.Builder();
  params.libraryByName(title, asked.build());
  const given = Object.entries(parameters).map(([path, each]) => [path, value(each)]);
  params.parameters = KtMap.fromJsMap(new Map(given));
  const run = new engine.CqlEngine(environment, KtMutableSet.fromJsSet(caching));
  return run.evaluate(params.build()).onlyResultOrThrow;
}

let compared = 0;
for (const { id, parameters, expected } of JSON.parse(readFileSync(0, "utf8"))) {
  const found = evaluated(Object.keys(expected), parameters);
  for (const [name, wanted] of Object.entries(expected)) {
    const got = found.getByName(name)?.value;
    compared += 1;
    if (String(got?.value ?? got ?? null) !== String(wanted)) {
      console.log(JSON.stringify({ id, name, wanted, got: String(got) }));
    }
  }
}
console.log(JSON.stringify({ compared }));
