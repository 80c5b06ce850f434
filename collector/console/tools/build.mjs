// Builds the console into a folder that the collector serves: node tools/build.mjs OUT docs/openapi.json. Types come from the
// API's document each time, so what the API no longer gives does not compile; a message that one language lacks does not either.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(dirname(fileURLToPath(import.meta.url)));
const [out, document] = process.argv.slice(2, 4).map((path) => resolve(path));
const firstScreen = 320_000; // bytes packed, of what the overview needs (CONSOLE: budget)

const run = (program, ...args) => {
  const path = join(here, "node_modules", ".bin", program);
  execFileSync(path, args, { cwd: here, stdio: "inherit", env: { ...process.env, ANLAN_CONSOLE_OUT: out } });
};

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]));

/// A packed form beside whatever becomes smaller by it. The same bytes for the same content: no time inside.
const pack = () => {
  for (const file of files(out)) {
    const plain = readFileSync(file);
    const packed = gzipSync(plain, { level: 9 });
    if (plain.length > 1024 && packed.length < 0.9 * plain.length) writeFileSync(`${file}.gz`, packed);
  }
};

const weight = (name) => {
  const file = join(out, name);
  try {
    return statSync(`${file}.gz`).size;
  } catch {
    return statSync(file).size;
  }
};

/// What index.html names, and what those scripts import at once.
const first = () => {
  const wanted = [...readFileSync(join(out, "index.html"), "utf8").matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]);
  const seen = new Set(["index.html"]);
  for (let name = wanted.pop(); name; name = wanted.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (name.endsWith(".js")) for (const match of readFileSync(join(out, name), "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) wanted.push(`assets/${match[1]}`);
  }
  return [...seen];
};

mkdirSync(join(here, "src", "api"), { recursive: true });
run("openapi-typescript", document, "-o", "src/api/schema.d.ts");
run("vue-tsc", "--noEmit");
run("vite", "build", "--logLevel", "warn");
pack();
const size = first().reduce((sum, name) => sum + weight(name), 0);
console.log(JSON.stringify({ figure: "console.first_screen", value: size, unit: "bytes packed", budget: firstScreen, holds: size <= firstScreen }));
if (size > firstScreen) process.exit(1);
