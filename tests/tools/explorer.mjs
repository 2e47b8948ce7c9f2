// Uses the API explorer as a person would, and fails with a reason where a person would be stuck.
//
//     node explorer.mjs <url of the explorer> <screenshot.png> [<login>]
//
// Opens the page, looks for every operation of the document, tries the first GET operation (one without a parameter in
// its path, if there is one) and expects 200 with a list of data, enters a token in the Authorize dialog, expects it in
// the next request, and saves a picture of the result, or of the failure.
// With a login, it does this instead: it calls what is closed and expects to be refused, logs in through the explorer,
// enters the token that is shown in the Authorize dialog, and expects what is closed to answer 200. The login is JSON:
// {"path": "/api/Customers/login", "credentials": {…}, "closed": "/api/Customers/{id}", "id": 1}.
//
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

const [url, screenshot, login] = process.argv.slice(2);
if (!url || !screenshot) {
  console.error('usage: node explorer.mjs <url of the explorer> <screenshot.png> [<login>]');
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
    await open(page);
    if (login) await logIn(page, JSON.parse(login));
    else await explore(page);
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

async function open(page) {
  const answer = await step('open the page', page.goto(url));
  if (!answer.ok()) throw new Error(`${url} answers ${answer.status()}`);
  await step('show the operations', page.locator('.opblock').first().waitFor());
  await listed(page);
}

async function explore(page) {
  const operation = await firstGet(page);
  const name = await tryOut(operation);
  const data = await execute(operation, name);
  if (!Array.isArray(data) || !data.length) throw new Error(`${name} shows no data: ${JSON.stringify(data)}`);
  await authorize(page, 'a-token');
  await sends(page, name, 'a-token', execute(operation, name));
}

async function logIn(page, { path: login, credentials, closed, id }) {
  const protectedOperation = operationAt(page, 'get', closed);
  const name = await tryOut(protectedOperation);
  await step('enter the id', protectedOperation.locator('.parameters input').first().fill(String(id)));
  // The browser itself complains about the refusal that is wanted here.
  const before = complaints.length;
  await execute(protectedOperation, name, '401');
  complaints.length = before;

  const loginOperation = operationAt(page, 'post', login);
  await tryOut(loginOperation);
  const body = loginOperation.locator('.body-param__text');
  await step('enter the credentials', body.fill(JSON.stringify(credentials)));
  const token = await execute(loginOperation, login);
  if (typeof token?.id !== 'string') throw new Error(`${login} shows no token: ${JSON.stringify(token)}`);

  await authorize(page, token.id);
  await sends(page, closed.replace('{id}', id), token.id, execute(protectedOperation, name));
}

function operationAt(page, verb, name) {
  return page.locator(`.opblock.opblock-${verb}`).filter({ has: page.locator(`[data-path="${name}"]`) });
}

async function tryOut(operation) {
  const name = await operation.locator('.opblock-summary-path').getAttribute('data-path');
  await step(`open ${name}`, operation.locator('.opblock-summary-control').click());
  await step('press "Try it out"', operation.locator('.try-out__btn').click());
  return name;
}

async function authorize(page, token) {
  await step('open the Authorize dialog', page.locator('.btn.authorize').first().click());
  const dialog = page.locator('.dialog-ux');
  await step('enter a token', dialog.locator('.auth-container input').first().fill(token));
  await step('press "Authorize"', dialog.locator('.auth-btn-wrapper .authorize').first().click());
  await step('accept the token', dialog.locator('.auth-btn-wrapper .btn', { hasText: 'Logout' }).first().waitFor());
  await step('close the dialog', dialog.locator('.auth-btn-wrapper .btn-done').first().click());
  await step('show that one is authorized', page.locator('.btn.authorize.locked').first().waitFor());
}

// The request to `name` that something makes carries the token.
async function sends(page, name, token, made) {
  const sent = page.waitForRequest(request => new URL(request.url()).pathname === name);
  const [request, answered] = await Promise.all([sent, made]);
  const { authorization } = request.headers();
  if (authorization !== token) throw new Error(`the token is not sent: Authorization is ${authorization}`);
  return answered;
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

// What is answered, once the operation has answered with the status that is expected.
async function execute(operation, name, expected = '200') {
  const table = operation.locator('.live-responses-table');
  const status = table.locator('.response .response-col_status', { hasText: expected });
  await step('press "Execute"', operation.locator('.execute').click());
  await step('show a response', table.locator('.response .response-col_status').first().waitFor());
  await step(`show ${expected} of ${name}`, status.first().waitFor());
  const body = await table.locator('.response-col_description .microlight').first().innerText();
  try {
    return JSON.parse(body);
  } catch {
    throw new Error(`${name} shows no JSON: ${body.slice(0, 80)}`);
  }
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
