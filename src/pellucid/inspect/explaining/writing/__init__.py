"""The three ways in which an explanation is written: for the terminal, as HTML, as Markdown."""
