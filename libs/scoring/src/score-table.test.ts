import { expect, it } from 'vitest';
import { formatScoreTable } from './score-table.js';
import { scoreRecordings } from './score.js';

it('shows every recording, all together, the conditions and the number of speakers', () => {
  const ref = [
    { recording: 'interview', speaker: 'A', startSec: 0, endSec: 6 },
    { recording: 'interview', speaker: 'B', startSec: 6, endSec: 10 },
    { recording: 'talk', speaker: 'A', startSec: 0, endSec: 10 },
  ];
  const hyp = [
    { recording: 'interview', speaker: 'x', startSec: 0, endSec: 12 },
    { recording: 'talk', speaker: 'y', startSec: 1, endSec: 10 },
  ];
  expect(formatScoreTable(scoreRecordings(ref, hyp))).toBe(
    [
      'recording  DER %  missed %  false alarm %  confusion %  JER %  speakers ref/hyp',
      '-------------------------------------------------------------------------------',
      'interview  60.00      0.00          20.00        40.00  75.00               2/1',
      'talk       10.00     10.00           0.00         0.00  10.00               1/1',
      '-------------------------------------------------------------------------------',
      'overall    35.00      5.00          10.00        20.00  53.33               3/2',
      '',
      'collar 0 s, overlapping speech scored, 20.00 s of speech scored',
      'number of speakers: exact 50.0 %, off by one 50.0 %, mean difference 0.50',
      '',
    ].join('\n'),
  );
});
