"use strict";
// Sorting and searching on the page itself; without this script everything is there, in the order of the board.
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
const keyOf = (row, column, numeric) => {
  const cell = row.cells[column];
  if (!cell) return null;
  if (!numeric) return fold(cell.textContent.trim());
  const raw = cell.dataset.v !== undefined ? cell.dataset.v : cell.textContent.replace(/[^0-9-]/g, "");
  return raw === "" ? null : Number(raw);
};
for (const table of document.querySelectorAll("table[data-sort]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.setAttribute("aria-label", "↕ " + head.textContent.trim());
    head.append(button);
    button.addEventListener("click", () => {
      const numeric = head.dataset.type === "n";
      const up = head.getAttribute("aria-sort") !== "ascending";
      const rows = [...table.tBodies[0].rows].map((row, n) => [keyOf(row, column, numeric), n, row]);
      rows.sort(([a, n], [b, m]) => {
        if (a === null || b === null) return (a === null) - (b === null) || n - m;
        const order = numeric ? a - b : a.localeCompare(b);
        return (up ? order : -order) || n - m;
      });
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      table.tBodies[0].append(...rows.map(([, , row]) => row));
    });
  });
}
for (const input of document.querySelectorAll("[data-find]")) {
  const rows = [...document.getElementById(input.dataset.find).tBodies[0].rows];
  const texts = rows.map((row) => fold(row.textContent + " " + (row.cells[1].title || "")));
  const count = document.querySelector(`[data-count="${input.dataset.find}"]`);
  input.closest("[hidden]").hidden = false;
  input.addEventListener("input", () => {
    const wanted = fold(input.value.trim()).split(/\s+/);
    let shown = 0;
    rows.forEach((row, n) => {
      row.hidden = !wanted.every((part) => texts[n].includes(part));
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = input.value.trim() ? count.dataset.words.replace("{n}", shown) : "";
  });
}
// A grid of days that does not fit begins at its newest days; the older ones are to the left.
const showNewest = (grid) => {
  const newest = [...grid.tHead.querySelectorAll("th[title]")].pop();
  const box = grid.parentElement;
  if (newest) box.scrollLeft = Math.max(0, newest.offsetLeft + newest.offsetWidth - box.clientWidth);
};
for (const grid of document.querySelectorAll(".heat")) {
  showNewest(grid);
  const folded = grid.closest("details");
  if (folded) folded.addEventListener("toggle", () => showNewest(grid), { once: true });
}
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
