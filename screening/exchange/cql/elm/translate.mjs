// Translates CQL to ELM with HL7's translator: node translate.mjs NODE_MODULES FILE.cql ...
// Writes FILE.json beside each file; prints one line of JSON for each, with every error and warning.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2);
const package_ = join(modules, "@cqframework", "cql", "cql-to-elm.mjs");
const cql = await import(pathToFileURL(package_).href);
const system = readFileSync(new URL("system.xml", import.meta.url), "utf8");

function translate(text) {
  const models = new cql.ModelManager();
  models.modelInfoLoader.registerModelInfoProvider(
    cql.createModelInfoProvider((id) => (id === "System" ? cql.stringAsSource(system) : null)),
  );
  // No annotations: they would repeat the whole text, and say nothing to an engine.
  const options = new cql.CqlCompilerOptions();
  return cql.CqlTranslator.fromText(text, new cql.LibraryManager(models, options));
}

for (const file of files) {
  const translated = translate(readFileSync(file, "utf8"));
  const problems = [...translated.exceptions.asJsReadonlyArrayView()].map((each) => ({
    severity: each.severity.name,
    message: each.message,
  }));
  const elm = JSON.parse(translated.toJson());
  writeFileSync(file.replace(/\.cql$/, ".json"), `${JSON.stringify(elm, null, 1)}\n`);
  console.log(JSON.stringify({ file, problems }));
}
