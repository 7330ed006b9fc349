// Makes the page smoother; everything works without it.
"use strict";
(() => {
  const $ = (wanted, within = document) => within.querySelector(wanted);
  const all = (wanted) => [...document.querySelectorAll(wanted)];
  const PLACES = ".story, .telling, .copies li";
  const headlines = () => all(".story h2 a, .telling .by a, .feeds th a").filter((link) => link.checkVisibility?.() ?? true);
  const place = () => document.activeElement.closest(PLACES);
  const hand = () => {
    const within = place();
    return headlines().findIndex((link) => link === document.activeElement || (within && within === link.closest(PLACES)));
  };

  function go(step) {
    const links = headlines();
    if (!links.length) return;
    const from = hand();
    const to = from < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(from + step, 0), links.length - 1);
    focus(links[to]);
  }

  function focus(link) {
    link.focus({ preventScroll: true });
    link.closest("article, li, tr").scrollIntoView({ block: "nearest" });
  }

  // Buttons of the story in hand, else of the one that the page is about.
  const press = (wanted) => all(wanted).find((button) => button.closest(".whole") || (place()?.contains(button) ?? false))?.click();

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    o: () => (headlines()[hand()] || headlines()[0])?.click(),
    m: () => press("[name=read], [name=unread]"),
    s: () => press("[name=star], [name=unstar]"),
    x: () => place() && $("[type=checkbox]", place())?.click(),
    M: () => {
      const fold = $(".does .more");
      if (!fold) return $("[name=merge]")?.click();
      fold.open = true;
      $("[name=with]", fold).focus();
    },
    S: () => $(".split")?.click(),
    u: () => $(".undo")?.click(),
    t: () => location.assign("/"),
    "/": () => $("input[type=search]").select(),
    "?": () => {
      const told = $("#keys");
      told.hidden = !told.hidden;
      if (!told.hidden) told.scrollIntoView({ block: "nearest" });
    },
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = Object.hasOwn(keys, event.key) && keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Forms are sent without leaving the page; what comes back takes its place, and the hand stays where it was.
  addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (form.method !== "post" || form.enctype === "multipart/form-data" || form.matches(".out, .login")) return;
    event.preventDefault();
    const sent = new URLSearchParams(new FormData(form));
    if (button?.name) sent.append(button.name, button.value);
    document.body.setAttribute("aria-busy", "true");
    try {
      await take(await fetch(form.getAttribute("action"), { method: "POST", body: sent }));
    } catch {
      tell("The page cannot be reached; is aggregator at work?");
    }
    document.body.removeAttribute("aria-busy");
  });

  async function take(answer, parts = ["#main", "#bar"]) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) return tell($("#told", page)?.textContent ?? "That could not be done.");
    const address = new URL(answer.url);
    address.searchParams.delete("done");
    address.hash = "";
    const stays = address.pathname + address.search === location.pathname + location.search;
    const at = hand(), name = document.activeElement.name, open = all("details").map((fold) => fold.open);
    for (const part of parts) $(part).replaceChildren(...$(part, page).childNodes);
    document.title = page.title;
    document.body.toggleAttribute("data-fills", page.body.hasAttribute("data-fills"));
    if (!stays) {
      history.pushState(null, "", address);
      scrollTo(0, 0);
      return $("#main").focus();
    }
    const folds = all("details");
    if (folds.length === open.length) folds.forEach((fold, number) => (fold.open = open[number]));
    const links = headlines();
    if (at < 0 || !links.length) return;
    const link = links[Math.min(at, links.length - 1)];
    const pair = { read: "unread", unread: "read", star: "unstar", unstar: "star" }[name];
    ((pair && $(`[name=${pair}]`, link.closest(PLACES))) || link).focus({ preventScroll: true });
  }

  function tell(words) {
    const line = document.createElement("p");
    line.textContent = words;
    $("#bar").replaceChildren(line);
  }

  addEventListener("popstate", () => location.reload());
  // What was done is told once: loading the page again says nothing.
  const address = new URL(location);
  if (address.searchParams.has("done")) {
    address.searchParams.delete("done");
    history.replaceState(null, "", address);
  }

  // An address that names an article opens what it is folded under.
  function unfold() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView({ block: "start" });
  }
  addEventListener("hashchange", unfold);
  unfold();

  // While feeds are read for the first time: look again, unless something is selected or written.
  setInterval(async () => {
    if (!document.body.hasAttribute("data-fills") || document.hidden || $("main :checked, main input:focus")) return;
    try {
      await take(await fetch(location), ["#main"]);
    } catch {
      // It is asked again.
    }
  }, 5000);

  // A picture that cannot be had leaves its room empty.
  for (const img of all(".picture img")) {
    img.onerror = () => (img.hidden = true);
    if (img.complete && !img.naturalWidth) img.hidden = true;
  }
})();
