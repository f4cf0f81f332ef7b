/** The style of the report, light and dark, from phone to desktop width. */
export const STYLE = `
:root {
  --page: #f5f6f8; --card: #fff; --line: #e2e5ea; --ink: #12161f; --soft: #5b6472;
  --good: #0a7a4b; --good-back: #e0f5ea; --bad: #b3261e; --bad-back: #fde7e5;
  --accent: #3456d1; --accent-back: #e7ecfd; --warm: #8a5a00; --warm-back: #fdf0d5;
  --empty: #e9ebef; --shadow: 0 1px 2px #10182814, 0 4px 16px #1018280d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1116; --card: #171b22; --line: #2a303a; --ink: #e8ebf0; --soft: #98a2b1;
    --good: #5fd6a0; --good-back: #12331f; --bad: #ff8f85; --bad-back: #43191a;
    --accent: #92a9ff; --accent-back: #202b52; --warm: #f0bf61; --warm-back: #3b2d10;
    --empty: #1f242d; --shadow: none;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
body {
  background: var(--page); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1200px; margin: 0 auto; padding: 40px 32px 72px; }
section { margin-top: 48px; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -0.022em; font-weight: 680; }
h2 { font-size: 20px; letter-spacing: -0.012em; font-weight: 650; }
h3 { font-size: 12px; color: var(--soft); font-weight: 600; text-transform: uppercase; letter-spacing: .06em; }
.lead { color: var(--soft); margin-top: 2px; }
.nothing { color: var(--soft); margin-top: 16px; padding: 24px; border: 1px dashed var(--line); border-radius: 12px; text-align: center; }
.brand { display: flex; align-items: center; gap: 9px; font-weight: 650; letter-spacing: -0.01em; color: var(--soft); }
.mark { width: 18px; height: 18px; border-radius: 50%; background: radial-gradient(circle, var(--page) 0 2px, var(--accent) 2.5px 5.5px, transparent 6px 7px, var(--accent) 7.5px); }
.title { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 16px; margin-top: 16px; }
.verdict { padding: 4px 12px; border-radius: 99px; font-weight: 620; font-size: 14px; }
.good { color: var(--good); } .verdict.good { background: var(--good-back); }
.bad { color: var(--bad); } .verdict.bad { background: var(--bad-back); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); margin-top: 28px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); overflow: hidden; }
.tiles > div { padding: 18px 22px; box-shadow: -1px -1px 0 var(--line); }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { font-size: 26px; line-height: 1.3; font-weight: 640; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.tiles dd.detail { font-size: 13px; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.sheet { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr)); gap: 20px; margin-top: 20px; }
.card { display: flex; flex-direction: column; background: var(--card); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; box-shadow: var(--shadow); }
.card.wrong { border-color: var(--bad); }
figure { position: relative; }
figure img, .empty { display: block; width: 100%; height: auto; aspect-ratio: 16 / 9; object-fit: contain; background: var(--empty); }
.empty { background: repeating-linear-gradient(-45deg, var(--empty) 0 12px, var(--card) 12px 24px); }
figcaption { position: absolute; left: 12px; right: 12px; bottom: 12px; display: flex; justify-content: space-between; align-items: center; }
figcaption .chip, .when { background: #0b0e14cc; color: #fff; }
.chip, .when { display: inline-block; max-width: 100%; padding: 2px 9px; border-radius: 99px; font-size: 12.5px; font-weight: 560; overflow-wrap: anywhere; }
.when { font-variant-numeric: tabular-nums; margin-left: auto; }
td .chip { white-space: nowrap; background: var(--accent-back); color: var(--accent); }
.words { padding: 16px 18px 14px; flex: 1; }
.question { color: var(--soft); overflow-wrap: anywhere; }
.kind { display: inline-block; margin-right: 8px; padding: 0 7px; border-radius: 5px; font-size: 12px; line-height: 20px; font-weight: 600; background: var(--accent-back); color: var(--accent); }
.kind.typed { background: var(--warm-back); color: var(--warm); }
.answer { margin-top: 6px; font-size: 18px; line-height: 1.35; font-weight: 620; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.answer em { color: var(--soft); font-weight: 400; }
.check { margin-top: 8px; font-size: 13.5px; color: var(--soft); overflow-wrap: anywhere; }
.check span { margin-right: 8px; padding: 1px 8px; border-radius: 99px; font-weight: 620; font-size: 12.5px; }
.check.good span { background: var(--good-back); color: var(--good); }
.check.bad span { background: var(--bad-back); color: var(--bad); }
.check b { font-weight: 600; color: var(--ink); }
.facts { display: grid; grid-template-columns: repeat(4, auto); gap: 8px 14px; padding: 12px 18px 14px; border-top: 1px solid var(--line); font-size: 13px; }
.facts > div:nth-child(n + 5), .facts > div:nth-last-child(-n + 2):first-child, .facts > div:nth-last-child(1):nth-child(2) { grid-column: span 2; }
.facts dt { color: var(--soft); font-size: 12px; }
.facts dd { font-variant-numeric: tabular-nums; white-space: nowrap; font-weight: 540; }
.scroll { overflow-x: auto; margin-top: 16px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); }
.scroll.tall { max-height: 520px; overflow-y: auto; }
table { border-collapse: separate; border-spacing: 0; width: 100%; }
th, td { text-align: left; padding: 10px 18px; border-bottom: 1px solid var(--line); vertical-align: middle; }
tbody tr:last-child td { border-bottom: 0; }
th { position: sticky; top: 0; z-index: 1; background: var(--card); color: var(--soft); font-size: 12.5px; font-weight: 600; white-space: nowrap; }
.dense { font-size: 13.5px; } .dense td { padding-block: 5px; } .dense td:nth-child(2) { white-space: nowrap; }
.dense th:first-child { width: 92px; } .dense .code { white-space: nowrap; } .dense td:last-child { white-space: normal; overflow-wrap: anywhere; min-width: 220px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.code { font: 12.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.soft, .arrow { color: var(--soft); }
.bar { display: inline-block; height: 8px; border-radius: 4px; margin-right: 10px; background: var(--accent); opacity: .55; }
.dot { display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 9px; }
.hue0 { background: #3b82f6; } .hue1 { background: #10b981; } .hue2 { background: #f59e0b; }
.hue3 { background: #a855f7; } .hue4 { background: #ef4444; } .hue5 { background: #06b6d4; }
.groups { columns: 3 280px; column-gap: 20px; margin-top: 16px; }
.group { break-inside: avoid; margin-bottom: 20px; padding: 16px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; box-shadow: var(--shadow); }
.group dl { margin-top: 8px; }
.group dl > div { display: flex; justify-content: space-between; gap: 16px; padding: 3px 0; font-size: 14px; }
.group dt { color: var(--soft); } .group dd { font-variant-numeric: tabular-nums; font-weight: 540; text-align: right; overflow-wrap: anywhere; }
@media (max-width: 720px) {
  main { padding: 24px 16px 48px; }
  section { margin-top: 36px; }
  h1 { font-size: 27px; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
  .tiles > div { padding: 14px 16px; }
  .tiles dd { font-size: 22px; }
  th, td { padding-inline: 9px; }
  th:first-child, td:first-child { padding-left: 14px; }
  .bar { display: none; }
}
@media print { .scroll.tall { max-height: none; } .card, .group { break-inside: avoid; } }
`;
