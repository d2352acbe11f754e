// Builds the committed files of views/static from the pinned packages:
//
//	npm ci && npm run build                 writes ../static
//	npm run build -- --out /some/folder     writes there, to compare with what is committed
//
// The output depends on nothing but this folder and the templates, so two builds are equal byte for byte.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string", default: join(here, "../static") } } });
const out = resolve(values.out);
const modules = join(here, "node_modules");
const read = (...path) => readFileSync(join(...path), "utf8");
const write = (name, text) => writeFileSync(join(out, name), text);

/** icons puts the icons named in icons.txt into one sprite; a name lucide does not have stops the build. */
function icons() {
  const names = read(here, "icons.txt").split("\n").map((line) => line.trim()).filter(Boolean);
  const symbols = names.map((name) => {
    const inner = read(modules, "lucide-static/icons", `${name}.svg`).match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "").replaceAll(" />", "/>")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

/** notice names what is shipped and carries the licences, which ask to travel with the copies. */
function notice() {
  const shipped = [
    ["htmx.min.js", "htmx.org"],
    ["hls.light.min.js", "hls.js"],
    ["atrium.css", "tailwindcss"],
    ["staff.css", "tailwindcss"],
    ["atrium.css", "daisyui"],
    ["icons.svg", "lucide-static"],
  ];
  const parts = shipped.map(([file, name]) => {
    const { version, license } = JSON.parse(read(modules, name, "package.json"));
    return `${file}: ${name} ${version}, licence ${license}\n\n${read(modules, name, "LICENSE").trim()}\n`;
  });
  return `Files of this folder made from the work of others, with version and licence.\nEverything else here is Atrium's own.\n\n${parts.join(`\n${"-".repeat(72)}\n\n`)}`;
}

if (!existsSync(modules)) {
  console.error("views/styles: packages are missing; run `npm ci` in views/styles first");
  process.exit(1);
}
mkdirSync(out, { recursive: true });
for (const name of ["atrium.css", "staff.css"]) {
  const css = ["-i", join(here, name), "-o", join(out, name), "--minify"];
  execFileSync(process.execPath, [join(modules, "@tailwindcss/cli/dist/index.mjs"), ...css], { cwd: here, stdio: ["ignore", "ignore", "inherit"] });
}
// The map the last line points to is not shipped; the pointer alone would be a 404 in every open console.
write("htmx.min.js", read(modules, "htmx.org/dist/htmx.min.js").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));
write("hls.light.min.js", read(modules, "hls.js/dist/hls.light.min.js").replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n"));
write("icons.svg", icons());
write("NOTICE", notice());
