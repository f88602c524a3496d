"""Sphinx configuration: the pages are MyST Markdown."""

project = "Pellucid"
author = "The Pellucid developers"
copyright = "The Pellucid developers"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Pellucid"
