// Makes the page smoother; everything works without it.
"use strict";
(() => {
  const headlines = () => [...document.querySelectorAll(".story h2 a, .telling .by a")];
  const here = () => headlines().indexOf(document.activeElement);

  function go(step) {
    const all = headlines();
    if (!all.length) return;
    const from = here();
    const place = from < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(from + step, 0), all.length - 1);
    all[place].focus({ preventScroll: true });
    all[place].closest("article, li").scrollIntoView({ block: "nearest" });
  }

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    o: () => (headlines()[here()] || headlines()[0])?.click(),
    t: () => location.assign("/"),
    "/": () => document.querySelector("input[type=search]").select(),
    "?": () => {
      const told = document.getElementById("keys");
      told.hidden = !told.hidden;
      if (!told.hidden) told.scrollIntoView({ block: "nearest" });
    },
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // An address that names an article opens what it is folded under.
  function unfold() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView({ block: "start" });
  }
  addEventListener("hashchange", unfold);
  unfold();

  // The first start: look again until there is something.
  if (document.body.hasAttribute("data-fills")) setTimeout(() => location.reload(), 5000);
})();
