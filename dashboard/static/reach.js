// What Streamlit leaves out for people who work a page by keyboard or listen to it. Without it everything still works:
// rows are chosen by the box before them, or by Shift and the space bar.
"use strict";

// Rows that lead somewhere are chosen by Enter, and by a click on what they say.
const ROWS = "[class*='st-key-rows_'] [data-testid=stDataFrame]";
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
  const table = event.target.closest(`${ROWS} canvas`)?.closest(ROWS);
  if (!table || event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  event.stopImmediatePropagation(); // the grid would open a box with what the cell says
  event.preventDefault();
  choose(table);
}, true);
