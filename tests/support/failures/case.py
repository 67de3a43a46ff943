"""What a case is, and the list that the cases of every family register in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from support.failures.scene import Asking, Scene
from support.real_clients import Outcome


@dataclass(frozen=True)
class Case:
    """One way to fail. The story is for the reader: it heads the golden file."""

    name: str
    story: str
    # The code of the cause; None where every client trusts the server.
    cause: str | None
    make: Callable[[Scene], Asking]
    # Clients that differ from doctor's verdict about them, as documented.
    apart: Mapping[str, Outcome]


CASES: list[Case] = []


def case(cause: str | None, **apart: Outcome) -> Callable:
    """Registers a function as a case: its name is the case's, its docstring the story."""

    def put(make: Callable[[Scene], Asking]) -> Callable[[Scene], Asking]:
        name = make.__name__.replace("_", "-")
        CASES.append(Case(name, make.__doc__ or "", cause, make, apart))
        return make

    return put
