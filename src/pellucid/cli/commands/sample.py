"""``pellucid sample``."""

from __future__ import annotations

import sys
from typing import Any

import click

from pellucid.cli.options import Option, command_of
from pellucid.cli.screen import Screen, plural
from pellucid.cli.types import Number, Whole

__all__ = ["sample"]

_EXAMPLES = """
pellucid sample runs/tiny-shakespeare --prompt "ROMEO:" --length 500
pellucid sample runs/tiny-shakespeare --temperature 0.8 --top-k 20 --seed 1
pellucid sample runs/names --count 10
pellucid sample runs/mnist --count 64 --out grid.png
"""

_LENGTH = 300
_COUNT = 64
_TEXT = "Text"


@command_of(
    click.Argument(["run"]),
    Option(["--prompt"], default="", section=_TEXT, help="How the text begins."),
    Option(
        ["--length"],
        type=Whole(),
        section=_TEXT,
        help=f"Tokens (characters, words) to add ({_LENGTH}).",
    ),
    Option(
        ["--temperature"],
        type=Number(),
        section=_TEXT,
        help="Below 1 likely tokens become likelier, above 1 less so; 0 takes the likeliest (1).",
    ),
    Option(["--top-k"], type=Whole(), section=_TEXT, help="Draw from the K likeliest only."),
    Option(
        ["--top-p"],
        type=Number(0, 1, above_low=True),
        section=_TEXT,
        help="Draw from the likeliest that have this probability together.",
    ),
    Option(
        ["--out"],
        type=click.Path(),
        metavar="FILE.png",
        section="Images",
        help="The picture with the samples (samples.png).",
    ),
    Option(["--count"], type=Whole(), help="How many samples: texts (1) or images (64)."),
    Option(["--seed"], type=Whole(0), help="Start of the random numbers; otherwise new ones."),
    examples=_EXAMPLES,
)
def sample(
    run: str,
    prompt: str,
    length: int | None,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
    out: str | None,
    count: int | None,
    seed: int | None,
    json: bool,
) -> None:
    """Draw new text, or new images, from the network of a run folder.

    RUN is a training of a language model (`pellucid train FILE.txt --model gpt`), of an adversarial
    pair, or of a variational autoencoder. The same seed gives the same samples.
    """
    from pellucid.cli.run_folders import open_run
    from pellucid.errors import DataError

    screen = Screen(json=json)
    loaded = open_run(run)
    kind = loaded.model.extra.get("kind")
    texts = {"length": length, "temperature": temperature, "top_k": top_k, "top_p": top_p}
    if kind == "language":
        if out is not None:
            raise DataError(f"--out is for images; '{run}' makes text: ... > FILE.txt keeps it")
        options = {name: value for name, value in texts.items() if value is not None}
        _texts(screen, loaded, run, prompt, count or 1, seed, options)
        return
    if not hasattr(loaded.net, "sample"):
        raise DataError(
            f"'{run}' holds a network that {'classifies' if loaded.class_names else 'predicts'}; "
            "samples come from language models, adversarial pairs and variational autoencoders"
        )
    for name, value in (("prompt", prompt or None), *texts.items()):
        if value is not None:
            raise DataError(f"--{name.replace('_', '-')} is for text; '{run}' makes images")
    _images(screen, loaded, run, out or "samples.png", count or _COUNT, seed)


def _texts(
    screen: Screen,
    loaded: Any,
    run: str,
    prompt: str,
    count: int,
    seed: int | None,
    options: dict[str, Any],
) -> None:
    from pellucid.cli.text_sampling import pieces
    from pellucid.random import generator

    options = {"length": _LENGTH, **options}
    draw = generator(seed) if seed is not None else generator(_new_seed())
    made: list[str] = []
    for number in range(count):
        text = ""
        if number and not screen.json and not loaded.preparation.lines:
            click.echo("\n---\n")
        for piece in pieces(loaded.net, loaded.preparation, prompt, **options, rng=draw):
            text += piece
            if not screen.json:
                click.echo(piece, nl=False)
                sys.stdout.flush()
        if not screen.json and not text.endswith("\n"):
            click.echo()
        made.append(text)
    screen.result({"run": run, "prompt": prompt, "seed": seed, **options, "samples": made})


def _images(screen: Screen, loaded: Any, run: str, out: str, count: int, seed: int | None) -> None:
    import numpy as np

    from pellucid.random import generator
    from pellucid.training.pictures import save_grid

    net: Any = loaded.net
    draw = generator(seed) if seed is not None else generator(_new_seed())
    labels = np.arange(count) % net.classes if getattr(net, "classes", 0) else None
    made = net.sample(count, rng=draw) if labels is None else net.sample(count, labels, rng=draw)
    shape = loaded.model.extra.get("image_shape")
    if shape is None:
        from pellucid.errors import DataError

        raise DataError(f"'{run}' was not trained on images, so its samples cannot be drawn")
    save_grid(out, np.asarray(made).reshape(count, *shape))
    screen.say(f"{plural(count, 'sample')} in {out}")
    result: dict[str, Any] = {"run": run, "count": count, "seed": seed, "out": out}
    if labels is not None:
        result["labels"] = labels.tolist()
    screen.result(result)


def _new_seed() -> int:
    """Return a seed that nobody knows."""
    import secrets

    return secrets.randbits(63)
