// The officer's pages in a real browser: signs in by hand, finds a question, sees what left, declines a cube, sees it refused
// at the analyst's end, has the log verified and prints the report; axe-core looks at every page, in both languages, on a
// laptop and on a phone. Needs chromium, and puppeteer-core and axe-core beside it or in NODE_PATH.
//
//   node .ci/pages.mjs [--screenshots FOLDER] [--demo target/debug/demo] [--drempel target/debug/drempel]

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: given } = parseArgs({
  options: {
    screenshots: { type: "string" },
    demo: { type: "string", default: "target/debug/demo" },
    drempel: { type: "string", default: "target/debug/drempel" },
    chromium: { type: "string", default: process.env.CHROMIUM ?? "/usr/bin/chromium" },
    packages: { type: "string", default: process.cwd() },
  },
});
const packages = createRequire(join(given.packages, "package.json"));
const puppeteer = packages("puppeteer-core");
const axe = packages("axe-core").source;
const CUBE = "hoofdgroep-leeftijd";
const QUESTION =
  "SELECT gemeente, hoofdgroep, levensfase, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY gemeente, hoofdgroep, levensfase";
const SCREENS = { laptop: { width: 1280, height: 800 }, telefoon: { width: 390, height: 844, isMobile: true, hasTouch: true } };
const SERIOUS = ["serious", "critical"];

function must(holds, what) {
  if (!holds) throw new Error(`not so: ${what}`);
  console.log(`  ${what}`);
}

