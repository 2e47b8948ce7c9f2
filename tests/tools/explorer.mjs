// Uses the API explorer as a person would, and fails with a reason where a person would be stuck.
//
//     node explorer.mjs <url of the explorer> <screenshot.png>
//
// Opens the page, looks for every operation of the document, tries the first GET operation (one without a parameter in
// its path, if there is one) and expects 200 with a list of data, enters a token in the Authorize dialog, expects it in
// the next request, and saves a picture of the result, or of the failure.
// Any error on the browser's console and any request to another host is a failure: the explorer works offline.
//
// Written against the class names of Swagger UI 5.
//
// LW_TEST_TOOLS names the folder with playwright-core, LW_TEST_CHROMIUM the browser.

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const tools = process.env.LW_TEST_TOOLS || path.join(here, '../../target/tools');
const { chromium } = createRequire(path.join(tools, 'node/package.json'))('playwright-core');

const [url, screenshot] = process.argv.slice(2);
if (!url || !screenshot) {
  console.error('usage: node explorer.mjs <url of the explorer> <screenshot.png>');
  process.exit(64);
}

const complaints = [];

const browser = await chromium.launch({
  executablePath: process.env.LW_TEST_CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-first-run',
  ],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  page.setDefaultTimeout(20_000);
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', error => complaints.push(`uncaught: ${error.message}`));
  await page.route('**/*', (route, request) => {
    const { protocol, host } = new URL(request.url());
    if (['data:', 'blob:'].includes(protocol) || host === new URL(url).host) return route.continue();
    complaints.push(`request to another host: ${request.url()}`);
    return route.abort();
  });

  page.on('websocket', socket => {
    if (new URL(socket.url()).host !== new URL(url).host) complaints.push(`socket to another host: ${socket.url()}`);
  });

  try {
    await explore(page);
  } catch (error) {
    complaints.unshift(error.message);
  }
  await page.screenshot({ path: screenshot, fullPage: true });
} catch (error) {
  complaints.unshift(error.message);
} finally {
  await browser.close();
}

if (complaints.length) {
  console.error(complaints.join('\n'));
  process.exit(1);
}

async function explore(page) {
  const answer = await step('open the page', page.goto(url));
  if (!answer.ok()) throw new Error(`${url} answers ${answer.status()}`);
  await step('show the operations', page.locator('.opblock').first().waitFor());
  await listed(page);

  const operation = await firstGet(page);
  const name = await operation.locator('.opblock-summary-path').getAttribute('data-path');
  await step(`open GET ${name}`, operation.locator('.opblock-summary-control').click());
  await step('press "Try it out"', operation.locator('.try-out__btn').click());
  await execute(operation, name);
  const body = await operation.locator('.live-responses-table .response-col_description .microlight').first().innerText();
  let data;
  try {
    data = JSON.parse(body);
  } catch {
    throw new Error(`GET ${name} shows no JSON: ${body.slice(0, 80)}`);
  }
  if (!Array.isArray(data) || !data.length) throw new Error(`GET ${name} shows no data: ${body.slice(0, 80)}`);

  await step('open the Authorize dialog', page.locator('.btn.authorize').first().click());
  const dialog = page.locator('.dialog-ux');
  await step('enter a token', dialog.locator('.auth-container input').first().fill('a-token'));
  await step('press "Authorize"', dialog.locator('.auth-btn-wrapper .authorize').first().click());
  await step('accept the token', dialog.locator('.auth-btn-wrapper .btn', { hasText: 'Logout' }).first().waitFor());
  await step('close the dialog', dialog.locator('.auth-btn-wrapper .btn-done').first().click());
  await step('show that one is authorized', page.locator('.btn.authorize.locked').first().waitFor());

  const sent = page.waitForRequest(request => new URL(request.url()).pathname === name);
  await execute(operation, name);
  const token = (await sent).headers().authorization;
  if (token !== 'a-token') throw new Error(`the token is not sent: Authorization is ${token}`);
}

// Everything that the document has is on the page.
async function listed(page) {
  const documented = await page.evaluate(async () => {
    const { paths } = await (await fetch('/openapi.json')).json();
    return Object.values(paths).flatMap(item => Object.values(item).map(operation => operation.operationId));
  });
  if (!documented.length) throw new Error('the document has no operation');
  const shown = await page.locator('.opblock-summary-operation-id').evaluateAll(
    elements => elements.map(element => element.textContent.replaceAll('\u200b', '')),
  );
  const missing = documented.filter(id => !shown.includes(id));
  if (missing.length) throw new Error(`the explorer lacks ${missing.join(', ')}`);
}

async function execute(operation, name) {
  await step('press "Execute"', operation.locator('.execute').click());
  const status = operation.locator('.live-responses-table .response .response-col_status');
  await step('show a response', status.first().waitFor());
  const code = (await status.first().innerText()).trim().split(/\s/)[0];
  if (code !== '200') throw new Error(`GET ${name} answers ${code} instead of 200`);
}

async function firstGet(page) {
  const operations = page.locator('.opblock.opblock-get');
  const paths = await operations.locator('.opblock-summary-path').evaluateAll(
    elements => elements.map(element => element.getAttribute('data-path')),
  );
  if (!paths.length) throw new Error('the explorer shows no GET operation');
  return operations.nth(Math.max(0, paths.findIndex(path => !path.includes('{'))));
}

// The browser's own message names a selector; this says what the person wanted.
async function step(wish, action) {
  try {
    return await action;
  } catch (error) {
    throw new Error(`cannot ${wish}: ${error.message.split('\n')[0]}`);
  }
}
