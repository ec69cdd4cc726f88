"use strict";
// Everything works without this file; it makes the pages live, keeps what was typed, and lets the keyboard do the rest.

const drafts = window.sessionStorage;

function keepDrafts() {
  const done = document.querySelector("[data-done]");
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const key = "draft:" + form.dataset.draft;
    const fields = () => [...form.querySelectorAll("textarea, input:not([type=hidden]):not([type=radio]):not([type=file])")];
    if (done && drafts.getItem(key + ":sent")) {
      drafts.removeItem(key);
    } else {
      const kept = JSON.parse(drafts.getItem(key) || "{}");
      for (const field of fields()) if (!field.value && kept[field.name]) field.value = kept[field.name];
      if (Object.values(kept).some(Boolean)) form.closest("details")?.setAttribute("open", "");
    }
    drafts.removeItem(key + ":sent");
    form.addEventListener("input", () => {
      drafts.setItem(key, JSON.stringify(Object.fromEntries(fields().map((field) => [field.name, field.value]))));
    });
    form.addEventListener("submit", () => drafts.setItem(key + ":sent", "1"));
  }
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

function listen() {
  const live = document.getElementById("live");
  if (!live || !window.EventSource) return;
  const events = new EventSource("/events?after=" + live.dataset.after);
  const changed = new Set();
  let waiting = null;
  events.addEventListener("orders", (event) => {
    changed.add(event.data.split(" ")[0]);
    waiting = waiting || setTimeout(() => { waiting = null; refresh(live, changed); }, 400);
  });
  events.onerror = () => { live.textContent = live.dataset.lost; };
  events.onopen = () => { live.textContent = ""; };
}

async function refresh(live, changed) {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const ticked = new Set([...document.querySelectorAll("input[name=order]:checked")].map((box) => box.value.split(":")[0]));
  const at = document.querySelector("tr.at .open")?.textContent;
  document.getElementById("orders").replaceWith(page.getElementById("orders"));
  document.querySelector(".counts").replaceWith(page.querySelector(".counts"));
  for (const box of document.querySelectorAll("input[name=order]")) box.checked = ticked.has(box.value.split(":")[0]);
  for (const row of document.querySelectorAll(".list tbody tr")) {
    const name = row.querySelector(".open").textContent;
    row.classList.toggle("at", name === at);
    row.classList.toggle("fresh", changed.has(name));
  }
  changed.clear();
  live.textContent = live.dataset.text;
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
  listen();
  keys();
  document.querySelector("[data-problem]")?.focus();
});
