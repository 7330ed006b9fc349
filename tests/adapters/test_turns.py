"""Turns at what only few can use at once."""

import asyncio

from aggregator.adapters.turns import Queue, Turns


async def _works(turns: Turns, name: str, times: int, done: list[str]) -> None:
    for _ in range(times):
        async with turns.turn():
            await asyncio.sleep(0)
            done.append(name)


def test_who_began_first_goes_on_first() -> None:
    """A task that comes again goes before those that came later for the first time."""
    done: list[str] = []

    async def play() -> None:
        turns = Turns(1)
        await asyncio.gather(*(_works(turns, name, 3, done) for name in "abc"))

    asyncio.run(play())

    # While the first one asks again, the second one has its first turn.
    assert "".join(done) == "abababccc"


def test_no_more_than_the_places_are_in_at_once() -> None:
    """Nobody enters beyond the places, and all get in."""
    inside, most = 0, 0

    async def work(turns: Turns) -> None:
        nonlocal inside, most
        async with turns.turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    async def play() -> None:
        turns = Turns(3)
        await asyncio.gather(*(work(turns) for _ in range(10)))

    asyncio.run(play())

    assert (inside, most) == (0, 3)


def test_who_is_cancelled_leaves_no_gap() -> None:
    """Those cancelled while they wait, or just when they are called, keep no place."""

    async def play() -> list[str]:
        turns, done = Turns(1), list[str]()
        async with turns.turn():
            waiting = [asyncio.create_task(_works(turns, name, 1, done)) for name in "abc"]
            await asyncio.sleep(0)
            waiting[0].cancel()
        waiting[1].cancel()  # it was called a moment ago
        await asyncio.gather(*waiting, return_exceptions=True)
        await _works(turns, "d", 1, done)
        return done

    assert asyncio.run(asyncio.wait_for(play(), 5)) == ["c", "d"]


def test_a_queue_lets_one_on_in_a_turn_of_the_loop() -> None:
    """In the order in which they came; whoever is cancelled while waiting holds nobody up."""

    async def run() -> list[int]:
        queue, at = Queue(), dict[int, int]()
        turns = 0

        async def visit(number: int) -> None:
            await queue.turn()
            at[number] = turns

        tasks = [asyncio.create_task(visit(number)) for number in range(6)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        while not all(task.done() for task in tasks):
            await asyncio.sleep(0)
            turns += 1
        assert list(at) == [0, 1, 3, 4, 5]
        return list(at.values())

    turns = asyncio.run(run())
    assert len(set(turns)) == len(turns)
