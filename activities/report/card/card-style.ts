/** The look of the run card's page; the charts bring their own colours. */
export const CARD_STYLE = `
:root{--page:#f2f4f7;--paper:#fff;--strong:#182230;--text:#344054;--muted:#667085;--line:#e4e7ec;
--good:#12805c;--good-bg:#e8f6f0;--poor:#b42318;--poor-bg:#fdecea;--open:#93600a;--open-bg:#fdf3e1;--link:#1d5bd0}
@media (prefers-color-scheme:dark){:root{--page:#0c0f14;--paper:#14181f;--strong:#eef1f6;--text:#cdd4df;
--muted:#98a2b3;--line:#262d38;--good:#6bd6ab;--good-bg:#11271f;--poor:#ff9a8f;--poor-bg:#331714;
--open:#f0bf6c;--open-bg:#2d220f;--link:#8ab4ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font-size:15px;line-height:1.5;
-webkit-text-size-adjust:100%;overflow-wrap:anywhere}
main{max-width:960px;margin:0 auto;padding:28px 16px 48px}
h1{margin:2px 0 10px;font-size:26px;line-height:1.25;color:var(--strong)}
h2{margin:0 0 10px;font-size:16px;color:var(--strong)}
h3{margin:18px 0 6px;font-size:13px;color:var(--muted);font-weight:600}
p{margin:0 0 10px}
.kind{margin:0;color:var(--muted);font-size:13px}
.note{color:var(--muted);font-size:13px;margin:8px 0 0}
.warning,.verdict{padding:10px 14px;border-radius:8px}
.warning,.unclear{background:var(--open-bg);color:var(--open)}
.better{background:var(--good-bg);color:var(--good)}
.worse{background:var(--poor-bg);color:var(--poor)}
.verdict{font-weight:600;margin:14px 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px}
.tile,section,figure{background:var(--paper);border:1px solid var(--line);border-radius:10px}
.tile{padding:12px 16px 14px}
.tile p{margin:0}
.tile .name{font-size:13px;color:var(--muted)}
.tile .value{font-size:28px;line-height:1.25;font-weight:650;color:var(--strong);font-variant-numeric:tabular-nums}
section{padding:18px 20px;margin-top:16px}
ul{margin:0;padding-left:20px}
li+li{margin-top:6px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,380px),1fr));gap:16px;margin-top:16px}
figure{margin:0;padding:2px;min-width:0;break-inside:avoid;overflow-x:auto}
svg{display:block;width:100%;height:auto}
.wide{grid-column:1/-1}
.wide svg{min-width:560px;max-width:700px;margin:0 auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;overflow-wrap:normal}
th,td{padding:6px 0 6px 18px;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--muted);font-weight:500;font-size:13px}
th:first-child{padding-left:0;text-align:left;font-weight:500}
tbody th{color:var(--strong);white-space:normal;overflow-wrap:anywhere;min-width:7em}
pre{margin:0;padding:12px 14px;background:var(--page);border-radius:8px;overflow-x:auto;
font:13px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--strong);overflow-wrap:normal}
dl{display:grid;grid-template-columns:minmax(84px,max-content) 1fr;gap:6px 18px;margin:0}
dt{color:var(--muted)}
dd{margin:0;min-width:0}
.hash{font:13px/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
a{color:var(--link)}
@media (max-width:520px){main{padding:20px 12px 32px}section{padding:14px}.tile{padding:10px 12px}
.tile .value{font-size:24px}th,td{padding-left:10px}table{font-size:13.5px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
@media print{body{background:#fff}}
`.replaceAll('\n', '');
