"""A neutral tree of a configuration file: what is written, and where. No YAML library's types get past it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where something stands. Lines and columns count from 1; the end column is the first one behind it."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value, as its text."""

    span: Span
    text: str
    #: Whether it stands without quotes; only then may it mean "nothing".
    plain: bool = True

    @property
    def is_nothing(self) -> bool:
        """Whether YAML reads it as null."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A sequence."""

    span: Span
    members: tuple["Node", ...]
    #: Whether it is written in [ ].
    flow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys with their values, doubles included."""

    span: Span
    pairs: tuple[tuple[Scalar, "Node"], ...]
    #: Whether it is written in { }.
    flow: bool = False
    #: Whether the file broke off inside it, so that nothing can be said to be missing.
    cut: bool = False

    def value(self, key: str) -> "Node | None":
        """Return what the first such key holds."""
        return next((value for name, value in self.pairs if name.text == key), None)


Node = Scalar | Listing | Mapping


def shape(node: Node) -> str:
    """Name the kind of `node` in a person's words."""
    match node:
        case Listing():
            return "a list"
        case Mapping():
            return "keys with values"
        case Scalar():
            return "nothing" if node.is_nothing else f'"{node.text[:60]}"'
