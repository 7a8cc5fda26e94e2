// When the connection is lost, calls wait for the server and streams are read on where they broke. Another server, one
// that was started anew, means a new page, which gets the pictures of this one.
(() => {
  const { words, keep } = window.styleprop;
  const ask = window.fetch;
  const api = `${window.gradio_config?.root ?? ""}/gradio_api`;
  const [SILENCE, ANSWER, WATCH, PAUSE] = [45000, 10000, 15000, 1000]; // ms; the server says something every 15 s
  const TRIES = 3;
  const rest = (ms) => new Promise((done) => setTimeout(done, ms));

  const tell = (sentence) => {
    document.querySelector(".away")?.remove();
    if (!sentence) return;
    const line = document.createElement("p");
    line.className = "away";
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    document.body.append(line);
  };

  const isSame = async () => {
    const answer = await ask(`${api}/app_id`, { cache: "no-store", signal: AbortSignal.timeout(ANSWER) });
    if (answer.status >= 500) throw new Error(answer.status); // a proxy that finds no server behind it
    return answer.ok && (await answer.json()).app_id === window.gradio_config.app_id;
  };

  // Done once the server is there; whether it was away.
  const search = async () => {
    for (let wasAway = false; ; wasAway = true) {
      try {
        if (await isSame()) {
          tell("");
          return wasAway;
        }
        break;
      } catch {
        if (!wasAway) tell(words.away);
        await rest(PAUSE);
      }
    }
    await keep().catch(() => {});
    window.location.reload();
    return new Promise(() => {});
  };
  let underWay = null;
  const back = () => (underWay ??= search().finally(() => { underWay = null }));

  const [waiting, early] = [new Set(), new Set()]; // calls without an outcome; outcomes that were here before their calls
  const call = async (...sent) => {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await ask(...sent);
        if ([502, 504].includes(answer.status)) throw new Error(answer.status);
        return answer;
      } catch (error) {
        if (!(await back()) && tries >= TRIES) throw error;
        await rest(PAUSE);
      }
    }
  };
  const join = async (...sent) => {
    const answer = await call(...sent);
    const { event_id } = answer.ok ? await answer.clone().json() : {};
    if (event_id && !early.delete(event_id)) waiting.add(event_id);
    await rest(0); // a stream that was just closed is known to be
    return answer;
  };

  const written = (message) => `data: ${JSON.stringify(message)}\n\n`;
  const unfinished = () => {
    const output = { error: words.unfinished, title: "styleprop", visible: true, duration: 10 };
    const ends = [...waiting].map((event_id) => ({ msg: "process_completed", event_id, output, success: false }));
    waiting.clear();
    return [...ends, { msg: "close_stream" }].map(written).join("");
  };

  const open = new Set(); // addresses of the streams that are read
  const named = (url) => `${url}&stream=${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  const stream = (request) => {
    const { signal, headers, credentials } = request;
    let [url, reader, decoder, text, taken, isOver] = [];

    const leave = () => {
      reader?.cancel().catch(() => {});
      reader = null;
    };
    const anew = () => {
      leave();
      open.delete(url);
      open.add((url = named(request.url)));
      [decoder, text, taken] = [new TextDecoder(), "", 0];
    };
    const begin = async () => {
      isOver = waiting.size === 0; // Gradio opens a stream also for a call whose outcome was here before
      if (isOver) return;
      const answer = await ask(`${url}&from=${taken}`, { signal, headers, credentials });
      if (answer.status >= 500) throw new Error(answer.status);
      if (answer.ok) reader = answer.body.getReader();
      else isOver = true; // it is not there any more
    };
    // What a message is to Gradio. It would close a stream that the server closed before it heard of a call under way.
    const passed = (line) => {
      const { msg, event_id } = JSON.parse(line.slice("data: ".length));
      if (msg === "process_completed" && !waiting.delete(event_id)) early.add(event_id);
      if (msg !== "close_stream") return `${line}\n\n`;
      isOver = waiting.size === 0;
      if (isOver) return `${line}\n\n`;
      anew();
      return "";
    };
    const read = async () => {
      if (!reader) await begin();
      if (isOver) return unfinished();
      const { done, value } = await Promise.race([reader.read(), rest(SILENCE).then(() => ({ done: true }))]);
      if (done) throw new Error("cut");
      taken += value.length;
      const lines = (text + decoder.decode(value, { stream: true })).split("\n\n");
      text = lines.pop();
      return lines.map(passed).join("");
    };
    const pull = async (target) => {
      for (let news = ""; !isOver && !news; ) {
        try {
          news = await read();
          if (news) target.enqueue(new TextEncoder().encode(news));
        } catch (error) {
          leave();
          if (signal.aborted) break;
          await back();
          await rest(PAUSE);
        }
      }
      if (!isOver && !signal.aborted) return;
      open.delete(url);
      if (signal.aborted) target.error(signal.reason);
      else target.close();
    };
    anew();
    signal.addEventListener("abort", () => open.delete(url));
    return new Response(new ReadableStream({ pull }), { headers: { "content-type": "text/event-stream" } });
  };
  window.addEventListener("pagehide", () => open.forEach((url) => navigator.sendBeacon(url)));

  window.fetch = async (...sent) => {
    const [asked, options] = sent;
    const path = new URL(asked.url ?? asked, document.baseURI).pathname;
    if (asked instanceof Request && path.endsWith("/gradio_api/queue/data")) return stream(asked);
    if (options?.method !== "POST") return ask(...sent);
    if (path.endsWith("/gradio_api/queue/join")) return join(...sent);
    return /\/gradio_api\/(upload|run\/\w+)$/.test(path) ? call(...sent) : ask(...sent);
  };

  for (const name of ["online", "offline"]) window.addEventListener(name, back);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) back() });
  setInterval(() => { if (!document.hidden) back() }, WATCH);
})();
