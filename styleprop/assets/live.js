// The camera, painted: the newest picture is sent, the painting is shown, and only then the next is taken.
(() => {
  const { words } = window.styleprop;
  const [LEAST, MOST, STEP] = [256, 384, 64]; // pixels of the shorter side
  const [SLOW, QUICK] = [150, 90]; // ms a picture beyond which it is made smaller or larger
  const part = (name) => document.querySelector(`.live ${name}`);
  const tell = (sentence) => { if (part("p")) part("p").textContent = sentence };
  let now = null; // what is shown: {url, stream}
  let turn = 0; // how often Start and Stop were clicked: a camera that was allowed too late is let go

  const end = (sentence) => {
    turn += 1;
    if (!now) return;
    const { url, stream } = now;
    now = null;
    for (const track of stream.getTracks()) track.stop();
    fetch(url, { method: "POST", keepalive: true }).catch(() => {}); // without a picture: the seat is left
    tell(sentence);
  };

  const grab = (video, side) => new Promise((done) => {
    const scale = Math.min(1, side / Math.min(video.videoWidth, video.videoHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    canvas.toBlob(done, "image/jpeg", 0.85);
  });

  const show = async (blob) => {
    const [bitmap, canvas] = [await createImageBitmap(blob), part("canvas")];
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
  };

  const watch = async (run, video) => {
    let [side, taken] = [320, []];
    while (now === run) {
      if (document.hidden || !video.isConnected || !part("canvas").offsetParent) return end(words.hidden);
      const start = performance.now();
      const frame = await grab(video, side);
      const answer = await fetch(run.url, { method: "POST", body: frame, headers: { "content-type": "image/jpeg" } });
      if (now !== run) return;
      if (!answer.ok) return end((await answer.json()).detail);
      await show(await answer.blob());
      if (now !== run) return;
      const spent = performance.now() - start;
      taken = [...taken.slice(-19), spent];
      side = Math.min(MOST, Math.max(LEAST, side + (spent > SLOW ? -STEP : spent < QUICK ? STEP : 0)));
      const rate = (1000 * taken.length / taken.reduce((sum, one) => sum + one, 0)).toFixed(0);
      tell(rate === "1" ? words.slow : words.rate.replace("{rate}", rate));
    }
  };

  const begin = async (token) => {
    end("");
    const [video, mine] = [part("video"), turn];
    if (!navigator.mediaDevices?.getUserMedia) return tell(words.secure);
    const url = `${window.gradio_config?.root ?? ""}/live/${token}`;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } } });
    } catch {
      return tell(words.refused);
    }
    if (turn !== mine) return stream.getTracks().forEach((track) => track.stop());
    const run = (now = { url, stream });
    try {
      video.srcObject = stream;
      await video.play();
      await watch(run, video);
    } catch {
      if (now === run) end(words.lost);
    }
  };

  document.addEventListener("visibilitychange", () => { if (document.hidden) end(words.hidden) });
  window.addEventListener("pagehide", () => end(""));
  window.styleprop.live = { begin, end };
})();
