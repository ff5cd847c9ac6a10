#!/usr/bin/env node
// Walks status → Extend → updated card, a reminder in a channel and a mention there, in Microsoft's own local Teams client.
//   npm ci && node walk-teams.mjs    (Debian's chromium; CHROMIUM=/path names another; NPQ=/path/to/npq)
// Leaves pictures in screenshots/teams/, to be looked at. Exit 0: every step worked. 1: one did not (failed.png shows where).
import path from 'node:path';
import { PATIENCE, freePort, gallery, here, npq, sleep, start, until, walk, withPage } from './walking.mjs';

const pictures = gallery('teams');
const REMINDERS_TAKE = 9000; // milliseconds: each pushes the page on, and nothing holds still to be pressed

/** Alex, a coordinator, at the client's page. */
class Alex {
  constructor(page) { this.page = page; }
  box() { return this.page.locator('div[role=textbox][contenteditable=true]').first(); }
  async ready() { await this.box().waitFor({ timeout: 30000 }); await sleep(1500); }
  async open(name) { await this.page.getByRole('treeitem', { name }).first().click(); await sleep(1000); }
  async says(text, mention = false) {
    await this.box().click();
    if (mention) await this.mentions();
    await this.page.keyboard.type(text);
    const post = this.page.getByRole('button', { name: 'Post', exact: true });
    if (await post.count()) await post.first().click(); else await this.page.getByRole('button', { name: 'Send Message' }).first().click();
  }
  async mentions() {
    await this.page.keyboard.type('@Test', { delay: 60 });
    const near = await this.box().boundingBox();
    for (let i = 0; i < 30; i++) {
      await sleep(100);
      for (const each of await this.page.getByText('Test Bot', { exact: true }).all()) {
        const at = await each.boundingBox();
        if (at && Math.abs(at.y - near.y) < 160 && at.x >= near.x && at.x - near.x < 200) { await each.click(); await sleep(200); await this.page.keyboard.type(' '); return; }
      }
    }
    throw new Error('nobody to mention was offered');
  }
  async sees(text) { const there = this.page.getByText(text).filter({ visible: true }).last(); await there.waitFor({ timeout: PATIENCE }); await there.scrollIntoViewIfNeeded(); }
  async presses(label) { const button = this.page.getByRole('button', { name: label, exact: true }).filter({ visible: true }); await button.last().waitFor({ timeout: PATIENCE }); await button.last().click(); }
  async fills(label, value) { const field = this.page.getByLabel(label).filter({ visible: true }).last(); await field.waitFor({ timeout: PATIENCE }); await field.click(); await field.fill(value); await this.page.keyboard.press('Tab'); }
  async chooses(label, option) { await this.page.getByLabel(label).filter({ visible: true }).last().click(); await this.page.getByRole('option', { name: option }).last().click(); }
  async picture(name) { await sleep(700); await this.page.screenshot({ path: path.join(pictures, name) }); console.log(`picture ${name}`); }
}

await walk(async (running) => {
  const [botPort, clientPort] = [await freePort(), await freePort()];
  const bot = start(npq, ['demo', '--teams', '--port', String(botPort)], process.env, 'npq.log'); running.unshift(bot);
  await until('the bot', async () => (await fetch(`http://127.0.0.1:${botPort}/healthz`)).ok, 30);
  const client = start(process.execPath, [path.join(here, 'node_modules', '@microsoft', 'm365agentsplayground', 'cli.js'), 'start', '-e', `http://127.0.0.1:${botPort}/api/messages`, '-c', 'msteams', '-p', String(clientPort), '--disable-telemetry'], { ...process.env, TEAMSAPPTESTER_BROWSER: 'none', APPLICATION_INSIGHTS_NO_STATSBEAT: '1', APPLICATION_INSIGHTS_NO_DIAGNOSTIC_CHANNEL: '1' }, 'client.log');
  running.push(client);
  const url = `http://localhost:${clientPort}/`;
  await until('the client', async () => (await fetch(url)).ok, 40);
  await withPage(url, pictures, async (page) => {
    const alex = new Alex(page); await alex.ready();
    await alex.says('status jane'); await alex.sees('Jane Harwood'); await alex.picture('1-which-jane.png');
    await alex.says('status jane hargreaves'); await alex.sees('19 November 2026'); await alex.picture('2-status.png');
    await alex.presses('Extend'); await alex.sees('New deadline'); await alex.picture('3-form.png');
    await alex.fills('New deadline', '12/1/2026'); await alex.chooses('Reason', 'Workload'); await alex.presses('Extend');
    await alex.sees('⚠'); await alex.picture('4-refused.png');
    await alex.fills('New deadline', '12/28/2026'); await alex.presses('Extend');
    await alex.sees('28 December 2026'); await alex.picture('5-recorded.png');
    await alex.open('General'); await alex.sees('What to do next'); await sleep(REMINDERS_TAKE); await alex.picture('6-reminders.png');
    await alex.says('reviews', true); await alex.sees('private chat'); await alex.picture('7-asked-in-a-channel.png');
    await alex.chooses('Whom is it about?', /./); await alex.presses('Log contact'); await alex.sees('Log a contact'); await alex.picture('8-form-on-a-post.png');
    await alex.presses('Cancel'); await alex.sees('Whom is it about?'); await alex.picture('9-post-again.png');
    await alex.open('Personal Chat'); await alex.sees('Review, invoice and meeting dates'); await alex.picture('10-answered-privately.png');
  });
});
