/** Style of the score page. Text and error colours keep a contrast of at least 4.5 and 3 to 1 in both schemes. */
export const SCORE_CSS = `
:root{--text:#1b1f24;--muted:#57606a;--back:#fff;--line:#d0d7de;--light:42%;--missed:#b35900;--false-alarm:#8250df;--confusion:#cf222e;--alone:#6e7781;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--muted:#9ba5b0;--back:#0d1117;--line:#30363d;--light:62%;--missed:#f0a45d;--false-alarm:#c297ff;--confusion:#ff7b72;--alone:#8b949e;--link:#79c0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:1400px;margin:0 auto;padding:1rem}
h2{margin:2rem 0 0}
small{color:var(--muted);font-weight:normal}
a{color:var(--link)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .75rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,th[scope=row],.text{text-align:left}
tfoot th,tfoot td{border-top:2px solid var(--muted);font-weight:bold}
.timeline{display:flex}
.timeline ul{flex:none;max-width:12rem;margin:0;padding:0 .75rem 0 0;list-style:none}
.timeline li{height:20px;overflow:hidden;font-size:13px;line-height:20px;text-overflow:ellipsis;white-space:nowrap}
svg{display:block}
svg text{fill:var(--muted);font-size:12px}
.tick{stroke:var(--line)}
.speaker{fill:hsl(var(--hue) 60% var(--light))}
.alone{fill:var(--alone)}
.missed{fill:var(--missed)}
.falseAlarm{fill:var(--false-alarm)}
.confusion{fill:var(--confusion)}
summary{cursor:pointer;padding:.5rem 0}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
`;
