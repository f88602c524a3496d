"""Running text, or lines such as names: the next token from those before it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pellucid.cli.measuring import Measures
from pellucid.cli.settings import Settings
from pellucid.cli.tasks.base import Task, Trained
from pellucid.cli.text_sampling import sampled

if TYPE_CHECKING:
    from pellucid.data import Dataset, Part
    from pellucid.nn import Module
    from pellucid.training.callbacks import ProgressDisplay, ProgressStyle

__all__ = ["Language"]

_STEPS = 2000
_WARM_UP = 100
_AT_ONCE = 64  # windows; more cost memory and gain no time
_JUDGED_TOKENS = 1 << 13  # enough to see where it goes; the end is measured on all of them
_SHOWN = 300


class Language(Task):
    """A text whose next token is predicted; judged by the last tenth of it."""

    name = "language"
    called = "running text"
    model = "gpt"
    takes = ("tokens",)
    makes = ("tokens",)
    without = ("seq2seq", "transformer")
    part = "validation"

    def before_loading(self, settings: Settings) -> Settings:
        """Fill in the model and what is held out."""
        held_out = {} if settings.test_fraction else {"validation": 0.1}
        return super().before_loading(settings.filled(test_fraction=0.0, **held_out))

    def fill(self, settings: Settings, data: Dataset) -> Settings:
        """Fill in everything; for GPT as nanoGPT does for a computer without GPU."""
        if settings.epochs is None:
            settings = settings.filled(steps=_STEPS)
        rows = len(data.train)
        settings = settings.filled(loss="token_cross_entropy", schedule="cosine")
        if settings.model != "gpt":
            return settings.filled(
                optimizer="adam", lr=2e-3, grad_clip=1.0, batch_size=min(32, rows)
            )
        settings = settings.filled(batch_size=min(12, rows), optimizer="adamw")
        if settings.optimizer == "adamw":
            settings = settings.filled(lr=1e-3, weight_decay=0.1)
            settings = settings.with_options("optimizer", betas=[0.9, 0.99])
        if settings.schedule == "cosine":
            steps = settings.steps or (settings.epochs or 1) * -(
                -rows // (settings.batch_size or 1)
            )
            settings = settings.with_options("schedule", warm_up=min(_WARM_UP, steps // 10))
            if "min_lr" not in settings.options("schedule") and settings.lr is not None:
                settings = settings.with_options("schedule", min_lr=settings.lr / 10)
        return settings

    def architecture_options(self, settings: Settings, data: Dataset) -> dict[str, Any]:
        """Return the number of tokens."""
        return {"vocabulary": data.vocabulary}

    def loss_options(self, data: Dataset) -> dict[str, Any]:
        """Leave out what only fills up lines."""
        return _ignored(data.preparation)

    def metrics(self, settings: Settings) -> tuple[str, ...]:
        """Measure perplexity too."""
        return tuple(dict.fromkeys((*settings.metric, "perplexity")))

    def progress(self, style: ProgressStyle, data: Dataset) -> ProgressDisplay:
        """Count characters, words or pieces."""
        from pellucid.cli.tasks.tokens import TokenProgress

        return TokenProgress(style, data.input_shape[0], _unit(data.preparation)[1])

    def judged(self, data: Dataset) -> Part | None:
        """Return the first windows of the text that was held out."""
        from pellucid.data import Part

        part = data.validation if data.validation is not None else data.test
        if part is None or part.y is None:
            return None
        count = max(_JUDGED_TOKENS // data.input_shape[0], 1)
        return Part(part.x[:count], part.y[:count])

    def extra(self, net: Module, data: Dataset) -> dict[str, Any]:
        """Return nothing: there is no simple prediction that is as good as the vocabulary."""
        return {"vocabulary": data.vocabulary}

    def measure(
        self,
        trained: Trained,
        part: Part,
        *,
        metrics: Iterable[str] = (),
        data: Dataset | None = None,
        part_name: str = "",
    ) -> Measures:
        """Return loss, perplexity and bits per token."""
        import functools

        from pellucid.losses import token_cross_entropy
        from pellucid.training import evaluate

        loss = functools.partial(token_cross_entropy, **_ignored(trained.preparation))
        asked = dict.fromkeys(("perplexity", *metrics))
        found = evaluate(trained.net, part, loss=loss, metrics=tuple(asked), batch_size=_AT_ONCE)
        singular = _unit(trained.preparation)[0]
        values = {
            "loss": found["loss"],
            "perplexity": found["perplexity"],
            f"bits_per_{singular}": found["loss"] / math.log(2),
            **{name: value for name, value in found.items() if name not in ("loss", "perplexity")},
        }
        vocabulary = trained.extra["vocabulary"]
        return Measures(
            "language",
            len(part),
            values,
            {"loss": math.log(vocabulary)},
            f"all {vocabulary:,} tokens alike",
        )

    def afterwards(self, net: Module, data: Dataset) -> list[str]:
        """Return a sample."""
        text = sampled(net, data.preparation, "", _SHOWN, temperature=0.8, seed=0)
        return ["A sample:", "", text.strip("\n"), ""]

    def next_steps(self, folder: Path) -> list[str]:
        """Return the commands that may follow."""
        return [
            f"pellucid sample {folder} --length 500 --temperature 0.8",
            f"pellucid evaluate {folder}",
        ]


def _ignored(preparation: Any) -> dict[str, Any]:
    padding = preparation.tokenizer.padding if preparation.lines else None
    return {} if padding is None else {"ignore_index": padding}


def _unit(preparation: Any) -> tuple[str, str]:
    from pellucid.data import CharTokenizer, WordTokenizer

    if isinstance(preparation.tokenizer, CharTokenizer):
        return "character", "characters"
    return (
        ("word", "words")
        if isinstance(preparation.tokenizer, WordTokenizer)
        else (
            "token",
            "tokens",
        )
    )
