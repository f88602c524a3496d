from __future__ import annotations

import math

import pytest

VERSE = "ROMEO:\nI dreamt a dream tonight.\n\nMERCUTIO:\nAnd so did I.\n\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "gpt"])
def test_a_text_that_repeats_itself_is_learned(name, load_example, tmp_path, monkeypatch) -> None:
    example = load_example("text_generation")
    monkeypatch.setattr(example, "CONTEXT", 16)
    file = tmp_path / "verse.txt"
    file.write_text(VERSE * 60)
    text = example.load(str(file))
    result = example.train(name, text, steps=50)
    assert result.loss < math.log(text.num_outputs) / 2
    written = example.write(result, length=30)
    assert written.startswith(example.PROMPT)
    assert len(written) == len(example.PROMPT) + 30
    assert set(written) <= set(VERSE)
    assert example.write(result, length=30) == written


def test_what_is_printed(load_example, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(load_example("text_generation"), "CONTEXT", 16)
    file = tmp_path / "verse.txt"
    file.write_text(VERSE * 60)
    load_example("text_generation").main([str(file), "--model", "gpt", "--steps", "3"])
    assert "parameters, 3 updates in" in capsys.readouterr().out
