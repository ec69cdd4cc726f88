"use strict";
// Everything works without this file; it makes the pages live, keeps what was typed, and lets the keyboard do the rest.

const drafts = window.sessionStorage;

function keepDrafts() {
  const done = document.querySelector("[data-done]");
  for (const form of document.querySelectorAll("form[data-draft]")) {
    // What one person typed is not shown to the next one on the same machine.
    const key = `draft:${document.body.dataset.viewer}:${form.dataset.draft}`;
    const fields = () => [...form.querySelectorAll("textarea, select, input:not([type=hidden]):not([type=file])")];
    if (done && drafts.getItem(key + ":sent")) {
      drafts.removeItem(key);
    } else {
      const kept = JSON.parse(drafts.getItem(key) || "{}");
      for (const field of fields()) putBack(field, kept[field.name]);
      if (Object.values(kept).some(Boolean)) form.closest("details")?.setAttribute("open", "");
    }
    drafts.removeItem(key + ":sent");
    form.addEventListener("input", () => {
      const typed = fields().filter((field) => field.type !== "radio" || field.checked);
      drafts.setItem(key, JSON.stringify(Object.fromEntries(typed.map((field) => [field.name, field.value]))));
    });
    form.addEventListener("submit", () => drafts.setItem(key + ":sent", "1"));
  }
}

function putBack(field, value) {
  if (!value || field.disabled) return;
  if (field.type === "radio") field.checked = field.checked || field.value === value;
  else if (!field.value || field.tagName === "SELECT") field.value = value;
}

function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sending) return event.preventDefault();
    form.dataset.sending = "1";
    // After the browser has gathered the fields, for a disabled button is not sent.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button:enabled")) {
        button.dataset.wasOn = "1";
        button.disabled = true;
      }
    });
  });
  // The back button may bring a page back as it was left.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) {
      delete form.dataset.sending;
      form.querySelectorAll("button[data-was-on]").forEach((button) => (button.disabled = false));
    }
  });
}

function hideAgain() {
  const shown = document.querySelector("[data-hide-after]");
  if (shown) setTimeout(() => window.location.replace(shown.dataset.url), 1000 * Number(shown.dataset.hideAfter));
}

function searchByHousehold() {
  const form = document.getElementById("filters");
  const box = form?.closest("details");
  if (box && window.matchMedia("(max-width: 720px)").matches && !window.location.search) box.open = false;
  form?.addEventListener("submit", (event) => {
    const field = form.elements.household;
    const number = /^\s*(\d{15}|\d{17}[\dXx])\s*$/.test(field.value);
    field.setCustomValidity(number ? form.dataset.number : "");
    if (number) { event.preventDefault(); field.reportValidity(); }
  });
  form?.addEventListener("input", () => form.elements.household.setCustomValidity(""));
}

function listen() {
  const live = document.getElementById("live");
  if (!live || !window.EventSource) return;
  let after = live.dataset.after;
  let events = null;
  let waiting = null;
  const open = () => {
    events = new EventSource("/events?after=" + after);
    events.addEventListener("orders", (event) => {
      after = event.lastEventId;
      waiting = waiting || setTimeout(() => { waiting = null; refresh(live); }, 400);
    });
    events.onerror = () => {
      live.textContent = events.readyState === EventSource.CLOSED ? live.dataset.over : live.dataset.lost;
    };
    events.onopen = () => { live.textContent = ""; };
  };
  // A browser keeps six connections to a server: a tab that nobody looks at must not hold one of them.
  document.addEventListener("visibilitychange", () => {
    events?.close();
    if (document.visibilityState === "visible") open();
  });
  window.addEventListener("pagehide", () => events?.close());
  if (document.visibilityState === "visible") open();
}

async function refresh(live) {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = () => [...document.querySelectorAll(".list tbody tr")];
  const name = (row) => row.querySelector(".open").textContent;
  const before = new Map(rows().map((row) => [name(row), row.dataset.version]));
  const ticked = new Set([...document.querySelectorAll("input[name=order]:checked")].map((box) => box.value.split(":")[0]));
  const at = document.querySelector("tr.at .open")?.textContent;
  const focused = document.activeElement?.closest?.("#orders") ? document.activeElement : null;
  const assignee = document.querySelector("#orders select[name=assignee]")?.value;
  document.getElementById("orders").replaceWith(page.getElementById("orders"));
  document.querySelector(".counts").replaceWith(page.querySelector(".counts"));
  const chosen = document.querySelector("#orders select[name=assignee]");
  if (chosen && assignee) chosen.value = assignee;
  for (const box of document.querySelectorAll("input[name=order]")) box.checked = ticked.has(box.value.split(":")[0]);
  let changed = before.size !== rows().length;
  for (const row of rows()) {
    const fresh = before.get(name(row)) !== row.dataset.version;
    row.classList.toggle("at", name(row) === at);
    row.classList.toggle("fresh", fresh);
    changed = changed || fresh;
    if (focused?.classList.contains("open") && focused.textContent === name(row)) row.querySelector(".open").focus();
  }
  if (changed) live.textContent = live.dataset.text;
}

function keys() {
  document.addEventListener("change", (event) => {
    if (event.target.id === "all") {
      for (const box of document.querySelectorAll("input[name=order]")) box.checked = event.target.checked;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    const rows = [...document.querySelectorAll(".list tbody tr")];
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const go = (to) => {
      if (!rows[to]) return;
      rows[at]?.classList.remove("at");
      rows[to].classList.add("at");
      rows[to].querySelector(".open").focus();
    };
    const key = event.key.toLowerCase();
    if (key === "j") go(at + 1);
    else if (key === "k") go(at - 1);
    else if (key === "x" && rows[at]) rows[at].querySelector("input[name=order]")?.click();
    else if (key === "/" && document.getElementById("search")) document.getElementById("search").focus();
    else return;
    event.preventDefault();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  keepDrafts();
  sendOnce();
  hideAgain();
  searchByHousehold();
  listen();
  keys();
  document.querySelector("[data-problem]")?.focus();
});
