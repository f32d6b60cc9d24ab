"""How a page looks: on a screen, light or dark, and on A4 paper. Nothing in it moves and no script is needed."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --line: #c4c4c4; --soft: #f1f1f1;
  --accent: #00609a; --quiet: #555; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181b; --ink: #ececec; --line: #4d5359; --soft: #23282d;
  --accent: #7cc4f2; --quiet: #b4b9be; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; margin: 0;
  background: var(--paper); color: var(--ink); }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; } footer { padding-bottom: 4rem; }
.skip { position: absolute; left: -100rem; background: var(--paper); padding: .5rem 1rem; z-index: 3; }
.skip:focus { left: .5rem; top: .5rem; }
h1 { margin: 0 0 .3rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.6rem 0 .6rem; padding-top: .4rem; border-top: 1px solid var(--line); line-height: 1.2; }
h3 { margin: 1.6rem 0 .4rem; }
p, li { max-width: 48rem; }
.question { font-size: 1.2rem; margin: 0 0 .4rem; }
.quiet, figcaption, caption { color: var(--quiet); font-size: .875rem; }
.answer { border-left: .3rem solid var(--accent); padding-left: 1rem; margin: 1.2rem 0; }
.answer p:first-of-type { font-size: 1.1rem; } .answer h2 { border: 0; margin: 0; padding: 0; font-size: 1rem; }
nav ul { columns: 14rem; padding-left: 1.2rem; }
a { color: var(--accent); }
:focus-visible { outline: .2rem solid var(--accent); outline-offset: .1rem; }
:target { background: var(--soft); }
.scroll { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: min(100%, 30rem); }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; padding: .3rem 1rem .3rem 0; border-bottom: 1px solid var(--line); }
th, td { vertical-align: baseline; }
tbody th { font-weight: normal; min-width: 7rem; }
.n { text-align: right; white-space: nowrap; } .n small { display: block; color: var(--quiet); }
thead th, thead th.n { vertical-align: bottom; white-space: normal; max-width: 9rem; }
.wide th, .wide td { padding-right: .7rem; } .wide tbody th { min-width: 5rem; }
.sure { font-weight: bold; } tfoot td, tfoot th { border-top: 2px solid var(--line); font-weight: bold; }
figure { margin: 1rem 0; }
figure .scroll { background: #fff; border: 1px solid var(--line); border-radius: .3rem; max-width: 50rem; margin: 0; }
figure img { display: block; width: 100%; min-width: 30rem; }
figure.small img { min-width: 0; }
figcaption { margin-top: .4rem; }
code { background: var(--soft); padding: .15rem .4rem; border-radius: .2rem; overflow-wrap: anywhere; }
pre code { display: block; padding: .6rem .8rem; white-space: pre-wrap; }
.term > a { color: inherit; text-decoration: underline dotted; text-underline-offset: .2em; }
.tip { display: none; position: fixed; z-index: 2; left: 1rem; right: 1rem; bottom: 1rem; margin: 0 auto;
  max-width: 44rem; padding: .6rem 1rem; background: var(--ink); color: var(--paper); border-radius: .3rem;
  font-size: .9375rem; font-weight: normal; line-height: 1.4; text-align: left; white-space: normal; }
.term:hover > .tip, .term:focus-within > .tip { display: block; }
@media (max-width: 40rem) { nav ul { columns: 1; } th, td { padding-right: .7rem; } }
@media print {
  @page { size: A4; margin: 15mm; }
  :root { color-scheme: light; --paper: #fff; --ink: #000; --line: #bbb; --soft: #f3f3f3; --accent: #004f7f;
    --quiet: #444; }
  body { font-size: 9.5pt; } header, main, footer { max-width: none; padding: 0; } nav, .skip, .tip { display: none; }
  .term > a { text-decoration: none; } .term:hover > .tip, .term:focus-within > .tip { display: none; }
  h2, h3, caption { break-after: avoid; } figure, tr, .answer { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; } th, td, .wide th, .wide td { padding-right: .4rem; }
  table { font-size: 8.5pt; min-width: 0; }
  .short { break-inside: avoid; }
  tbody th, .wide tbody th { min-width: 0; } .wide tbody th { overflow-wrap: anywhere; } .n { white-space: normal; }
  .wide { font-size: 7pt; } .wide th, .wide td { padding-right: .25rem; }
  figure .scroll { border: 0; } figure img { max-width: 150mm; min-width: 0; } tfoot { display: table-row-group; }
}
"""
