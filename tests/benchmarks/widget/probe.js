// Put into a page before any of its own scripts.
//
//   bench.when(drawn)    asks once a frame; when it is so, gives {raf, commit, present}: the frame's start,
//                        the end of its scripts, and when it reached the screen. The last is told by the
//                        Element Timing API of a small text put in within the same frame (grain: 4 ms).
//   bench.quiet(ms)      gives the end of the last task, once there was none for that long.
//   bench.start(drawn)   the first paint, from the start of navigation.
//   bench.arm(...)       one interaction: the clock starts with the first trusted event of these types.
(() => {
  if (window.bench || window !== window.top) return;
  const waiting = new Map();
  const long = [];
  let [busyEnd, count] = [0, 0];
  const now = () => performance.now();
  const watch = (type, call) =>
    new PerformanceObserver((list) => list.getEntries().forEach(call)).observe({ type, buffered: true });
  watch("longtask", ({ startTime, duration }) => {
    long.push(duration);
    busyEnd = Math.max(busyEnd, startTime + duration);
  });
  watch("long-animation-frame", ({ startTime, duration }) => {
    busyEnd = Math.max(busyEnd, startTime + duration);
  });
  watch("element", ({ identifier, renderTime, startTime }) => {
    waiting.get(identifier)?.(renderTime || startTime);
    waiting.delete(identifier);
  });

  function mark() {
    document.getElementById("bench-mark")?.remove();
    const text = document.createElement("div");
    const name = `mark-${count++}`;
    text.id = "bench-mark";
    text.setAttribute("elementtiming", name);
    text.textContent = `frame ${count}`;
    text.style.cssText =
      "position:fixed;left:0;top:0;font:9px monospace;color:#888;z-index:2147483647;" +
      "pointer-events:none;contain:strict;width:60px;height:12px";
    (document.body ?? document.documentElement).append(text);
    return name;
  }
  const presented = () =>
    new Promise((done) => {
      const name = mark();
      waiting.set(name, done);
      // nothing in 15 s: the page may only have been busy
      setTimeout(async () => {
        if (!waiting.has(name)) return;
        await bench.quiet(500);
        if (waiting.delete(name)) done(null);
      }, 15000);
    });
  const committed = () =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(now());
      port2.postMessage(0);
    });
  const bench = {
    when: (drawn) =>
      new Promise((done) => {
        const look = async () => {
          let ready = false;
          try {
            ready = Boolean(drawn());
          } catch {
            ready = false; // what it looks at is not there yet
          }
          if (!ready) return requestAnimationFrame(look);
          const [raf, shown, commit] = [now(), presented(), committed()];
          done({ raf, commit: await commit, present: await shown });
        };
        requestAnimationFrame(look);
      }),
    // long tasks are told late, hence timers that come late count as well
    async quiet(ms) {
      let last = now();
      let calm = last;
      for (;;) {
        await new Promise((done) => setTimeout(done, 25));
        const time = now();
        if (time - last > 75) calm = busyEnd = Math.max(busyEnd, time);
        last = time;
        if (time - Math.max(calm, busyEnd) > ms) return busyEnd;
      }
    },
    start(drawn) {
      this.first = (async () => {
        const found = await this.when(drawn);
        const end = await this.quiet(300);
        const longest = long.reduce((most, one) => Math.max(most, one), 0);
        return { ...found, settle: Math.max(found.present ?? found.commit, end), longest };
      })();
    },
    arm(types, done, given) {
      const abort = new AbortController();
      this.pending = new Promise((resolve) => {
        const begin = async ({ isTrusted, timeStamp }) => {
          if (!isTrusted || abort.signal.aborted) return;
          abort.abort();
          const { raf, commit, present } = await this.when(() => done(given));
          const end = await this.quiet(150);
          const shown = present ?? commit;
          const since = (time) => time - timeStamp;
          resolve({ raf: since(raf), present: since(shown), settle: since(Math.max(shown, end)) });
        };
        for (const type of types)
          addEventListener(type, begin, { capture: true, signal: abort.signal });
      });
    },
  };
  window.bench = bench;
})();
