"""What stops a command ends in a word and a code of its own."""

import os
import signal

import pytest
import typer

from hevesy.cli.console import refusals


@pytest.mark.parametrize(
    ("stop", "code", "word"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGTERM), 143, "ended by the system"),
        (lambda: os.kill(os.getpid(), signal.SIGINT), 130, "interrupted"),
    ],
)
def test_signals(stop, code, word, capsys, request):
    # A shell that starts the tests in the background has them ignore it.
    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, was))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(typer.Exit) as caught, refusals():
        stop()
    assert caught.value.exit_code == code
    assert word in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_error_without_a_file_says_why(capsys):
    with pytest.raises(typer.Exit) as caught, refusals():
        raise OSError("60 requested and 0 written")
    assert caught.value.exit_code == 1
    assert "60 requested and 0 written" in capsys.readouterr().err
