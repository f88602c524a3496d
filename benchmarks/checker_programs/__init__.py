"""Programs in other learners' styles, with mistakes planted in them line by line.

They were written after the checker, to try it on code that it had not been built on: loops over
lists, layers as classes, gates in dicts, einsum, samples in columns. 48 % of the mistakes were
named when it first saw them. It was mended with these programs in view since, so what it names now
says less about code that it has not seen.

Each file is a program that runs as it stands, and below it the mistakes: a name, the kinds and
places that a right answer gives, and the lines that are changed, as in a diff. ``...`` stands
between changes in different places. No answer but a kind that is listed counts.
"""
