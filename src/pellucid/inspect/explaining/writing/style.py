"""The looks of the HTML page: a textbook's, light or dark as the reader's system is."""

from pellucid.inspect.pictures.style import NEGATIVE, POSITIVE

__all__ = ["STYLE"]

STYLE = """
.pellucid-explain {
  --ink: #1b1b1f; --soft: #5b5f6b; --line: #d9dbe1; --paper: #fffdf9; --tint: #f3f1ea;
  --accent: #0b5a8f; --bar: #0072b2; --positive: POSITIVE; --negative: NEGATIVE;
  color: var(--ink); background: var(--paper);
  font: 17px/1.55 "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", Georgia, serif;
  max-width: 52rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; box-sizing: border-box;
}
@media (prefers-color-scheme: dark) {
  .pellucid-explain {
    --ink: #e7e5df; --soft: #a3a6b0; --line: #3a3d46; --paper: #17181c; --tint: #212329;
    --accent: #7cc3f2; --bar: #56b4e9; --positive: #ef8a62; --negative: #67a9cf;
  }
}
html:has(> body > .pellucid-explain) { background: #fffdf9; }
@media (prefers-color-scheme: dark) {
  html:has(> body > .pellucid-explain) { background: #17181c; }
}
html:has(> body > .pellucid-explain) > body { margin: 0; }
.pellucid-explain h1 { font-size: 1.6rem; line-height: 1.25; font-weight: 600; margin: 0 0 .8rem; }
.pellucid-explain h2 {
  font-size: 1.3rem; font-weight: 600; margin: 2.6rem 0 .8rem; padding-bottom: .25rem;
  border-bottom: 2px solid var(--accent);
}
.pellucid-explain h3, .pellucid-explain h4, .pellucid-explain h5, .pellucid-explain h6 {
  display: inline; font-size: 1.02rem; font-weight: 600; margin: 0;
}
.pellucid-explain nav { color: var(--soft); font-size: .95rem; }
.pellucid-explain a { color: var(--accent); text-decoration: none; }
.pellucid-explain a:hover { text-decoration: underline; }
.pellucid-explain details {
  margin: .9rem 0; padding-left: .9rem; border-left: 2px solid var(--line);
}
.pellucid-explain details[open] > summary { margin-bottom: .4rem; }
.pellucid-explain summary { cursor: pointer; color: var(--accent); }
.pellucid-explain .digest, .pellucid-explain .note {
  color: var(--soft); font-size: .86rem; margin-left: 1.2rem;
}
.pellucid-explain .formula {
  display: flex; flex-wrap: wrap; align-items: center; gap: .2rem 1rem; overflow: auto hidden;
  background: var(--tint); border-radius: 6px; padding: .45rem 1rem; margin: .8rem 0;
}
.pellucid-explain .formula math { width: auto; margin: 0; }
.pellucid-explain .working {
  overflow: auto hidden; padding: .3rem 0 .3rem 3.4rem; text-indent: -2rem; line-height: 1.7;
}
.pellucid-explain math {
  font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", math; font-size: 1.06em;
  text-indent: 0;
}
.pellucid-explain table {
  border-collapse: collapse; font-variant-numeric: tabular-nums lining-nums;
}
.pellucid-explain .wide { overflow: auto hidden; padding-left: 1.4rem; }
.pellucid-explain table.terms { margin: .6rem 0; font-size: .95rem; }
.pellucid-explain .terms th {
  font-weight: 600; text-align: right; padding: .1rem .7rem; border-bottom: 1px solid var(--soft);
}
.pellucid-explain .terms th:first-child, .pellucid-explain .terms td:first-child {
  text-align: left; padding-left: 0;
}
.pellucid-explain .terms td { padding: .1rem .7rem; white-space: nowrap; }
.pellucid-explain .number { text-align: right; white-space: pre; }
.pellucid-explain .terms tr.total td { border-top: 1px solid var(--soft); }
.pellucid-explain .working math { math-style: normal; }
.pellucid-explain caption {
  caption-side: bottom; text-align: left; color: var(--soft); font-size: .86rem; padding-top: .2rem;
}
.pellucid-explain .matrix {
  display: flex; align-items: center; gap: .5rem; overflow: auto hidden;
  padding: .3rem 0 .3rem 1.4rem;
}
.pellucid-explain table.numbers { position: relative; }
.pellucid-explain table.numbers::before, .pellucid-explain table.numbers::after {
  content: ""; position: absolute; top: 0; bottom: 0; width: .3rem; border: 1.5px solid var(--ink);
}
.pellucid-explain table.numbers::before { left: 0; border-right: 0; }
.pellucid-explain table.numbers::after { right: 0; border-left: 0; }
.pellucid-explain .numbers td { padding: .02rem .55rem; text-align: right; white-space: pre; }
.pellucid-explain .marked { outline: 2px solid var(--bar); border-radius: 3px; }
.pellucid-explain figure { margin: 1rem 0; }
.pellucid-explain figcaption { color: var(--soft); font-size: .9rem; }
.pellucid-explain .picture { border: 1px solid var(--line); }
.pellucid-explain .picture td {
  width: .95rem; height: .95rem; padding: 0; print-color-adjust: exact;
  background: color-mix(in srgb, var(--ink) calc(var(--v) * 100%), var(--paper));
}
.pellucid-explain .summary { padding: .3rem 0 .3rem 1.4rem; font-size: .95rem; }
.pellucid-explain .bars { display: block; margin: .25rem 0; overflow: visible; }
.pellucid-explain .bars .above { fill: var(--positive); }
.pellucid-explain .bars .below { fill: var(--negative); }
.pellucid-explain .bars line { stroke: var(--soft); stroke-width: 1; }
.pellucid-explain .figures td { padding: 0 .9rem 0 0; color: var(--soft); }
.pellucid-explain .figures td.number { color: var(--ink); padding-right: 1.6rem; }
.pellucid-explain .largest { list-style: none; padding: 0; margin: .2rem 0; color: var(--soft); }
.pellucid-explain .largest li { display: inline-block; margin-right: 1.2rem; }
.pellucid-explain .largest math { color: var(--ink); }
@media print {
  .pellucid-explain { max-width: none; }
  .pellucid-explain details::details-content { content-visibility: visible; block-size: auto; }
}
""".strip()
STYLE = STYLE.replace("POSITIVE", POSITIVE).replace("NEGATIVE", NEGATIVE)
