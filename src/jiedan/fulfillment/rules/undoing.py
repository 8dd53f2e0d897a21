"""A dictionary whose latest changes can be taken back, at the cost of the changes and not of its size."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Undoable(dict[K, V], Generic[K, V]):
    """A dictionary that knows what the keys set since `remember` held before; only `d[key] = value` changes it."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)
        self._old: dict[K, V] = {}
        self._new: list[K] = []

    def __setitem__(self, key: K, value: V) -> None:
        """Set a value; what was there is remembered once."""
        if key not in self:
            self._new.append(key)
        elif key not in self._old:
            self._old[key] = self[key]
        super().__setitem__(key, value)

    def remember(self) -> None:
        """Let `restore` go back to what is there now."""
        self._old, self._new = {}, []

    def restore(self) -> dict[K, V]:
        """Make everything as it was when `remember` was called last; return what had come to be since."""
        gone = {key: self.pop(key) for key in self._new}
        self.update({key: value for key, value in self._old.items() if key not in gone})
        self.remember()
        return gone
