"use strict";
// The page's data is packed JSON; nothing is fetched from anywhere.
const $ = (id) => document.getElementById(id);
const ROW = 34;
let lang = "zh", data, words, order = [], sort = { by: "detected", down: true }, chosen = -1;

async function unpack(element) {
  const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}
const say = (zh, en) => (lang === "zh" ? zh : en);
const named = (kind, id) => (words[kind][id] ? words[kind][id][lang === "zh" ? 0 : 1] : id);
const day = (number) => new Date(number * 864e5).toISOString().slice(0, 10);
const node = (tag, text, className) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};

const COLUMNS = [
  ["detected", () => say("发现", "detected"), (i) => day(data.detected[i])],
  ["direction", () => say("方向", "direction"), (i) => node("span", named("directions", data.direction[i]), "tag " + data.direction[i])],
  ["source", () => say("来源", "source"), (i) => named("sources", data.source[i])],
  ["household", () => say("家庭", "household"), (i) => data.household[i] || data.feeds[i].map((f) => named("feeds", f)).join(" ")],
  ["region", () => say("地区", "region"), (i) => data.region[i]],
  ["severity", () => say("级别", "severity"), (i) => named("severities", data.severity[i])],
  ["due", () => say("期限", "due"), (i) => day(data.due[i])],
  ["zh", () => say("说明", "explanation"), (i) => node("span", say(data.zh[i], data.en[i]), "what")],
  ["right", () => say("判定", "verdict"), (i) => data.right[i] === null ? (data.status[i] === "retracted" ? say("撤回", "taken back") : "") :
    node("span", data.right[i] ? say("准确", "right") : say("误报", "false"), data.right[i] ? "right" : "wrong")],
];
const RANK = { critical: 0, high: 1, medium: 2, low: 3 };
const keyOf = (by, i) => (by === "severity" ? RANK[data.severity[i]] : by === "right" ? String(data.right[i]) : by === "zh" ? say(data.zh[i], data.en[i]) : data[by][i]);

function options(id, all, kind, values) {
  const select = $(id);
  if (!select) return;
  const kept = select.value;
  select.replaceChildren(new Option(all, ""), ...values.map((value) => new Option(kind ? named(kind, value) : value[1], kind ? value : value[0])));
  select.value = kept;
}
function drawFilters() {
  const present = (name) => [...new Set(data[name])].sort();
  $("search").placeholder = say("查找家庭、地区、说明、编号", "household, region, words, id");
  options("source", say("全部来源", "all sources"), "sources", present("source"));
  options("direction", say("全部方向", "all directions"), "directions", present("direction"));
  options("severity", say("全部级别", "all severities"), "severities", present("severity").sort((a, b) => RANK[a] - RANK[b]));
  options("status", say("有效和已撤回", "standing and taken back"), "", [["raised", say("有效", "standing")], ["retracted", say("已撤回", "taken back")]]);
  options("verdict", say("全部判定", "all verdicts"), "", [["true", say("准确", "right")], ["false", say("误报", "false")]]);
  $("head").replaceChildren(...COLUMNS.map(([by, title]) => {
    const button = node("button", title());
    if (sort.by === by) button.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    button.onclick = () => { sort = { by, down: sort.by === by ? !sort.down : by === "detected" }; update(); };
    return button;
  }));
}
function update() {
  const text = $("search").value.trim().toLowerCase();
  const wanted = ["source", "direction", "severity", "status"].map((name) => [name, $(name).value]).filter(([, value]) => value);
  const verdict = $("verdict") ? $("verdict").value : "";
  order = [];
  for (let i = 0; i < data.id.length; i++) {
    if (wanted.some(([name, value]) => data[name][i] !== value)) continue;
    if (verdict && String(data.right[i]) !== verdict) continue;
    if (text && !(data.household[i] + " " + data.region[i] + " " + data.id[i] + " " + data.zh[i] + " " + data.en[i]).toLowerCase().includes(text)) continue;
    order.push(i);
  }
  const keys = order.map((i) => keyOf(sort.by, i));
  const places = order.map((_, place) => place);
  places.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b) * (sort.down ? -1 : 1));
  order = places.map((place) => order[place]);
  $("count").textContent = order.length.toLocaleString() + " / " + data.id.length.toLocaleString();
  $("spacer").style.height = order.length * ROW + "px";
  $("view").scrollTop = 0;
  drawFilters();
  drawRows();
}
function drawRows() {
  // Only the rows in sight exist, so that fifty thousand cost no more than fifty.
  const view = $("view"), first = Math.max(0, Math.floor(view.scrollTop / ROW) - 5);
  const last = Math.min(order.length, first + Math.ceil(view.clientHeight / ROW) + 10);
  $("spacer").replaceChildren(...order.slice(first, last).map((i, place) => {
    const row = node("div", undefined, "row" + (data.status[i] === "retracted" ? " gone" : "") + (i === chosen ? " on" : ""));
    row.style.top = (first + place) * ROW + "px";
    for (const [, , cell] of COLUMNS) {
      const value = cell(i), box = node("div");
      box.append(value);
      box.title = box.textContent;
      row.append(box);
    }
    row.onclick = () => { chosen = i; drawRows(); drawHousehold(); };
    return row;
  }));
}