/** The demo, once its pages are there; `code()` is a code that was not used. */
async function federation(folder) {
  const demo = spawn(given.demo, ["--gemeenten", "3", "--data", folder], { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  demo.stderr.on("data", (part) => (said += part));
  const told = async (pattern, from = 0) => {
    for (let tries = 0; tries < 3000; tries += 1) {
      const found = said.slice(from).match(pattern);
      if (found) return found;
      if (demo.exitCode !== null) throw new Error(`the demo ended:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the demo did not say ${pattern}:\n${said}`);
  };
  const [, url, password] = await told(/(https:\/\/\S+)\n {2}name officer, password (\S+), code/);
  const [, coordinator, ca, token] = await told(/DREMPEL_COORDINATOR=(\S+) DREMPEL_CA=(\S+) DREMPEL_TOKEN_FILE=(\S+)/);
  let last = said.match(/, code (\d{6})/)[1];
  const code = async () => {
    for (;;) {
      const from = said.length;
      demo.stdin.write("\n");
      const [, next] = await told(/ {2}code (\d{6})/, from);
      if (next !== last) return (last = next);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  };
  const environment = { DREMPEL_COORDINATOR: coordinator, DREMPEL_CA: ca, DREMPEL_TOKEN_FILE: token };
  const ask = () => {
    const arguments_ = ["--format", "json", "query", "--partial", "--purpose", "landelijke-monitor", QUESTION];
    const asked = spawnSync(given.drempel, arguments_, { env: { ...process.env, ...environment }, encoding: "utf8" });
    return asked.stdout + asked.stderr;
  };
  return { url, password, first: last, code, ask, stop: () => demo.kill("SIGINT") };
}

async function accessible(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, help, nodes } of violations) {
    console.log(`  ${name}: ${impact} ${id}: ${help} (${nodes.map((node) => node.target.join(" ")).join(", ")})`);
  }
  return violations.filter((of) => SERIOUS.includes(of.impact)).length;
}

async function look(page, place, name) {
  let serious = 0;
  for (const [screen, viewport] of Object.entries(SCREENS)) {
    await page.setViewport(viewport);
    for (const language of ["nl", "en"]) {
      const response = await page.goto(`${place}${place.includes("?") ? "&" : "?"}taal=${language}`);
      if (response.status() !== 200) throw new Error(`${place} is ${response.status()}`);
      serious += await accessible(page, `${name}, ${screen}, ${language}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      must(!wide, `${name} fits on a ${screen} (${language})`);
      if (given.screenshots) {
        const path = join(given.screenshots, `${name}-${screen}-${language}.png`);
        await page.screenshot({ path, fullPage: true });
      }
    }
  }
  await page.setViewport(SCREENS.laptop);
  return serious;
}

async function press(page, selector) {
  await Promise.all([page.waitForNavigation(), page.click(selector)]);
}

async function run(folder) {
  const demo = await federation(folder);
  const browser = await puppeteer.launch({
    executablePath: given.chromium,
    acceptInsecureCerts: true,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage();
    const elsewhere = [];
    page.on("request", (request) => {
      // What the browser draws its own controls with is in the address itself.
      const url = request.url();
      if (!url.startsWith(demo.url) && !url.startsWith("data:")) elsewhere.push(url);
    });
    const refusals = [];
    page.on("console", (message) => message.type() === "error" && refusals.push(message.text()));
    await page.setJavaScriptEnabled(false);
    await page.goto(`${demo.url}/`);
    must(page.url().endsWith("/aanmelden"), "who is not signed in sees the form to sign in");
    await page.setJavaScriptEnabled(true);
    let serious = await look(page, `${demo.url}/aanmelden`, "aanmelden");
    await page.setJavaScriptEnabled(false);

    const signIn = async (code) => {
      await page.goto(`${demo.url}/aanmelden?taal=nl`);
      await page.type("#naam", "officer");
      await page.type("#wachtwoord", demo.password);
      await page.type("#code", code);
      await press(page, "form.velden button");
    };
    await signIn("000000");
    must((await page.content()).includes("klopt niet"), "a wrong code signs nobody in");
    await signIn(await demo.code());
    must(new URL(page.url()).pathname === "/", "the officer signs in, without JavaScript");

    must(/"jeugdigen": ?\d+/.test(demo.ask()), "an analyst asks a question, and is answered");
    await page.goto(`${demo.url}/vragen`);
    await page.type("#tekst", "levensfase");
    await page.select("#uitkomst", "answered");
    await press(page, "form.zoek button");
    must((await page.$$("tbody tr")).length > 0, "the officer finds a question by a column and its outcome");
    await press(page, "tbody tr a");
    const question = page.url();
    const rows = await page.$$eval("main table tbody tr", (all) => all.map((row) => row.lastElementChild.innerText));
    must(rows.length > 10 && rows.every((cell) => /^(\d+|verborgen)$/.test(cell)), "the officer sees the table that left");

    await page.goto(`${demo.url}/besluit?soort=kubus&naam=${CUBE}`);
    await page.click("#afwijzen");
    await page.type("#reden", "Eerst met de cliëntenraad bespreken");
    await press(page, "form.velden button");
    const declined = await page.$$eval("tbody tr", (rows) => rows.map((row) => row.innerText));
    must(declined.some((row) => row.includes(CUBE) && row.includes("afgewezen")), "the officer declines a cube");
    must(demo.ask().includes("declined the cube"), "the analyst is told that this gemeente declined the cube");

    await page.goto(`${demo.url}/`);
    await press(page, "a[href='/catalogus/voorstel']");
    const proposed = await page.$eval("main", (main) => main.innerText);
    must(/komt erbij/.test(proposed) && /Rechtmatig/.test(proposed), "the officer reads a proposed table with its weighing");
    await press(page, "a.knop");
    await page.click("#aanvaarden");
    await page.type("#reden", "Gewogen met de FG");
    await press(page, "form.velden button");
    await page.goto(`${demo.url}/catalogus/voorstel`);
    must((await page.content()).includes("catalogue adopt"), "the officer accepts the catalogue, for the beheerder to put in place");

    await page.goto(`${demo.url}/vrijgaven/voorbeeld`);
    await press(page, "main form button");
    for (let tries = 0; tries < 300 && (await page.$("main form button")) === null; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await page.goto(`${demo.url}/vrijgaven/voorbeeld`);
    }
    must((await page.$$("tbody tr")).length > 0, "the officer sees what the next release would hide, and why");

    await page.goto(`${demo.url}/logboek`);
    await press(page, "main form button");
    must((await page.content()).includes("het logboek is ongeschonden"), "the officer has the log verified");
    await page.goto(`${demo.url}/maandverslag`);
    const pdf = await page.pdf({ path: given.screenshots ? join(given.screenshots, "maandverslag.pdf") : undefined, format: "A4" });
    must(pdf.length > 10000, "the report of the month prints");

    await page.setJavaScriptEnabled(true);
    const places = ["/", "/vragen", "/kubussen", "/catalogus/voorstel", `/besluit?soort=kubus&naam=${CUBE}`, "/vrijgaven", "/vrijgaven/2025H2"];
    places.push("/vrijgaven/voorbeeld", "/vrijgaven/2025H2/verborgen", "/beleid", "/gegevens", "/gegevens/import.html", "/logboek", "/maandverslag", "/register");
    for (const place of [...places, new URL(question).pathname]) {
      const name = place === "/" ? "vandaag" : place.slice(1).split("?")[0].replaceAll("/", "-");
      serious += await look(page, `${demo.url}${place}`, name);
    }
    must(serious === 0, "axe-core finds no serious violation on any page");
    must(elsewhere.length === 0, `nothing comes from elsewhere ${elsewhere.join(" ")}`);
    must(refusals.filter((of) => of.includes("Content Security Policy")).length === 0, "no page breaks its own policy");
  } finally {
    await browser.close();
    demo.stop();
  }
}

const folder = mkdtempSync(join(tmpdir(), "drempel-pages-"));
if (given.screenshots) mkdirSync(given.screenshots, { recursive: true });
try {
  await run(join(folder, "demo"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (given.screenshots) {
  console.log(`screenshots: ${given.screenshots} (${statSync(given.screenshots).isDirectory() ? "done" : ""})`);
}
