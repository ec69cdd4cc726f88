"use strict";
document.getElementById("language").onclick = (event) => {
  const root = document.documentElement, chinese = root.dataset.lang !== "zh";
  root.dataset.lang = chinese ? "zh" : "en";
  root.lang = chinese ? "zh-CN" : "en";
  event.target.textContent = chinese ? "English" : "中文";
};
