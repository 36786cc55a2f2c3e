// SPDX-License-Identifier: Apache-2.0
// Prints every day of the table in the words of npm's lunar-javascript, which computes it:
// "2025-07-25 2025 6 1 leap", and the solar terms: "qingming 2026-04-05". NODE_PATH has the package.
'use strict';

const { Lunar, Solar } = require('lunar-javascript');

// In the order of the civil year, as solar_term.h has them.
const TERMS = {
  小寒: 'xiaohan', 大寒: 'dahan', 立春: 'lichun', 雨水: 'yushui', 惊蛰: 'jingzhe', 春分: 'chunfen',
  清明: 'qingming', 谷雨: 'guyu', 立夏: 'lixia', 小满: 'xiaoman', 芒种: 'mangzhong', 夏至: 'xiazhi',
  小暑: 'xiaoshu', 大暑: 'dashu', 立秋: 'liqiu', 处暑: 'chushu', 白露: 'bailu', 秋分: 'qiufen',
  寒露: 'hanlu', 霜降: 'shuangjiang', 立冬: 'lidong', 小雪: 'xiaoxue', 大雪: 'daxue', 冬至: 'dongzhi',
};
const DAY = 86400000;
const lines = [];

for (let at = Date.UTC(1901, 0, 1); at <= Date.UTC(2101, 0, 28); at += DAY) {
  const day = new Date(at);
  const text = day.toISOString().slice(0, 10);
  const lunar = Lunar.fromSolar(
    Solar.fromYmd(day.getUTCFullYear(), day.getUTCMonth() + 1, day.getUTCDate()));
  const month = lunar.getMonth(); // negative: the leap month

  if (at >= Date.UTC(1901, 1, 19)) {
    lines.push(`${text} ${lunar.getYear()} ${Math.abs(month)} ${lunar.getDay()}`
               + (month < 0 ? ' leap' : ''));
  }
  if (lunar.getJieQi() && day.getUTCFullYear() <= 2100) {
    lines.push(`${TERMS[lunar.getJieQi()]} ${text}`);
  }
}
process.stdout.write(lines.join('\n') + '\n');
