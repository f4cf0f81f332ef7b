/** Style of the gallery; the pictures have their own colours. */
export const galleryStyle = `:root{color-scheme:light dark;--page:#fff;--soft:#f6f8fa;--line:#d8dee4;--ink:#1f2328;--muted:#59636e;--accent:#3538cd}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--soft:#151b23;--line:#30363d;--ink:#f0f3f6;--muted:#9da7b3;--accent:#a4b1ff}}
*{box-sizing:border-box}
html{scroll-padding-top:72px}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
.page,main,.search{max-width:1120px;margin:0 auto;padding:0 20px}
main{padding-bottom:40px}
h1{font-size:26px;line-height:1.25;margin:36px 0 6px}
h2{font-size:21px;margin:0 0 4px}
h2 a{color:inherit}
p{margin:0 0 10px;max-width:76ch}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.page p{color:var(--muted)}
nav{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:10px;margin:18px 0 8px}
nav a{display:flex;flex-direction:column;padding:10px 14px;border:1px solid var(--line);border-radius:8px;color:var(--ink)}
nav a:hover{border-color:var(--accent);text-decoration:none}
nav span,small{color:var(--muted);font-size:13px}
nav small{margin-top:auto;padding-top:4px}
.search{position:sticky;top:0;z-index:1;display:flex;align-items:center;gap:14px;padding-top:12px;padding-bottom:12px;background:var(--page)}
.search label{flex:1;max-width:420px}
.search label span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.search input{width:100%;padding:8px 12px;font:inherit;color:inherit;background:var(--soft);border:1px solid var(--line);border-radius:8px}
.search output{color:var(--muted);font-size:13px}
.machine{padding:26px 0 30px;border-top:1px solid var(--line)}
.files{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:13px}
.picture,.scroll{overflow-x:auto}
.picture{margin:14px 0}
.picture svg{display:block;max-width:100%;height:auto}
details{margin:12px 0 0}
summary{cursor:pointer;font-weight:600}
table{width:100%;border-collapse:collapse;margin:6px 0;font-size:13.5px}
th{text-align:left;font-weight:600;color:var(--muted);font-size:12.5px}
th,td{padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child{white-space:nowrap}
td code{display:inline-block;color:var(--muted)}
td:nth-child(2){color:var(--muted)}
tbody tr:hover{background:var(--soft)}
.chart .hit>rect{stroke:var(--accent);stroke-width:2.5;stroke-dasharray:none}
@media (max-width:640px){
h1{font-size:22px;margin-top:24px}
.picture svg{max-width:none}
thead{display:none}
tbody tr{display:block;padding:8px 0;border-bottom:1px solid var(--line)}
tbody tr[hidden]{display:none}
td{display:block;padding:0;border:0}
td:empty{display:none}
td:first-child{white-space:normal;overflow-wrap:anywhere}
}`;

/** Search: hides the rows without a match, and marks the states of the others. */
export const galleryScript = `const input = document.getElementById('search');
const found = document.getElementById('found');
const mark = (ids) => {
  for (const box of document.querySelectorAll('[data-state]'))
    box.classList.toggle('hit', ids.has(box.dataset.state));
};
const search = () => {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const ids = new Set();
  let count = 0;
  for (const section of document.querySelectorAll('.machine')) {
    let matches = 0;
    for (const row of section.querySelectorAll('tbody tr')) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (row.hidden) continue;
      matches++;
      if (words.length > 0) ids.add(row.dataset.for);
    }
    section.hidden = matches === 0;
    count += matches;
  }
  found.value = words.length > 0 ? count + (count === 1 ? ' match' : ' matches') : '';
  mark(ids);
};
input.addEventListener('input', search);
search();`;