const unpacked = new Map();
async function timelineOf(household) {
  // Households are packed in their order, and each part names its last one.
  const part = [...document.getElementsByClassName("data-timelines")].find((one) => household <= one.dataset.last);
  if (!part) return null;
  if (!unpacked.has(part)) unpacked.set(part, await unpack(part));
  return unpacked.get(part)[household] || null;
}
const SVG = "http://www.w3.org/2000/svg";
function shape(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}
async function drawHousehold() {
  const panel = $("household"), asked = chosen;
  if (chosen < 0) return;
  const household = data.household[chosen], mine = [];
  for (let i = 0; i < data.id.length; i++) if (data.household[i] === household && (household || i === chosen)) mine.push(i);
  const found = household ? await timelineOf(household) : null;
  if (asked !== chosen) return;  // another one was chosen meanwhile
  panel.replaceChildren(node("h3", household ? say("家庭 ", "Household ") + household : named("sources", data.source[chosen])));
  if (found) panel.append(drawTimeline(found, mine));
  const list = node("ul");
  for (const i of mine.sort((a, b) => data.detected[a] - data.detected[b])) {
    const item = node("li");
    item.append(day(data.detected[i]) + " ", node("span", named("directions", data.direction[i]), "tag " + data.direction[i]), " " + named("sources", data.source[i]) + ": " + say(data.zh[i], data.en[i]) + (data.status[i] === "retracted" ? say("(已撤回)", " (taken back)") : "") + " ");
    item.append(node("code", data.id[i]));
    list.append(item);
  }
  panel.append(list);
}
function drawTimeline(found, mine) {
  const feeds = [...new Set(found.facts.map((fact) => fact[2]))];
  const days = [...found.facts.flatMap((f) => [f[0], f[1]]), ...mine.flatMap((i) => [data.detected[i], data.occurred[i]])];
  let from = Math.min(...days), to = Math.max(...days);
  const margin = Math.max(15, (to - from) * 0.03); from -= margin; to += margin;
  const left = 120, width = 1100, lane = 24, top = 30;
  const height = top + lane * (feeds.length + 1) + 26;
  const x = (at) => left + ((at - from) / (to - from)) * (width - left - 10);
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  const step = Math.max(1, Math.ceil((to - from) / 30.4 / 14));
  for (let at = new Date(from * 864e5); ; ) {
    at = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + step, 1));
    const number = at / 864e5;
    if (number > to) break;
    svg.append(shape("line", { x1: x(number), x2: x(number), y1: top - 6, y2: height - 22, stroke: "#eef1f3" }),
      shape("text", { x: x(number), y: height - 8, fill: "#6b7885", "text-anchor": "middle" }, day(number).slice(0, 7)));
  }
  for (const [asOf, programs] of found.lines) if (asOf > from && asOf < to)
    svg.append(shape("line", { x1: x(asOf), x2: x(asOf), y1: top - 14, y2: height - 22, stroke: "#1f3a56", "stroke-dasharray": "3 3" }),
      shape("text", { x: x(asOf) + 4, y: top - 16, fill: "#1f3a56" }, programs || say("退出", "left")));
  svg.append(shape("text", { x: 0, y: top + 12, fill: "#23303d", "font-weight": 600 }, say("预警", "alerts")));
  for (const i of mine) {
    const mark = shape("path", { d: `M${x(data.detected[i])},${top + 1} l6,12 h-12 z`, fill: getComputedStyle(document.documentElement).getPropertyValue("--" + data.direction[i]), opacity: data.status[i] === "retracted" ? 0.35 : 1 });
    mark.append(shape("title", {}, day(data.detected[i]) + " " + named("sources", data.source[i])));
    svg.append(mark);
  }
  feeds.forEach((feed, place) => {
    const y = top + lane * (place + 1) + 8;
    svg.append(shape("text", { x: 0, y: y + 4, fill: "#23303d" }, named("feeds", feed)));
    for (const [first, last, , text] of found.facts.filter((fact) => fact[2] === feed)) {
      const mark = first === last ? shape("circle", { cx: x(first), cy: y, r: 4.5, fill: "#2b5c8a", opacity: 0.75 })
        : shape("rect", { x: x(first), y: y - 5, width: x(last) - x(first), height: 10, rx: 5, fill: "#2b5c8a", opacity: 0.45 });
      mark.append(shape("title", {}, (first === last ? day(first) : day(first) + " – " + day(last)) + "  " + text));
      svg.append(mark);
    }
  });
  return svg;
}
$("language").onclick = () => {
  lang = lang === "zh" ? "en" : "zh";
  document.documentElement.dataset.lang = lang;
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  $("language").textContent = say("English", "中文");
  drawFilters(); update(); drawHousehold();
};
$("search").oninput = update;
for (const id of ["source", "direction", "severity", "status", "verdict"]) if ($(id)) $(id).onchange = update;
$("view").onkeydown = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -order.length, End: order.length }[event.key];
  if (!step || !order.length) return;
  event.preventDefault();
  const place = Math.max(0, Math.min(order.length - 1, order.indexOf(chosen) + step)), view = $("view");
  chosen = order[place];
  if (place * ROW < view.scrollTop) view.scrollTop = place * ROW;
  if ((place + 1) * ROW > view.scrollTop + view.clientHeight) view.scrollTop = (place + 1) * ROW - view.clientHeight;
  drawRows(); drawHousehold();
};
$("view").onscroll = () => requestAnimationFrame(drawRows);
Promise.all([unpack($("data-alerts")), unpack($("data-words"))]).then(([alerts, said]) => { data = alerts; words = said; update(); });
