// What the browser does between pages: Back leaves the full screen, and the page's other tabs hear of one's own tiles.
(() => {
  const full = () => document.querySelector(".block.fullscreen");
  let isFull = false;
  const look = () => requestAnimationFrame(() => {
    if (isFull === Boolean(full())) return;
    isFull = !isFull;
    if (isFull) window.history.pushState({ full: true }, "");
    else if (window.history.state?.full) window.history.back();
  });
  for (const name of ["click", "keyup"]) document.addEventListener(name, look);
  window.addEventListener("popstate", () => {
    if (!isFull) return;
    isFull = false;
    full()?.querySelector("button[aria-label='Exit fullscreen mode'], button[aria-label='退出全屏']")?.click();
  });

  // Each tab reads the browser's storage but once, when it is opened: what one keeps or removes, it tells the others.
  const channel = new BroadcastChannel("styleprop-styles");
  let known = null;
  const tell = (tiles) => {
    const text = JSON.stringify(tiles ?? []);
    if (known !== text) channel.postMessage(text);
    known = text;
  };
  channel.onmessage = ({ data }) => {
    const button = document.querySelector("button.hear, .hear button");
    if (!button || data === known) return;
    known = data;
    button.click();
  };
  const heard = () => JSON.stringify({ tiles: known, at: Date.now() }); // never the same twice
  Object.assign(window.styleprop, { tell, heard });
})();
