import { themes, FONT_FAMILY, type Theme } from './theme.ts';

const variables = (t: Theme): string =>
  `--paper:${t.paper};--text:${t.text};--secondary:${t.secondary};--control:${t.control};--grid:${t.grid};--accent:${t.accent};--error:${t.error}`;

/** The style sheet of a report: both colour schemes, print, forced colours, narrow windows. */
export const reportStyle: string = `
:root{color-scheme:light dark;${variables(themes.light)}}
.on-dark{display:none}
@media screen and (prefers-color-scheme:dark){
:root{${variables(themes.dark)}}
.on-dark{display:block}.on-light{display:none}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--text);font:15px/1.5 ${FONT_FAMILY}}
main{max-width:1060px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:24px;line-height:1.25;font-weight:600;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:15px;font-weight:600;margin:0 0 10px}
p{margin:0 0 8px}
.lead{color:var(--secondary);overflow-wrap:anywhere}
.verdict{display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline;margin:20px 0 32px;padding:12px 16px;border:1px solid var(--grid);border-left:3px solid var(--accent);border-radius:4px}
.verdict.check{border-left-color:var(--error)}
.verdict strong{font-weight:600}
.verdict.check strong{color:var(--error)}
.figures{display:flex;flex-wrap:wrap;gap:32px;align-items:flex-start}
figure{margin:0 0 24px;max-width:100%}
figure svg{display:block;max-width:100%;height:auto;overflow:visible}
figcaption{font-size:13px;color:var(--secondary)}
.input{image-rendering:auto;display:block;max-width:100%;border:1px solid var(--grid)}
.input.small{image-rendering:pixelated}
details{margin-top:8px;font-size:13px}
summary{cursor:pointer;color:var(--accent);padding:2px 0;min-height:24px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.scroll{overflow:auto;max-height:420px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--secondary);padding:4px 0}
th,td{text-align:left;font-weight:400;padding:5px 20px 5px 0;border-bottom:1px solid var(--grid);vertical-align:top;overflow-wrap:anywhere}
thead th{color:var(--secondary)}
.facts{width:100%;max-width:720px;font-size:14px}
h2.tensor{margin-bottom:12px;overflow-wrap:anywhere}
.facts th{color:var(--secondary);width:230px}
section{margin-top:32px}
ul{margin:0;padding-left:20px}
footer{margin-top:40px;color:var(--secondary);font-size:13px}
@media (max-width:480px){main{padding:24px 16px}.facts th{width:40%}}
@media print{.figures{display:block}details{display:none}figure{break-inside:avoid}}
@media (forced-colors:active){.verdict{border:1px solid}figure svg{forced-color-adjust:none}}
`.replaceAll('\n', '');
