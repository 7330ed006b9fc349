"""Locks by name."""

import asyncio

import pytest

from aggregator.pipeline.locks import KeyedLocks


async def _visit(locks: KeyedLocks, key: str, seen: list[str], leave: asyncio.Event) -> None:
    async with locks.held(key):
        seen.append(key)
        await leave.wait()


async def _settle() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_one_key_is_held_by_one_at_a_time() -> None:
    """Who wants a key that is held waits; other keys are free."""

    async def play() -> None:
        locks, seen, leave = KeyedLocks(), list[str](), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for key in ("a", "a", "b"):
                tasks.create_task(_visit(locks, key, seen, leave))
            await _settle()
            assert seen == ["a", "b"]
            assert len(locks) == 2
            leave.set()
        assert seen == ["a", "b", "a"]

    asyncio.run(play())


def test_keys_that_nobody_uses_are_forgotten() -> None:
    """A key is dropped with the last who held or waited for it, also when that one failed."""

    async def play() -> None:
        locks = KeyedLocks()
        for key in range(100):
            async with locks.held(key):
                assert len(locks) == 1
        with pytest.raises(LookupError):
            async with locks.held("a"):
                raise LookupError
        assert len(locks) == 0

    asyncio.run(play())


def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    """A cancelled wait neither takes the key nor keeps it from the next one."""

    async def play() -> None:
        locks, seen, leave = KeyedLocks(), list[str](), asyncio.Event()
        first, second, third = (asyncio.create_task(_visit(locks, "a", seen, leave)) for _ in range(3))
        await _settle()
        second.cancel()
        await _settle()
        assert len(locks) == 1
        leave.set()
        await asyncio.gather(first, third)
        assert seen == ["a", "a"]
        assert second.cancelled()
        assert len(locks) == 0

    asyncio.run(play())
