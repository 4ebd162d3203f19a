import { type UserEntry } from '../../users/user-reference.js';
import { type CheckReport } from './check/check-report.js';
import { type AnsweredEntry, type ErasureAnswer, erasePath } from './demo-client.js';
import { type Verdict } from './verdict.js';

const width = 100;

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Who was erased and how fast, by the service's own clock, and how many rows of each collection. */
export function erasedText(answer: ErasureAnswer, report: CheckReport): string {
  const rows = Object.values(answer.erased).reduce((sum, each) => sum + each, 0);
  const ms = Date.parse(answer.lastUpdatedOn) - Date.parse(answer.createdOn);
  const people = answer.response.filter(({ status, sameAs }) => status === 'SUCCESS' && sameAs === undefined);
  const lines = report.tables
    .filter(({ expected }) => expected > 0)
    .map(({ name, expected, overwritten }) => {
      const collection = `platform.${name}`;
      const note =
        overwritten === 0
          ? ''
          : overwritten === expected
            ? '   kept for counting, de-identified'
            : `   ${thousands(overwritten)} of them stay for others who share them, without the person`;
      return `  ${thousands(answer.erased[collection] ?? 0).padStart(9)}  ${collection}${note}`;
    });
  return [
    `${thousands(people.length)} people erased in ${seconds(ms)}: ${thousands(rows)} rows, ${thousands((rows * 1000) / Math.max(ms, 1))} rows a second`,
    ...lines,
  ].join('\n');
}

/** Entries that ended in another way than a plain SUCCESS: in groups of one reason, in the words of the service. */
export function othersText({ response }: ErasureAnswer): string {
  const [erased, kept] = [true, false].map((success) =>
    response.filter((entry) => (entry.status === 'SUCCESS') === success),
  );
  const remarkable = erased?.filter(({ reason, sameAs }) => reason !== undefined || sameAs !== undefined);
  return [
    'Erased, with a word on how',
    ...groupsOf(remarkable ?? []),
    '',
    'Not erased, and why',
    ...groupsOf(kept ?? []),
  ].join('\n');
}

function groupsOf(entries: readonly AnsweredEntry[]): string[] {
  const groups = new Map<string, AnsweredEntry[]>();
  for (const entry of entries) {
    const name = [titleOf(entry), entry.message ?? ''].join('\n');
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  return [...groups].flatMap(([name, members]) => {
    const [title = '', sentence = ''] = name.split('\n');
    const example = members[0] ? shown(members[0].userId) : '';
    return [
      `${String(members.length).padStart(6)}  ${title}   ${example}${members.length > 1 ? ', …' : ''}`,
      ...wrapped(sentence, ' '.repeat(8)),
    ];
  });
}

/** What the check by SQL found. */
export function checkText(verdict: Verdict, report: CheckReport, entries: number): string {
  const expected = report.tables.reduce((sum, table) => sum + table.expected, 0);
  const others = report.tables.reduce((sum, table) => sum + table.othersBefore.rows, 0);
  const left = report.tables.reduce((sum, table) => sum + table.left, 0);
  const overwritten = report.tables.reduce((sum, table) => sum + table.overwritten, 0);
  const tables = report.tables.length;
  const line = (text: string, problems: readonly string[]): string[] => [
    `  ${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${text}`,
    ...problems.slice(0, 10).map((problem) => `            ${problem}`),
  ];
  return [
    'Checked by SQL that shares nothing with the service',
    ...line(
      `rows of erased people left: ${thousands(left)} of ${thousands(expected)} (${thousands(overwritten)} overwritten ones were read back)`,
      verdict.left,
    ),
    ...line(
      `${thousands(others)} rows of everybody else, in ${tables} tables: same checksums before and after`,
      verdict.changed,
    ),
    ...line('the service counted as many rows of each collection as were there', verdict.counts),
    ...line(`${thousands(entries)} entries ended as the sample demands it`, verdict.outcomes),
  ].join('\n');
}

/** The call as it goes to a service that `npm start` has started. */
export function curlText(userIds: readonly UserEntry[]): string {
  const one = (fits: (entry: UserEntry) => boolean): UserEntry[] => userIds.filter(fits).slice(0, 1);
  const few = [
    ...one((entry) => typeof entry === 'string' && entry.startsWith('u-')),
    ...one((entry) => typeof entry === 'string' && entry.includes('@')),
    ...one((entry) => typeof entry === 'string' && entry.includes('/')),
    ...one((entry) => typeof entry === 'object' && 'channelId' in entry),
  ];
  return [
    `The call that did it, with ${few.length} of its ${thousands(userIds.length)} entries`,
    `  TOKEN=$(npx --no expunge token --client-id CLIENT_ID)`,
    `  curl -X DELETE http://127.0.0.1:3000${erasePath} \\`,
    `    -H "auth: $TOKEN" -H 'content-type: application/json' \\`,
    `    -d '{"userIds": [${few.map((entry) => JSON.stringify(entry)).join(', ')}], "RemoveDataFromAllBots": true}'`,
  ].join('\n');
}

function titleOf({ status, reason, sameAs }: AnsweredEntry): string {
  if (sameAs !== undefined) return `${status}, the person of another entry`;
  return [status, reason].filter((part) => part !== undefined).join(' ');
}

function shown(entry: UserEntry): string {
  return typeof entry === 'string' ? entry : JSON.stringify(entry);
}

function wrapped(sentence: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ').filter((each) => each !== '')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** How to go on. */
export const startText = [
  'Start the service for good',
  '  npm start          embedded PostgreSQL in .expunge/, empty; says how to make a client app and a token',
].join('\n');
