// What Gradio leaves undone in the browser: pictures dropped on pictures, pasted pictures, swipes over a result.
(() => {
  const all = WORDS;
  const words = all[document.documentElement.lang] ?? all.en;
  document.documentElement.style.setProperty("--words-empty", JSON.stringify(words.empty)); // for the style sheet
  const isFull = (element) => element.querySelector(".image-frame") !== null;
  const pictures = () => [...document.querySelectorAll(".picture")].filter((one) => one.offsetParent !== null);
  const images = (files) => [...files].filter((file) => file.type.startsWith("image/") || !file.type);
  // Many a browser knows no HEIC, and none a name without an ending; Gradio would refuse them. The server looks inside.
  const isNameless = (files) => [...files].some((file) => !file.type);
  const named = (file) => (file.type ? file : new File([file], file.name, { type: "image/png" }));

  const fill = (part, files) => {
    const field = part?.querySelector("input[type=file]");
    if (!field || !files.length) return;
    if (part.matches(".picture") && !images(files).length) return tell(part, words.wrong.replace("{name}", files[0].name));
    const transfer = new DataTransfer();
    for (const file of field.multiple ? files : [files[0]])
      transfer.items.add(part.matches(".picture") ? named(file) : file);
    field.files = transfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // An empty input takes what is dropped by itself; a full one, and the rest of the page, would lose it.
  const isOurs = (event) =>
    event.dataTransfer?.types.includes("Files") && !event.target.closest("button[aria-dropeffect]");
  const drag = (event) => {
    if (!isOurs(event)) return;
    event.preventDefault();
    event.stopPropagation();
    event.dataTransfer.dropEffect = "copy";
  };
  document.addEventListener("dragenter", drag, true);
  document.addEventListener("dragover", drag, true);
  document.addEventListener("drop", (event) => {
    const { files } = event.dataTransfer;
    const isOdd = event.target.closest(".picture") && (!images(files).length || isNameless(files));
    if (!isOurs(event) && !isOdd) return;
    event.preventDefault();
    event.stopPropagation();
    const list = event.target.closest(".block:has(input[type=file][multiple])");
    fill(list ?? event.target.closest(".picture") ?? pictures()[0], files);
  }, true);

  // What is none is told here: Gradio would say "Only image/* allowed" in a corner.
  document.addEventListener("change", (event) => {
    const field = event.target;
    const picture = field.type === "file" && field.closest(".picture");
    if (!picture || !field.files.length) return;
    if (images(field.files).length && !isNameless(field.files)) return;
    event.stopPropagation();
    if (images(field.files).length) return fill(picture, images(field.files));
    tell(picture, words.wrong.replace("{name}", field.files[0].name));
    field.value = "";
  }, true);

  const tell = (picture, sentence) => {
    picture.querySelector(".told")?.remove();
    const line = document.createElement("p");
    line.className = "told";
    line.setAttribute("role", "alert");
    line.textContent = sentence;
    picture.append(line);
    setTimeout(() => line.remove(), 8000);
  };

  const png = (image) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  };

  // Pictures are kept for an hour: what the browser still shows of one that is gone is sent again, once a minute at most.
  const asFile = async (image) => {
    const name = decodeURIComponent(new URL(image.src).pathname.split("/").pop());
    const answer = await fetch(image.src, { cache: "force-cache" }).catch(() => null);
    const blob = answer?.ok ? await answer.blob() : await png(image);
    return new File([blob], name, { type: blob.type });
  };
  // For the page that comes after this one, in this window: the pictures that are shown, by their labels.
  const SHELF = "styleprop-kept";
  const shelf = () => new Promise((done, fail) => {
    const asked = indexedDB.open("styleprop", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("pictures");
    asked.onsuccess = () => done(asked.result.transaction("pictures", "readwrite").objectStore("pictures"));
    asked.onerror = () => fail(asked.error);
  });
  const labelOf = (picture) => picture.querySelector("label")?.textContent.trim();
  const keep = async () => {
    const kept = [];
    for (const one of pictures().filter(isFull))
      kept.push({ label: labelOf(one), file: await asFile(one.querySelector(".image-frame img")) });
    if (!kept.length) return;
    const [name, store] = [`${Date.now()}-${Math.random()}`, await shelf()];
    await new Promise((done, fail) => Object.assign(store.put(kept, name), { onsuccess: done, onerror: fail }));
    sessionStorage.setItem(SHELF, name);
  };
  const bring = async () => {
    const name = sessionStorage.getItem(SHELF);
    if (!name) return;
    sessionStorage.removeItem(SHELF);
    const store = await shelf();
    let kept = await new Promise((done, fail) => {
      const asked = store.get(name);
      asked.onsuccess = () => done(asked.result ?? []);
      asked.onerror = fail;
    });
    store.delete(name);
    for (let tries = 0; kept.length && tries < 60; tries += 1) {
      await new Promise((done) => setTimeout(done, 500));
      kept = kept.filter(({ label, file }) => {
        const picture = pictures().find((one) => labelOf(one) === label);
        if (picture && !isFull(picture)) fill(picture, [file]);
        return !picture;
      });
    }
  };
  bring().catch(() => {}); // without them the page is as new

  const sendAgain = async (picture) => {
    if (performance.now() - (picture.sentAt ?? -60000) < 60000) return;
    picture.sentAt = performance.now();
    fill(picture, [await asFile(picture.querySelector(".image-frame img"))]);
    tell(picture, words.again);
  };
  // A download that found it gone is asked for once more when it has been painted anew.
  let [asked, wanted] = [null, null];
  document.addEventListener("click", ({ target, isTrusted }) => {
    if (isTrusted) [asked, wanted] = [target.closest(".actions .full-size"), null];
  }, true);
  new MutationObserver((changes) => {
    const isGone = (node) => node.nodeType === 1 && (node.matches("[data-gone]") || node.querySelector("[data-gone]"));
    if (wanted && !wanted.disabled && !wanted.closest(".stage").querySelector(".problem")) {
      wanted.click();
      wanted = null;
    }
    if (!changes.some((change) => [...change.addedNodes].some(isGone))) return;
    [asked, wanted] = [null, asked];
    pictures().filter(isFull).forEach(sendAgain);
  }).observe(document.documentElement, { childList: true, subtree: true });

  // A number that is none, or out of its slider's range, is not sent while it is typed, and mended when it is done.
  const isBox = (target) => target.matches?.('.head input[type="number"]');
  const fitting = ({ value, min, max }) => String(Math.min(Math.max(Number(value), Number(min)), Number(max)));
  const fits = (box) => box.value !== "" && Number(box.value) === Number(fitting(box));
  let typedOver = "";
  document.addEventListener("focusin", ({ target }) => { if (isBox(target)) typedOver = target.value });
  document.addEventListener("input", (event) => {
    if (isBox(event.target) && !fits(event.target)) event.stopPropagation();
  }, true);
  document.addEventListener("change", ({ target }) => {
    if (!isBox(target) || fits(target)) return;
    target.value = target.value === "" ? typedOver : fitting(target);
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }, true);

  // What is done is numbered, so that a painting whose mask took long to be sent is known to be an older wish.
  const count = () => {
    for (const field of document.querySelectorAll(".moment input")) {
      field.value = Math.round(performance.now());
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };
  for (const name of ["pointerdown", "pointerup", "keydown", "change", "drop", "paste"])
    document.addEventListener(name, count, true);

  document.addEventListener("paste", (event) => {
    const found = images(event.clipboardData?.files ?? []);
    if (!found.length) return;
    const offered = pictures();
    const focused = document.activeElement?.closest(".picture");
    const picture = focused ?? offered.find((one) => !isFull(one)) ?? offered[0];
    if (!picture) return;
    event.preventDefault();
    fill(picture, found);
  });

  const paste = async (picture) => {
    if (!navigator.clipboard?.read) return tell(picture, words.press);
    try {
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((one) => one.startsWith("image/"));
        if (type) return fill(picture, [new File([await item.getType(type)], "pasted.png", { type })]);
      }
      tell(picture, words.nothing);
    } catch {
      tell(picture, words.press);
    }
  };
  document.addEventListener("click", (event) => {
    const picture = event.target.closest(".picture .source-selection button:last-of-type:not(:first-of-type)")?.closest(".picture");
    if (!picture) return;
    event.preventDefault();
    event.stopPropagation();
    paste(picture);
  }, true);

  // The clipboard takes PNG alone, and Safari wants its promise within the click.
  document.addEventListener("click", async (event) => {
    const result = event.target.closest(".copy")?.closest(".stage").querySelector(".result");
    const image = [...(result?.querySelectorAll("img") ?? [])].at(-1);
    if (!image) return;
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": png(image) })]);
      tell(result, words.copied);
    } catch {
      tell(result, words.uncopied);
    }
  });

  // Over a result the wheel and one finger scroll the page; Ctrl with the wheel and two fingers zoom.
  const shown = (event) => {
    const content = event.target.closest?.(".result .slider-wrap");
    return content && !content.closest(".fullscreen") ? content : null;
  };
  const isZoomed = (content) => !/scale\(1\)|^$/.test(content.querySelector("img")?.style.transform ?? "");
  document.addEventListener("wheel", (event) => {
    if (shown(event) && !event.ctrlKey) event.stopPropagation();
  }, { capture: true, passive: true });
  let start = null;
  document.addEventListener("touchstart", (event) => {
    const content = event.touches.length === 1 ? shown(event) : null;
    start = content && { x: event.touches[0].clientX, y: event.touches[0].clientY, upright: null };
    if (content && !event.target.closest(".outer") && !isZoomed(content)) event.stopPropagation();
  }, { capture: true, passive: true });
  document.addEventListener("touchmove", (event) => {
    if (!start || event.touches.length !== 1 || !event.target.closest(".outer")) return;
    const { clientX, clientY } = event.touches[0];
    start.upright ??= Math.abs(clientY - start.y) > Math.abs(clientX - start.x);
    if (start.upright) event.stopPropagation();
  }, { capture: true, passive: true });
  window.styleprop = { words, keep };
})();
