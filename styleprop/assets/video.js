// Two players side by side are kept in step: one shows the clip as it came, silently, the other as it was painted.
(() => {
  const LATE = 0.15; // seconds apart that are seen
  const other_of = (one) => {
    const found = [...(one.closest?.(".players")?.querySelectorAll("video") ?? [])];
    return found.includes(one) ? found.find((other) => other !== one) : undefined;
  };
  const follow = (event) => {
    const one = event.target;
    const other = other_of(one);
    if (!other || (event.type === "timeupdate" && !one.closest(".after"))) return;
    (one.closest(".after") ? other : one).muted = true;
    const time = Math.min(one.currentTime, other.duration || Infinity);
    if (Math.abs(time - other.currentTime) > LATE && !other.seeking) other.currentTime = time;
    if (event.type === "ratechange") other.playbackRate = one.playbackRate;
    if (event.type === "play") other.play().catch(() => {});
    if (event.type === "pause") other.pause();
  };
  for (const name of ["play", "pause", "seeked", "ratechange", "timeupdate"])
    document.addEventListener(name, follow, true);
})();
