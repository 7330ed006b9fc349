"""When garbage is looked for, and where."""

import gc
import weakref

from aggregator.adapters import garbage


class _Thing:
    """Something that garbage may hold."""

    itself: "_Thing"


def test_what_outlives_a_full_look_is_left_out_of_the_next() -> None:
    """However much a crawl has at hand, the next full look goes through what came since."""
    with garbage.only_in_what_is_new():
        at_hand = [[number] for number in range(1_000)]
        gc.collect()
        left = {id(one) for one in gc.get_objects()}

    assert left.isdisjoint(map(id, at_hand))


def test_garbage_that_was_left_out_is_found_when_everything_is_looked_through() -> None:
    """So what is left out by day is not kept for ever."""
    with garbage.only_in_what_is_new():
        thing = _Thing()
        thing.itself = thing
        alive = weakref.ref(thing)
        gc.collect()
        del thing
        gc.collect()
        assert alive() is not None

        garbage.look_everywhere()
        assert alive() is None


def test_afterwards_nothing_is_left_out() -> None:
    """A program that opens and closes an archive is as it was."""
    before = list(gc.callbacks)
    with garbage.only_in_what_is_new():
        assert gc.get_freeze_count() > 0

    assert gc.get_freeze_count() == 0
    assert gc.callbacks == before


def test_no_full_look_goes_through_much() -> None:
    """However much was there before: each comes before much has gathered, for the event loop waits meanwhile."""
    gone_through = []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "start" and told["generation"] == 2:
            gone_through.append(len(gc.get_objects()))

    was_there = [[number] for number in range(1_000_000)]
    with garbage.only_in_what_is_new():
        gc.callbacks.append(note)
        at_hand = [[number] for number in range(500_000)]
        gc.callbacks.remove(note)

    assert len(was_there) > len(at_hand) > 4 * max(gone_through, default=0)
