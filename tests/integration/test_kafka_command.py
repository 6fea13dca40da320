"""`sparse kafka produce`, `consume` and `offsets`, against the embedded broker and a real one."""

import json
import signal
import time


def produce(run_sparse, address, topic, text, *words, **more):
    done = run_sparse("kafka", "produce", "-b", address, "-t", topic, *words, stdin=text, **more)
    assert done.out == ""
    return done


def consume(run_sparse, address, topic, *words):
    return run_sparse("kafka", "consume", "-b", address, "-t", topic, *words)


def test_lines_come_back(run_sparse, address, topic):
    lines = [f"line {number}" for number in range(1000)]
    done = produce(run_sparse, address, topic, "\n".join(lines))
    assert done.code == 0, done.err
    assert "1,000 of 1,000 messages delivered" in done.err
    back = consume(run_sparse, address, topic, "-e")
    assert (back.code, sorted(back.out.splitlines())) == (0, sorted(lines)), back.err


def test_keys_partitions_and_nulls(run_sparse, address, topic):
    done = produce(run_sparse, address, topic, "a:1\nb:\nplain\n", "-K", ":", "--null", "-p", "2")
    assert done.code == 0, done.err
    assert "1 line without a separator went without a key" in done.err
    back = consume(run_sparse, address, topic, "-e", "--json")
    rows = [json.loads(line) for line in back.out.splitlines()]
    assert [(row["partition"], row["offset"], row["key"], row["value"]) for row in rows] == [
        (2, 0, "a", "1"),
        (2, 1, "b", None),
        (2, 2, None, "plain"),
    ]
    assert all(row["topic"] == topic and row["timestamp"] > 1_600_000_000_000 and row["headers"] == [] for row in rows)
    assert consume(run_sparse, address, topic, "-e", "--keys").out == "a\t1\nb\t\n\tplain\n"


def test_offsets_by_words(run_sparse, address, topic):
    produce(run_sparse, address, topic, "".join(f"{number}\n" for number in range(20)), "-p", "0")
    read = lambda *words: consume(run_sparse, address, topic, "-e", "-p", "0", *words)
    assert read("-o", "-3").out.split() == ["17", "18", "19"]
    assert read("-o", "15", "-c", "2").out.split() == ["15", "16"]
    assert read("-o", "end").out == ""
    assert read("-o", "start").out.count("\n") == 20
    clamped = read("-o", "99")
    assert (clamped.code, clamped.out) == (0, "")
    assert "partition 0 has no offset 99: it holds 0 to 20" in clamped.err


def test_offsets_by_time(run_sparse, kafka, topic):
    produce(run_sparse, kafka.address, topic, "old\n", "-p", "1")
    assert consume(run_sparse, kafka.address, topic, "-e", "-o", "@-1h").out == "old\n"
    between = int(time.time() * 1000) + 1
    time.sleep(0.01)
    produce(run_sparse, kafka.address, topic, "new\n", "-p", "1")
    assert consume(run_sparse, kafka.address, topic, "-e", "-o", f"@{between}").out == "new\n"
    assert consume(run_sparse, kafka.address, topic, "-e", "-o", "@2099-01-01").out == ""


def test_bytes_are_shown_as_base64(run_sparse, address, topic):
    child = run_sparse.start("kafka", "produce", "-b", address, "-t", topic, stdin=-1, text=False)
    child.communicate(b"\xff\xfe\n", timeout=60)
    assert child.returncode == 0
    row = json.loads(consume(run_sparse, address, topic, "-e", "--json").out)
    assert row["value"] == {"base64": "//4="}


def test_a_reader_that_waits_gets_what_comes_and_stops_on_ctrl_c(run_sparse, address, topic):
    produce(run_sparse, address, topic, "first\n")
    child = run_sparse.start("kafka", "consume", "-b", address, "-t", topic)
    assert child.stdout.readline() == "first\n"
    produce(run_sparse, address, topic, "second\n")
    assert child.stdout.readline() == "second\n"
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=30) == ("", "")
    assert child.returncode == 0


def test_a_closed_pipe_ends_the_reader(run_sparse, address, topic):
    produce(run_sparse, address, topic, "first\n")
    child = run_sparse.start("kafka", "consume", "-b", address, "-t", topic)
    assert child.stdout.readline() == "first\n"
    child.stdout.close()
    assert child.wait(timeout=30) == 0
    assert child.stderr.read() == ""
    child.stderr.close()


def test_what_the_broker_refuses_is_named(run_sparse, kafka, topic):
    big = ["-X", "message.max.bytes=20000000"]
    done = produce(run_sparse, kafka.address, topic, "small\n" + "x" * 3_000_000 + "\nsmall\n", *big)
    assert done.code == 1
    assert f"line 2: not delivered to topic {topic}" in done.err and "MSG_SIZE_TOO_LARGE" in done.err
    assert "2 of 3 messages delivered" in done.err
    assert consume(run_sparse, kafka.address, topic, "-e").out == "small\nsmall\n"


def test_wrong_words_are_refused_by_name_before_anything_is_asked(run_sparse):
    for words, told in [
        (["-b", ""], "-b is empty"),
        (["-b", "embedded"], "the address that"),
        (["-b", "b", "-c", "-1"], "-1"),
        (["-b", "b", "--properties", "/"], "/ cannot be read"),
        (["-b", "b", "--properties", "none.txt"], "none.txt cannot be read"),
        (["-b", "b", "-X", "linger.ms=soon"], '"linger.ms"'),
        (["-b", "b", "-o", "-0"], "is no offset"),
    ]:
        done = run_sparse("kafka", "consume", "-t", "t", *words)
        assert (done.code, done.out) == (2, "") and told in done.err and "defect" not in done.err, (words, done.err)


