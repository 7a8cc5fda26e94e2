// Gradio lays a page out piece by piece, each of which pushes the others away: shown is what has come to rest.
(() => {
  const STILL = 8, LONGEST = 60000, RESTLESS = 4000; // frames without a change; milliseconds until all is there, and after
  const NEEDED = [".masthead .pill", ".example", ".chooser", ".settings", ".actions", ".how", "footer"];
  const root = document.documentElement;
  const style = document.createElement("style");
  style.textContent = `
    .opening gradio-app { visibility: hidden; }
    .opening body::before { content: "styleprop"; position: fixed; inset: 40vh 0 auto; text-align: center; color: #888; font: 700 26px system-ui, sans-serif; }
  `;
  document.head.append(style);
  root.classList.add("opening");
  let end = performance.now() + LONGEST; // a slow phone takes a quarter of a minute
  let seen = "", still = 0;
  const look = () => {
    const isThere = NEEDED.every((part) => document.querySelector(part)); // before that there is no need to measure
    if (isThere && !seen) end = Math.min(end, performance.now() + RESTLESS);
    const parts = document.querySelectorAll(".masthead, .tab-container, .tabitem .block, .actions, footer");
    const now = isThere ? [...parts].map((part) => Math.round(part.getBoundingClientRect().top)).join() : "";
    still = isThere && now === seen ? still + 1 : 0;
    seen = now;
    if (still < STILL && performance.now() < end) return requestAnimationFrame(look);
    root.classList.remove("opening");
  };
  requestAnimationFrame(look);
})();
