"""The primitives of the engine itself.

The table grows where other floors fuse calls: ``tests/losses`` covers those.
"""

from __future__ import annotations

from pellucid import primitives

ENGINE = {
    name: primitive
    for name, primitive in primitives.PRIMITIVES.items()
    if getattr(primitives, name, None) is primitive
}
