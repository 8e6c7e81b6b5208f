import { durationToSec } from '@avd/contracts';
import { escapeMarkup } from '@avd/domain';
import type { JobProgressView } from './job-events.js';
import { toPage, type Page } from './page.js';
import { recordingOf } from '../job/job-facts.js';
import type { JobPage } from '../api/list-jobs.js';
import type { JobRecord } from '../job/job-record.js';

/** The jobs, newest first. */
export function listPage({ jobs, nextPageToken }: JobPage): Page {
  const rows = jobs.map(({ record }) => {
    const { id, state, createTime } = record;
    return `<tr><td><a href="/jobs/${escapeMarkup(id)}">${escapeMarkup(id)}</a></td>
<td>${escapeMarkup(recordingOf(record))}</td><td>${state}</td><td>${lengthOf(record)}</td>
<td>${escapeMarkup(createTime)}</td></tr>`;
  });
  const next =
    nextPageToken === ''
      ? ''
      : `<p><a href="/jobs?page=${encodeURIComponent(nextPageToken)}">older jobs</a></p>`;
  const body = `<h1>Jobs</h1>
${rows.length === 0 ? '<p>There are no jobs.</p>' : ''}
<table>
<thead><tr><th>job</th><th>recording</th><th>state</th><th>length</th><th>created</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
${next}`;
  return toPage('Jobs', body);
}

function lengthOf({ media }: JobRecord): string {
  return media?.duration === undefined ? '' : `${durationToSec(media.duration).toFixed(1)} s`;
}

/** Follows the job by server-sent events and changes to its report when it is done. */
const SCRIPT = `
const byId = (id) => document.getElementById(id);
const source = new EventSource(document.body.querySelector('main').dataset.events);
const cell = (row, text) => { row.insertCell().textContent = text; };
source.onmessage = ({ data }) => {
  const job = JSON.parse(data);
  byId('state').textContent = job.state;
  byId('fraction').value = job.fraction;
  byId('percent').textContent = Math.floor(job.fraction * 100) + ' %';
  const rows = document.createElement('tbody');
  for (const step of job.steps) {
    const row = rows.insertRow();
    cell(row, step.step);
    cell(row, step.stage);
    cell(row, step.done + ' of ' + step.total + ' ' + step.unit);
    cell(row, step.doneTasks + ' of ' + step.totalTasks);
  }
  byId('steps').replaceChildren(rows);
  byId('error').textContent = job.error;
  if (!job.hasEnded) return;
  source.close();
  if (job.state === 'succeeded') location.reload();
};
source.addEventListener('gone', () => {
  source.close();
  byId('state').textContent = 'removed';
});
`;

/** A job without a result: it runs, was stopped or has failed. */
export function progressPage(record: JobRecord, view: JobProgressView): Page {
  const recording = recordingOf(record);
  const rows = view.steps.map(
    ({ step, stage, done, total, unit, doneTasks, totalTasks }) =>
      `<tr><td>${step}</td><td>${stage}</td><td>${done} of ${total} ${escapeMarkup(unit)}</td><td>${doneTasks} of ${totalTasks}</td></tr>`,
  );
  const id = escapeMarkup(record.id);
  const body = `<main data-events="/jobs/${id}/events">
<p><a href="/jobs">all jobs</a></p>
<h1>${escapeMarkup(recording)}</h1>
<p>Job ${id}: <strong id="state">${view.state}</strong></p>
<p class="error" id="error">${escapeMarkup(view.error)}</p>
${record.notices.map((notice) => `<p>${escapeMarkup(notice)}</p>`).join('\n')}
<p><progress id="fraction" max="1" value="${view.fraction}"></progress>
<span id="percent">${Math.floor(view.fraction * 100)} %</span></p>
<table id="steps"><tbody>
${rows.join('\n')}
</tbody></table>
</main>`;
  return toPage(recording, body, view.hasEnded ? '' : SCRIPT);
}
