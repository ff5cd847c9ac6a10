#!/usr/bin/env node
// Walks status → Extend → updated post, as a person would, in a Slack-like workspace on loopback.
//   npm ci && node walk.mjs          (Debian's chromium; CHROMIUM=/path names another; NPQ=/path/to/npq)
// Leaves pictures in screenshots/, to be looked at. Exit 0: every step worked. 1: one did not (failed.png shows where).
import fs from 'node:fs';
import path from 'node:path';
import { PATIENCE, folder, freePort, gallery, here, npq, run, sleep, start, until, walk, withPage } from './walking.mjs';

const pictures = gallery('slack');

const PEOPLE = `participant_id,full_name,course,cohort,delivery_partner,email,school,application_status,contract_returned_on,sponsorship_returned_on
p-001,Jane Smith,NPQLTD,1,Northern Hub,jane.smith@example.org,Ashfield Primary,accepted,2021-11-20,2021-11-20
p-002,Jane Doe,NPQLTD,1,Northern Hub,jane.doe@example.org,Beck Lane Academy,accepted,2021-11-20,
p-003,Ann <!channel> & Co,NPQLT,1,Northern Hub,ann@example.org,Cedar High,accepted,2021-11-20,2021-11-20
p-004,Omar Haddad,NPQLBC,1,Northern Hub,omar@example.org,Ashfield Primary,accepted,2021-11-20,2021-11-20
`;
const DECLARED = `participant_id,output,declared_on,evidence_cutoff,state
${['p-001', 'p-002', 'p-003', 'p-004'].map((id) => `${id},1,2021-12-20,2021-12-13,payable`).join('\n')}
`;

/** Sam at the workspace's page. */
class Sam {
  constructor(page) { this.page = page; }
  async ready() { await this.page.locator('textarea.composer-input').first().waitFor({ timeout: PATIENCE }); }
  async open(channel) { await this.page.locator('button.sidebar-item', { hasText: channel }).first().click(); }
  async says(text) { const box = this.page.locator('textarea.composer-input').first(); await box.fill(text); await this.page.getByRole('button', { name: 'Send', exact: true }).first().click(); }
  async sees(text) { const there = this.page.getByText(text).filter({ visible: true }).last(); await there.waitFor({ timeout: PATIENCE }); await there.scrollIntoViewIfNeeded(); }
  async seesNoMore(text) { await this.page.getByText(text).first().waitFor({ state: 'hidden', timeout: PATIENCE }); }
  async presses(label) { const button = this.page.getByRole('button', { name: label, exact: true }).filter({ visible: true }); await button.last().waitFor({ timeout: PATIENCE }); await button.last().click(); }
  form() { return this.page.locator('[class*=modal]').filter({ visible: true }).first(); }
  async fills(label, value) { await this.form().getByText(label, { exact: true }).locator('xpath=following::*[self::input or self::textarea][1]').first().fill(value); }
  async chooses(label, option) { await this.form().getByText(label, { exact: true }).locator('xpath=following::select[1]').first().selectOption({ label: option }); }
  async picture(name) { await sleep(300); await this.page.screenshot({ path: path.join(pictures, name) }); console.log(`picture ${name}`); }
}

await walk(async (running) => {
  const [slackPort, npqPort] = [await freePort(), await freePort()];
  const slackUrl = `http://localhost:${slackPort}`;
  const env = {
    ...process.env, DATABASE_URL: `sqlite:///${folder}/npq.db`, NPQ_NOW: '2022-06-16T09:30:00+01:00', NPQ_PACK: 'edt-v18', PORT: String(npqPort),
  SLACK_BOT_TOKEN: 'xoxb-browser-walk', SLACK_APP_TOKEN: 'xapp-browser-walk', SLACK_SIGNING_SECRET: 'browser-walk-signing-secret', SLACK_API_URL: `${slackUrl}/api/`,
  };
  const slack = start(path.join(here, 'node_modules', 'local-slack-linux-x64', 'bin', 'local-slack'), ['--config', path.join(here, 'local-slack.yaml'), '--port', String(slackPort)], process.env, 'slack.log');
  running.push(slack);
  await until('the workspace', async () => (await fetch(`${slackUrl}/_control/state`)).ok);
  fs.writeFileSync(path.join(folder, 'people.csv'), PEOPLE); fs.writeFileSync(path.join(folder, 'declared.csv'), DECLARED);
  run(env, 'migrate');
  run(env, 'import', 'people.csv', 'declared.csv');
  run(env, 'staff', 'add', '--platform', 'slack', '--id', 'U01SAM', '--name', 'Sam Coordinator', '--role', 'coordinator', '--partner', 'Northern Hub');
  run(env, 'place', 'add', '--platform', 'slack', '--id', 'C01TEAM', '--partner', 'Northern Hub');
  run(env, 'tick');
  const bot = start(npq, ['serve'], env, 'npq.log'); running.unshift(bot);
  await until('Socket Mode', async () => /socket connected/.test(await (await fetch(`${slackUrl}/_control/log`)).text()));
  await withPage(slackUrl, pictures, async (page) => {
    const sam = new Sam(page); await sam.ready(); await sam.open('npq-cohort-1');
    await sam.sees('Jane Smith'); await sam.picture('1-post.png');
    await sam.says('/npq help'); await sam.sees('at-risk'); await sam.picture('2-help.png');
    await sam.says('/npq status jane'); await sam.sees('Jane Doe'); await sam.picture('3-which-jane.png');
    await sam.says('/npq status jane smith'); await sam.sees('23 June 2022'); await sam.picture('4-status.png');
    await sam.presses('Extend'); await sam.sees('New deadline'); await sam.picture('5-form.png');
    await sam.fills('New deadline', '2022-06-20'); await sam.chooses('Reason', 'Workload'); await sam.presses('Extend');
    await sam.sees('later'); await sam.picture('6-refused.png');
    await sam.fills('New deadline', '2022-07-29'); await sam.presses('Extend');
    await sam.sees('29 July 2022'); await sam.picture('7-recorded.png');
    await sam.presses('Close'); await sam.seesNoMore('Recorded'); await sam.sees('by Sam Coordinator'); await sam.picture('8-post-updated.png');
  });
});
