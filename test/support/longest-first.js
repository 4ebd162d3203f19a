import Sequencer from '@jest/test-sequencer';

/** Where nothing is known of earlier runs, Jest would begin with the longest files: those that take minutes are in `test/chaos`. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => /[\\/]test[\\/]chaos[\\/]/.test(path);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
