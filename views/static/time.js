// Times in the reader's zone, and relative ones kept current. The rules are those of views/times.go and views/locales.go, so a
// page reads the same before and after. The reader's zone is the one they chose, or else this machine's.
(() => {
  "use strict";
  const { now, zone, locale = "en-GB" } = document.body.dataset;
  // The difference between this machine's clock and the server's at the moment the page was made.
  const skew = Date.now() - Date.parse(now);
  const format = (options, tag = locale) => {
    try {
      return new Intl.DateTimeFormat(tag, { ...options, timeZone: zone });
    } catch { // a zone this browser does not know
      return new Intl.DateTimeFormat(tag, options);
    }
  };
  const clock = format({ hour: locale === "en-US" ? "numeric" : "2-digit", minute: "2-digit" });
  const zoneName = format({ timeZoneName: "short" }, "en-GB");
  const year = format({ year: "numeric" }, "en-GB");
  const day = format({ day: "numeric", month: "short" });
  const dayYear = format({ day: "numeric", month: "short", year: "numeric" });
  const between = locale === "ja-JP" ? " " : ", ";

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
    return (year.format(at) === year.format(now) ? day : dayYear).format(at);
  };
  const zoneOf = (at) => zoneName.formatToParts(at).find((part) => part.type === "timeZoneName").value;

  const refresh = () => {
    const now = new Date(Date.now() - skew);
    for (const time of document.querySelectorAll("time[data-when]")) {
      const at = new Date(time.dateTime);
      const exact = `${dayYear.format(at)}${between}${clock.format(at)}`;
      const text = time.dataset.when ? exact : relative(at, now);
      if (time.textContent !== text) time.textContent = text;
      time.title = `${exact} ${zoneOf(at)}`;
    }
  };
  refresh();
  setInterval(refresh, 30e3);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.addEventListener("htmx:after:swap", refresh);
})();
