"""Floor 1: pure functions on arrays, one package per engine."""
