"""`sparse kafka serve`: an address, topics, files; and what it refuses."""

import re


def test_it_prints_its_address_and_loads_files(run_sparse, serve):
    lines = [f"line {number}" for number in range(5000)]
    run_sparse.write("text", "\n".join(lines))
    address = serve("--topic", "lines:3", "--load", "text:lines")
    assert re.fullmatch(r"127\.0\.0\.1:\d+", address)
    done = run_sparse("kafka", "consume", "-b", address, "-t", "lines", "-e")
    assert done.code == 0 and sorted(done.out.splitlines()) == sorted(lines)
    assert run_sparse("kafka", "consume", "-b", address, "-t", "lines", "-p", "3", "-e").code == 2


def test_what_would_be_dropped_is_refused(run_sparse):
    run_sparse.write("text", ("x" * 999 + "\n") * 10_000)
    done = run_sparse("kafka", "serve", "--topic", "lines:2", "--load", "text:lines")
    assert (done.code, done.out) == (1, "")
    assert "text does not fit into topic lines" in done.err and "--topic lines:3" in done.err


def test_wrong_words_are_named(run_sparse):
    for words, hint in ((["--topic", "lines"], "TOPIC:PARTITIONS"), (["--load", "text"], "FILE:TOPIC")):
        done = run_sparse("kafka", "serve", *words)
        assert done.code == 2 and hint in done.err
    done = run_sparse("kafka", "serve", "--load", "missing:lines")
    assert done.code == 1 and "missing cannot be read" in done.err
