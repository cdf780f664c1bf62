// Builds what pages load into the folder given as the first argument: one stylesheet, scripts, fonts, icons, the licences
// of all of it, and manifest.json, which tells the name with the digest under which each is served.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";

const here = dirname(fileURLToPath(import.meta.url));
const templates = join(here, "..", "templates");
const target = process.argv[2];
const manifest = {};

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "licences"), { recursive: true });

function keep(name, content) {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const kept = `${basename(name, extname(name))}-${digest}${extname(name)}`;
  writeFileSync(join(target, kept), content);
  if (extname(name) !== ".woff2") {
    writeFileSync(join(target, `${kept}.gz`), gzipSync(content, { level: 9 }));
  }
  manifest[name] = kept;
  return kept;
}

function pages() {
  return readdirSync(templates, { recursive: true })
    .filter((name) => name.endsWith(".html"))
    .map((name) => readFileSync(join(templates, name), "utf-8"));
}

// Dark rules of the design system hang on an attribute. For people who let their system choose they are said once more,
// for `auto` under the media query, so that this works without a script.
function automaticDark(root) {
  const dark = /\[data-bs-theme=["']?dark["']?\]/g;
  const repeated = [];
  root.walkRules((rule) => {
    if (rule.selector.match(dark) && !rule.selector.includes("data-bs-theme=auto")) {
      const copy = rule.clone({ selector: rule.selector.replace(dark, "[data-bs-theme=auto]") });
      repeated.push(rule.parent.type === "atrule" ? wrapped(rule.parent, copy) : copy);
    }
  });
  const media = postcss.atRule({ name: "media", params: "(prefers-color-scheme: dark)" });
  media.append(repeated);
  root.append(media);
}

function wrapped(outer, rule) {
  const copy = outer.clone({ nodes: [] });
  copy.append(rule);
  return copy;
}

async function stylesheet() {
  const made = await build({
    entryPoints: [join(here, "src", "guildmap.css")], bundle: true, write: false, outdir: "out",
    loader: { ".woff2": "file" }, assetNames: "[name]-[hash]", legalComments: "none",
  });
  let css = "";
  for (const file of made.outputFiles) {
    if (file.path.endsWith(".css")) css = file.text;
    else writeFileSync(join(target, basename(file.path)), file.contents);
  }
  const [purged] = await new PurgeCSS().purge({
    content: [...pages().map((raw) => ({ raw, extension: "html" }))],
    css: [{ raw: css }],
    variables: false,
    // What is made by a template's expression (`status-{{ colour }}`), and the attributes that choose light or dark.
    safelist: { standard: [/^data-bs-/, /^htmx-/], deep: [/data-bs-theme/], greedy: [/^gm-(person|community|skill|orgunit|question|advice|meeting)$/, /^(status|bg|text)-(green|yellow|red|blue|azure|secondary)(-lt)?$/] },
    defaultExtractor: (text) => text.match(/[\w-/:.]+(?<!:)/g) ?? [],
  });
  const dark = await postcss([{ postcssPlugin: "automatic-dark", OnceExit: automaticDark }]).process(purged.css, { from: undefined });
  const { code } = await transform(dark.css, { loader: "css", minify: true, target: ["chrome111", "firefox113", "safari16.4"] });
  keep("guildmap.css", code);
}

async function script(name) {
  const made = await build({
    entryPoints: [join(here, "src", name)], bundle: true, minify: true, write: false, format: "iife", target: "es2022",
    legalComments: "none",
  });
  keep(name, made.outputFiles[0].text);
}

// One file with the icons that templates name by `icon("…")`.
function icons() {
  const named = new Set(pages().flatMap((text) => [...text.matchAll(/icon\("([\w-]+)"/g)].map((found) => found[1])));
  const folder = join(here, "node_modules", "@tabler", "icons", "icons", "outline");
  const symbols = [...named].sort().map((name) => {
    const drawn = readFileSync(join(folder, `${name}.svg`), "utf-8");
    const inside = drawn.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${inside}</symbol>`;
  });
  keep("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
}

// Some packages name their licence and leave out its text.
const MIT = (holders) => `MIT License

${holders}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
const HOLDERS = {
  "@tabler/core": "Copyright 2018-2026 The Tabler Authors\nCopyright 2018-2026 codecalm.net Paweł Kuna\n" +
    "Parts: Copyright 2011-2026 The Bootstrap Authors",
};

function licences() {
  const used = JSON.parse(readFileSync(join(here, "package.json"), "utf-8")).dependencies;
  // With what these bring along into the bundles.
  for (const name of [...Object.keys(used), "zrender", "tslib"]) {
    const folder = join(here, "node_modules", name);
    const kept = join(target, "licences", `${name.replace("@", "").replace("/", "-")}.txt`);
    const text = readdirSync(folder).find((file) => /^licen[cs]e(\.\w+)?$/i.test(file));
    if (text !== undefined) copyFileSync(join(folder, text), kept);
    else if (name in HOLDERS) writeFileSync(kept, MIT(HOLDERS[name]));
    else throw new Error(`${name} has no licence text`);
  }
}

await stylesheet();
await script("guildmap.js");
await script("charts.js");
keep("mark.svg", readFileSync(join(here, "src", "mark.svg")));
icons();
licences();
writeFileSync(join(target, "manifest.json"), JSON.stringify(manifest, null, 2));
