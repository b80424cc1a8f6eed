// Live updates, questions before actions, and links from the picture of a task. Every page works without it.
(() => {
  "use strict";
  const SECONDS = 5;
  const LONGEST = 60;
  const IDLE = 10 * 60; // nobody has moved the mouse or pressed a key for so long: nobody looks
  const main = document.querySelector("main");
  const button = document.querySelector("[data-live-toggle]");
  let timer = null, wait = SECONDS, last = "", active = Date.now(), running = null;

  const stored = () => { try { return sessionStorage.getItem("tasker-live"); } catch { return null; } };
  const store = (value) => { try { sessionStorage.setItem("tasker-live", value); } catch { /* the choice holds for this page */ } };
  const on = () => button.getAttribute("aria-pressed") === "true";

  const busy = () => {
    const at = document.activeElement;
    if (at && main.contains(at) && at.matches("input, select, textarea")) return true;
    const selection = document.getSelection();
    return Boolean(selection && !selection.isCollapsed && main.contains(selection.anchorNode));
  };

  // What the visitor has opened, scrolled and focused stays as it is, wherever it stands in the new page.
  const selector = (element) => {
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (element.matches("details[id] > summary")) return `#${CSS.escape(element.parentElement.id)} > summary`;
    const name = ["href", "aria-label"].find((attribute) => element.hasAttribute(attribute));
    return name ? `${element.localName}[${name}="${CSS.escape(element.getAttribute(name))}"]` : null;
  };
  const place = (element) => {
    const found = selector(element);
    return found && { found, index: [...main.querySelectorAll(found)].indexOf(element) };
  };
  const scrollers = () => [...main.querySelectorAll(".scroll, .picture, pre")];

  const replace = (fresh) => {
    const at = document.activeElement;
    const focus = at && at !== main && main.contains(at) ? place(at) : null;
    const open = [...main.querySelectorAll("details[open][id]")].map((details) => details.id);
    const scrolled = scrollers().map((element) => [element.scrollLeft, element.scrollTop]);
    const kept = [...main.querySelectorAll("[data-keep]")];
    main.replaceChildren(...kept, ...fresh.childNodes);
    open.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
    scrollers().forEach((element, index) => { if (scrolled[index]) [element.scrollLeft, element.scrollTop] = scrolled[index]; });
    const element = focus && main.querySelectorAll(focus.found)[focus.index];
    if (element) element.focus({ preventScroll: true });
  };

  const update = async () => {
    timer = null;
    if (!on() || document.hidden) return;
    if (Date.now() - active > IDLE * 1000) { set(false); return; }
    if (busy()) { schedule(); return; }
    button.dataset.busy = "";
    running = new AbortController();
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin", signal: running.signal });
      if (!response.ok || response.redirected) throw new Error(response.status);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector("main");
      if (!fresh) throw new Error("no page");
      if (fresh.innerHTML !== last && on() && !busy()) { last = fresh.innerHTML; replace(fresh); }
      document.querySelector("footer").replaceChildren(...page.querySelector("footer").childNodes);
      if (fresh.dataset.live !== "on") { main.dataset.live = "off"; button.hidden = true; return; }
      wait = SECONDS;
    } catch {
      wait = Math.min(wait * 2, LONGEST);
    } finally {
      delete button.dataset.busy;
      running = null;
    }
    schedule();
  };

  const schedule = () => {
    clearTimeout(timer);
    timer = on() && !document.hidden && main.dataset.live === "on" ? setTimeout(update, wait * 1000) : null;
  };

  const set = (value) => {
    button.setAttribute("aria-pressed", String(value));
    button.querySelector("[data-live-label]").textContent = value ? "Live" : "Paused";
    if (!value && running) running.abort();
    schedule();
  };

  if (main.dataset.live === "on") {
    button.hidden = false;
    set(stored() !== "off");
    button.addEventListener("click", () => { active = Date.now(); set(!on()); store(on() ? "on" : "off"); });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) { clearTimeout(timer); timer = null; if (running) running.abort(); } else { active = Date.now(); wait = SECONDS; update(); }
    });
    ["pointermove", "keydown", "scroll"].forEach((event) => addEventListener(event, () => { active = Date.now(); }, { passive: true }));
  }

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !confirm(question)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const step = event.target.closest(".picture [data-step-id]");
    if (!step) return;
    const link = main.querySelector(`tbody th a[href$="/steps/${step.dataset.stepId}"]`);
    if (link) location.assign(link.href);
  });
})();