def test_properties_may_come_from_a_pipe_or_an_empty_file(run_sparse, serve):
    address = serve("--topic", "t:1")
    run_sparse.write("empty.txt", "")
    for file in ["/dev/stdin", "empty.txt"]:
        words = ["kafka", "consume", "-b", address, "-t", "t", "-e", "--properties", file]
        done = run_sparse(*words, stdin="client.id=me\n")
        assert done.code == 0, done.err


def test_who_waits_for_a_dead_broker_says_so_seldom_and_in_the_words_of_the_command(run_sparse):
    broker = run_sparse.start("kafka", "serve", "--topic", "t:1")
    child = run_sparse.start("kafka", "consume", "-b", broker.stdout.readline().strip(), "-t", "t", "-o", "end")
    time.sleep(2)
    broker.send_signal(signal.SIGINT)
    broker.communicate(timeout=30)
    time.sleep(9)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, out) == (0, "")
    assert "check that -b is right" in err and "`" not in err, err
    assert len(err.splitlines()) == len(set(err.splitlines())), "nothing is said twice in ten seconds: " + err


def test_a_wrong_address_is_a_clear_error_in_bounded_time(run_sparse, topic):
    for verb in ("produce", "consume"):
        began = time.monotonic()
        done = run_sparse("kafka", verb, "-b", "127.0.0.1:1", "-t", topic, "--timeout", "2", stdin="x\n")
        assert done.code == 4 and time.monotonic() - began < 20
        assert "no broker of 127.0.0.1:1 answered within 2 s" in done.err
        assert "refused" in done.err and "Check that -b is right" in done.err


def test_a_missing_topic_is_named_with_what_was_meant(run_sparse, kafka, topic):
    produce(run_sparse, kafka.address, topic, "x\n")
    done = consume(run_sparse, kafka.address, topic + "s", "-e")
    assert (done.code, done.out) == (1, "")
    assert f'have no topic "{topic}s": did you mean "{topic}"?' in done.err
    assert consume(run_sparse, kafka.address, topic, "-p", "4").code == 2


def test_nothing_is_lost_when_the_broker_dies(run_sparse, kafka, topic):
    child = run_sparse.start("kafka", "produce", "-b", kafka.address, "-t", topic, stdin=-1)
    lines = [f"{number:08d}" for number in range(60_000)]
    for part in range(3):
        child.stdin.write("".join(line + "\n" for line in lines[part * 20_000 : (part + 1) * 20_000]))
        child.stdin.flush()
        if part == 1:
            kafka.kill()
    child.stdin.close()
    kafka.start()
    assert child.wait(timeout=120) == 0, child.stderr.read()
    assert "60,000 of 60,000 messages delivered" in child.stderr.read()
    child.stderr.close()
    child.stdout.close()
    assert sorted(consume(run_sparse, kafka.address, topic, "-e").out.splitlines()) == lines


def offsets(run_sparse, kafka, topic, *words):
    return run_sparse("kafka", "offsets", "-b", kafka.address, "-g", "group-" + topic, "-t", topic, *words)


def test_offsets_are_set_and_shown(run_sparse, kafka, topic):
    produce(run_sparse, kafka.address, topic, "".join(f"{number}\n" for number in range(10)), "-p", "1")
    before = offsets(run_sparse, kafka, topic, "-p", "1", "--json")
    assert before.code == 0, before.err
    row = json.loads(before.out)["groups"][0]["partitions"][0]
    assert (row["committed"], row["low"], row["high"], row["lag"]) == (None, 0, 10, 10)
    done = offsets(run_sparse, kafka, topic, "--set", "-4")
    assert done.code == 0, done.err
    assert "checked: the group has no members; no run has answered for 5 s" in done.err
    assert done.out.splitlines()[0].split()[:6] == ["topic", "partition", "committed", "low", "high", "lag"]
    rows = json.loads(offsets(run_sparse, kafka, topic, "--json").out)["groups"][0]["partitions"]
    assert [(row["committed"], row["lag"]) for row in rows] == [(0, 0), (6, 4), (0, 0), (0, 0)]
    again = offsets(run_sparse, kafka, topic, "--set", "start")
    assert again.code == 0, again.err
    assert offsets(run_sparse, kafka, topic, "--set", "soon").code == 2


def test_dead_letters_go_back_to_their_origin_once(run_sparse, kafka, topic):
    dead = topic + "-dead"
    produce(run_sparse, kafka.address, topic, "x\n", "-p", "0")
    origin = ["-H", f"sparse-topic={topic}", "-H", "sparse-partition=3", "-H", "sparse-reason=why", "-H", "trace=7"]
    produce(run_sparse, kafka.address, dead, "k:a\nk:b\n", "-K", ":", *origin)
    replay = lambda *words: run_sparse("kafka", "replay", dead, "-b", kafka.address, *words)
    dry = replay("--dry-run")
    assert (dry.code, dry.out) == (0, "") and f"2 dead letters would be sent: 2 to {topic}" in dry.err
    done = replay()
    assert done.code == 0 and f"2 of 2 dead letters sent back: 2 to {topic}" in done.err, done.err
    rows = [json.loads(line) for line in consume(run_sparse, kafka.address, topic, "-e", "-p", "3", "--json").out.splitlines()]
    assert [(row["key"], row["value"], row["headers"]) for row in rows] == [
        ("k", "a", [{"name": "trace", "value": "7"}]),
        ("k", "b", [{"name": "trace", "value": "7"}]),
    ]
    again = replay()
    assert again.code == 0 and "nothing to send" in again.err
    produce(run_sparse, kafka.address, dead, "foreign\n")
    foreign = replay()
    assert foreign.code == 1 and "no dead letter of sparse" in foreign.err
