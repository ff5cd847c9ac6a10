// What both walks need: free ports, processes that are stopped again, and a page in headless Chromium that reaches loopback alone.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const here = path.dirname(fileURLToPath(import.meta.url));
export const npq = process.env.NPQ || path.join(here, '..', '..', '.venv', 'bin', 'npq');
export const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'npq-walk-'));
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const PATIENCE = 10000;

export function freePort() {
  return new Promise((done) => { const s = net.createServer(); s.listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); }); });
}

export function start(command, args, env, log) {
  const out = fs.openSync(path.join(folder, log), 'w');
  const child = spawn(command, args, { env, cwd: folder, stdio: ['ignore', out, out] });
  return { child, log: path.join(folder, log), stop: () => new Promise((done) => { if (child.exitCode !== null) return done(); child.once('exit', done); child.kill('SIGTERM'); setTimeout(() => child.kill('SIGKILL'), 5000).unref(); }) };
}

export function run(env, ...args) {
  const done = spawnSync(npq, args, { env, cwd: folder, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`npq ${args.join(' ')}: ${done.stderr || done.error}`);
}

export async function until(what, holds, seconds = 20) {
  for (let i = 0; i < seconds * 10; i++) { if (await holds().catch(() => false)) return; await sleep(100); }
  throw new Error(`${what} did not happen in ${seconds} s`);
}

export async function withPage(url, pictures, walk) {
  const context = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, viewport: { width: 1300, height: 1000 },
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  await context.route('**/*', (route) => (/^(data|blob|about):/.test(route.request().url()) || ['localhost', '127.0.0.1'].includes(new URL(route.request().url()).hostname) ? route.continue() : route.abort()));
  const page = context.pages()[0] ?? (await context.newPage());
  try { await page.goto(url); await walk(page); } catch (error) { await page.screenshot({ path: path.join(pictures, 'failed.png') }).catch(() => {}); throw error; } finally { await context.close(); }
}

/** Stops everything, saying what it wrote when something went wrong; then leaves with 0 or 1. */
export async function walk(steps) {
  const running = [];
  let failed;
  try { await steps(running); console.log('walked'); } catch (error) {
    failed = error;
    for (const each of running) console.error(`--- ${each.log}\n${fs.readFileSync(each.log, 'utf8').slice(-3000)}`);
  }
  for (const each of running) await each.stop();
  fs.rmSync(folder, { recursive: true, force: true });
  if (failed) console.error(failed.stack ?? failed);
  process.exit(failed ? 1 : 0);
}

/** An empty folder for pictures. */
export function gallery(name) {
  const pictures = path.join(here, 'screenshots', name);
  fs.rmSync(pictures, { recursive: true, force: true }); fs.mkdirSync(pictures, { recursive: true });
  return pictures;
}
