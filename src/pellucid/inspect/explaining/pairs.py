"""Two networks trained against each other: one step has two halves, each a program of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pellucid.inspect.explaining.nodes import Paragraph, Section
from pellucid.program import Program

if TYPE_CHECKING:
    from pellucid.training import AdversarialTrainer

__all__ = ["Half", "halves_of", "section_of"]


@dataclass(frozen=True)
class Half:
    """The step of one of the two networks.

    Attributes
    ----------
    title, text : str
        What it is called, and what happens in it.
    program : Program
        Its instructions alone.
    """

    title: str
    text: str
    program: Program


def halves_of(program: Program, trainer: AdversarialTrainer) -> list[Half]:
    """Return the discriminator's step and the generator's.

    Parameters
    ----------
    program : Program
        Of both steps, as :func:`pellucid.trace` writes it down.
    trainer : AdversarialTrainer
    """
    told = (
        (
            "The discriminator's step",
            "It is shown real samples x and samples G(z) that the generator makes of noise z; D is "
            "the number that it returns, the higher the more it takes them for real. Its weights "
            "are changed so that it tells them apart. The generator stays as it is.",
            "discriminator_loss",
        ),
        (
            "The generator's step",
            "It makes samples of new noise, and its weights are changed so that the "
            "discriminator, which has just been changed, takes them for real. What comes back to "
            "the samples goes through the discriminator, whose weights stay as they are.",
            "loss",
        ),
    )
    halves = []
    for number, (title, text, loss) in enumerate(told):
        instructions = [i for i in program.instructions if i.step == number]
        layers = [k for k, i in enumerate(instructions) if i.phase == "forward" and i.path]
        for instruction in instructions[: layers[-1] if layers else 0]:
            if instruction.phase == "loss":  # between two networks, not after both
                instruction.phase = "forward"
        results = {"loss": program.results[loss]}
        half = Program(
            instructions,
            program.inputs,
            results,
            program.models,
            program.optimizers[number : number + 1],
            title,
        )
        known = {id(variable) for variable in half.variables}
        half.aliases = [pair for pair in program.aliases if {id(v) for v in pair} <= known]
        halves.append(Half(title, text, half))
    if trainer.critic_steps > 1:
        often = f" It is done {trainer.critic_steps} times for one of the generator's."
        halves[0] = Half(halves[0].title, halves[0].text + often, halves[0].program)
    halves = [_with_gradient(half) for half in halves]
    for index, instruction in enumerate(program.instructions):
        instruction.index = index  # as in the whole program again
    return halves


def _with_gradient(half: Half) -> Half:
    """Say so where the loss has a gradient in it, whose way back is among the steps before it."""
    made = half.program.results["loss"].made_by
    before = half.program.instructions[: made.index if made is not None else 0]
    if not any(i.phase == "backward" for i in before):
        return half
    text = (
        " The loss has a gradient in it, ∇D, that of the scores by the samples. The way back that "
        "computes it stands with the other steps back; there L is the sum of those scores."
    )
    return Half(half.title, half.text + text, half.program)


def section_of(half: Half, phases: list[Section]) -> Section:
    """Return the section of a half with its phases."""
    return Section(half.title, blocks=[Paragraph(half.text), *phases])
