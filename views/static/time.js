// Times in the reader's zone, and relative ones kept current. The rules are those of views/times.go, so a page reads the same
// before and after.
(() => {
  "use strict";
  // The difference between this machine's clock and the server's at the moment the page was made.
  const skew = Date.now() - Date.parse(document.body.dataset.now);
  const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const zone = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
  const dayYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

  const count = (ms, unit, name) => {
    const n = Math.max(1, Math.floor((ms + unit / 2) / unit));
    return `${n} ${name}${n === 1 ? "" : "s"}`;
  };
  const relative = (at, now) => {
    const ms = Math.abs(now - at);
    const ago = (text) => (now < at ? `in ${text}` : `${text} ago`);
    if (ms < 45e3) return "just now";
    if (ms < 45 * 60e3) return ago(count(ms, 60e3, "minute"));
    if (ms < 22 * 3600e3) return ago(count(ms, 3600e3, "hour"));
    if (ms < 7 * 86400e3) return ago(count(ms, 86400e3, "day"));
    return (at.getFullYear() === now.getFullYear() ? day : dayYear).format(at);
  };
  const zoneOf = (at) => zone.formatToParts(at).find((part) => part.type === "timeZoneName").value;

  const refresh = () => {
    const now = new Date(Date.now() - skew);
    for (const time of document.querySelectorAll("time[data-when]")) {
      const at = new Date(time.dateTime);
      const text = relative(at, now);
      if (time.textContent !== text) time.textContent = text;
      time.title = `${exact.format(at)} ${zoneOf(at)}`;
    }
  };
  refresh();
  setInterval(refresh, 30e3);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.addEventListener("htmx:after:swap", refresh);
})();
