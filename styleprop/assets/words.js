// What Gradio says in English alone, in the visitor's language: names of its buttons, notices, what it waits for.
(() => {
  const { gradio } = window.styleprop.words;
  if (!gradio) return;
  const NAMES = ["aria-label", "title", "placeholder", "alt"];
  const patterns = Object.keys(gradio).filter((key) => key.includes("{")).map((key) => {
    const parts = key.split(/\{(\w+)\}/); // words and names in turn
    const source = parts.map((part, at) => at % 2 ? `(?<${part}>.+)` : part.replace(/[()|.]/g, "\\$&"));
    return [new RegExp(`^${source.join("")}$`, "s"), gradio[key]];
  });
  const found = (sentence) => {
    if (!/[A-Za-z]{3}/.test(sentence)) return undefined;
    if (Object.hasOwn(gradio, sentence)) return gradio[sentence];
    for (const [pattern, text] of patterns) {
      const match = pattern.exec(sentence);
      if (match) return text.replace(/\{(\w+)\}/g, (_, name) => match.groups[name]);
    }
    return undefined;
  };
  const name = (one, attribute) => {
    const said = found((one.getAttribute(attribute) ?? "").trim());
    if (said) one.setAttribute(attribute, said);
  };
  const text = (node) => {
    const said = found(node.data.trim());
    if (said) node.data = said;
  };
  const all = (part) => {
    if (part.nodeType === Node.TEXT_NODE) return text(part);
    if (part.nodeType !== Node.ELEMENT_NODE) return undefined;
    for (const one of [part, ...part.querySelectorAll(NAMES.map((attribute) => `[${attribute}]`).join())])
      NAMES.forEach((attribute) => name(one, attribute));
    const nodes = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) text(nodes.currentNode);
    return undefined;
  };
  new MutationObserver((changes) => {
    for (const { type, target, attributeName, addedNodes } of changes) {
      if (type === "attributes") name(target, attributeName);
      else if (type === "characterData") text(target);
      else addedNodes.forEach(all);
    }
  }).observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributeFilter: NAMES });
})();
