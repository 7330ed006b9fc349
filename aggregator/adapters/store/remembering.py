"""What was read from the database and is still true, kept in memory up to a bound."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, as many as are asked for most lately.

    Whoever writes what a value was read from says `forget`, or what it is now. All is forgotten when a transaction is undone or another
    connection has written: see `Connection.transaction`. Nothing is to be taken from here outside one.
    """

    def __init__(self, size: int) -> None:
        """Remember up to `size` values."""
        self._size = size
        self._values = OrderedDict[K, V]()

    def all(self, keys: Iterable[K], read: Callable[[list[K]], Mapping[K, V]]) -> dict[K, V]:
        """Return the values of `keys`, those that are not known being read; what cannot be read is left out."""
        keys, values = list(keys), self._values
        missing = [key for key in keys if key not in values]
        if missing:
            values.update(read(missing))
        taken = {}
        for key in keys:
            if key in values:
                taken[key] = values[key]
                # The last that was asked for is the last to be dropped.
                values.move_to_end(key)
        self._drop()
        return taken

    def change(self, key: K, change: Callable[[V], V]) -> None:
        """Put what `change` makes of a value in its place, if it is known."""
        if key in self._values:
            self._values[key] = change(self._values[key])

    def put(self, key: K, value: V) -> None:
        """Know what is going to be asked for next."""
        self._values[key] = value
        self._values.move_to_end(key)
        self._drop()

    def forget(self, *keys: K) -> None:
        """Let these be read again."""
        for key in keys:
            self._values.pop(key, None)

    def _drop(self) -> None:
        while len(self._values) > self._size:
            self._values.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()

    def __len__(self) -> int:
        """Return how many values are remembered."""
        return len(self._values)
