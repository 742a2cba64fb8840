"""Signals: the exit code of each, one alone counts, and none splits what belongs together."""

import os
import signal

import pytest

from analysis.running import interruption
from analysis.running.interruption import Stopped


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_block_with_its_exit_code(number: int, code: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Stopped) as caught, interruption.heeded():
        signal.raise_signal(number)
        pytest.fail("it went on")
    assert caught.value.exit_code == code
    assert signal.getsignal(number) == before


def test_a_second_signal_does_not_disturb_the_clearing_up() -> None:
    cleared = []
    with pytest.raises(Stopped) as caught, interruption.heeded():
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            cleared.append(True)
    assert (cleared, caught.value.exit_code) == ([True], 143)


@pytest.mark.parametrize("instead", [KeyError, SystemExit, None])
def test_a_signal_that_was_swallowed_counts_at_the_end(instead: type[BaseException] | None) -> None:
    with pytest.raises(Stopped), interruption.heeded():
        try:
            signal.raise_signal(signal.SIGTERM)
        except Stopped:
            if instead:
                raise instead from None


def test_a_signal_that_the_caller_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruption.heeded():
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_signal_waits_for_the_end_of_what_belongs_together() -> None:
    done = []
    with pytest.raises(Stopped) as caught, interruption.heeded():
        with interruption.put_off():
            os.kill(os.getpid(), signal.SIGTERM)
            done.append("first")
            done.append("second")
        done.append("later")
    assert (done, caught.value.exit_code) == (["first", "second"], 143)
