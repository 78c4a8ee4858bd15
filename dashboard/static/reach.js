// What Streamlit leaves out for people who work a page by keyboard or listen to it. Without it everything still works:
// rows are chosen by the box before them, or by Shift and the space bar.
"use strict";

// Rows are chosen by Enter, and those that lead somewhere by a click on what they say.
const ROWS = "[class*='st-key-rows_'] [data-testid=stDataFrame]";
const BOXES = `:is(${ROWS}, [class*='st-key-boxes_'] [data-testid=stDataFrame])`;
const HEAD = 31, BOX = 48; // pixels of the line of titles, and of the widest column of boxes

function choose(table) {
  const press = { key: " ", code: "Space", keyCode: 32, shiftKey: true, bubbles: true };
  table.querySelector("canvas").dispatchEvent(new KeyboardEvent("keydown", press));
}

addEventListener("click", ({ target, clientX, clientY }) => {
  const table = target.closest(`${ROWS} .dvn-scroller`)?.closest(ROWS);
  if (!table) return;
  const { x, y } = table.querySelector("canvas").getBoundingClientRect();
  if (clientX > x + BOX && clientY > y + HEAD) choose(table);
});

addEventListener("keydown", (event) => {
  const table = event.target.closest(`${BOXES} canvas`)?.closest(BOXES);
  if (!table || event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  event.stopImmediatePropagation(); // the grid would open a box with what the cell says
  event.preventDefault();
  choose(table);
}, true);

// The document is in the language that the page is read in, also after that was switched.
globalThis.navigation?.addEventListener("currententrychange", () => {
  document.documentElement.lang = new URLSearchParams(location.search).get("lang") ?? document.documentElement.lang;
});

// What has changed without the document being loaded anew is said: another page, and what came of a deed.
const said = document.body.appendChild(document.createElement("div"));
said.className = "said";
said.role = "status";
said.dataset.liveAnnouncer = ""; // dialogs silence everything outside of them but this
let title = "", told = "";

function words(deed) {
  const copy = deed.cloneNode(true);
  // Names of icons, and what stood in this place in the run before.
  for (const mute of copy.querySelectorAll("[role=img], [translate=no], button, [data-stale=true]")) mute.remove();
  return [...copy.querySelectorAll("p, code, [data-testid=stText]")].map((part) => part.textContent.trim()).join(" ");
}

function tell() {
  const deeds = [...document.querySelectorAll("[class*='st-key-told_']")];
  const page = document.title.includes(" · ") ? document.title : title; // none before the first is open
  const news = [page, deeds.map(words).join(" ")];
  const [isOther, isNew] = [title && news[0] !== title, news[1] && news[1] !== told];
  if (isOther || isNew) said.textContent = news.slice(isOther ? 0 : 1).join(" ");
  [title, told] = news;
}

// Who worked on something that is there no longer goes on in the page, not before its menu; and who opens a menu that
// stands at the end of the document goes on in it.
let held = document.body;
addEventListener("focusin", ({ target }) => { held = target; });

function hold() {
  if (held.isConnected || document.activeElement !== document.body) return;
  document.querySelector("[role=dialog][aria-modal=true], [data-testid=stMain]")?.focus({ preventScroll: true });
}

function enter() {
  const menu = document.querySelector("[data-testid=stPopoverBody]:not(:focus-within)");
  if (menu && document.activeElement.matches("[data-testid=stPopoverButton]:focus-visible")) {
    menu.tabIndex = -1;
    menu.focus({ preventScroll: true });
  }
}

let soon, later;
new MutationObserver(() => {
  soon ||= setTimeout(() => { soon = 0; tell(); }, 100); // a next run may take away what this one tells
  clearTimeout(later);
  later = setTimeout(() => { enter(); hold(); }, 400);
}).observe(document.getElementById("root").parentNode, { childList: true, subtree: true });
