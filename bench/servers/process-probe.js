/**
 * Loaded into measured processes by `node --import`: tells the bench, over the process's own channel, how late the event
 * loop was and how much memory was resident since it last asked. JavaScript, so that nothing else is loaded with it.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readFileSync, writeFileSync } from 'node:fs';

const resolutionMs = 1;
const delays = monitorEventLoopDelay({ resolution: resolutionMs });
delays.enable();

process.on('message', (question) => {
  if (question === 'begin') {
    delays.reset();
    forgetPeak();
    process.send?.({ begun: true });
  } else if (question === 'end') {
    process.send?.({
      loopDelayMaxMs: Math.max(0, delays.max / 1e6 - resolutionMs),
      loopDelayP99Ms: Math.max(0, delays.percentile(99) / 1e6 - resolutionMs),
      rssMB: process.memoryUsage.rss() / 2 ** 20,
      peakRssMB: peakRss(),
      cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
    });
  }
});
// The channel alone must not keep a process running that has ended otherwise.
process.channel?.unref();

/** Linux keeps the peak; elsewhere what is resident now has to do. */
function peakRss() {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return process.memoryUsage.rss() / 2 ** 20;
  }
}

function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then the peak is that of the whole life of the process.
  }
}
