"""Kafka components in `sparse run`, on the embedded broker and without any."""

import json
import re
import signal
import time

ROUND_TRIP = """
name: round-trip
config: {topology.message.timeout.secs: 10}
spouts:
  - {id: numbers, generate: {value: hello, count: 1000}}
  - id: read
    kafka: {brokers: embedded, topics: t, fields: [partition, value], commit-interval: 100ms}
    dead-letter: dead
    parallelism: 2
bolts:
  - {id: write, kafka: {brokers: embedded, topic: t}, inputs: {numbers: shuffle}}
  - {id: out, print: {}, inputs: {read: shuffle}}
"""


def test_what_is_written_is_read_and_the_figures_say_so(run_sparse):
    run_sparse.write("x.yaml", ROUND_TRIP)
    done = run_sparse("run", "-t", "6", "--json")
    assert done.code == 0, done.err
    assert [row["values"][1] for row in done.rows()] == ["hello"] * 1000
    assert re.search(r"embedded Kafka broker listens at 127.0.0.1:\d+", done.err) and "in memory" in done.err
    assert sum(task["delivered"] for task in done.component("write")["figures"]) == 1000
    partitions = [each for task in done.component("read")["figures"] for each in task["partitions"]]
    assert len(partitions) == 4 and sum(each["committed"] for each in partitions) == 1000
    assert all(each["lag"] == 0 for each in partitions)


def test_a_run_that_is_well_complains_of_nothing(run_sparse):
    properties = "properties: {fetch.min.bytes: 1, session.timeout.ms: 10000, client.id: me, compression.type: gzip}, fields:"
    run_sparse.write("x.yaml", ROUND_TRIP.replace("fields:", properties))
    done = run_sparse("run", "-t", "3", "--json")
    assert done.code == 0 and len(done.rows()) == 1000, done.err
    assert "WARN" not in done.err and "ERROR" not in done.err and "CONFWARN" not in done.err, done.err


def test_more_than_the_embedded_broker_holds_is_refused_aloud(run_sparse):
    text = ROUND_TRIP.replace("value: hello, count: 1000", f"value: {'x' * 10000}, count: 2000")
    text = re.sub(r"  - id: read\n(    .*\n)+|  - {id: out.*\n", "", text)
    text = text.replace("generate: {", "retry: {limit: 0}, generate: {")
    run_sparse.write("x.yaml", text)
    done = run_sparse("run", "--json")
    assert done.code == 1, done.err
    assert "the embedded broker is full" in done.err and "use a real Kafka" in done.err
    assert done.component("numbers")["failed_for_good"] > 0


def produce_too_much(run_sparse, address, topic):
    """6 MiB into a partition; how many messages."""
    done = run_sparse("kafka", "produce", "-b", address, "-t", topic, "-p", "0", stdin=("x" * 9_999 + "\n") * 600)
    assert done.code == 0, done.err


LOST = r"topic {}, partition 0: more was written than the embedded broker keeps: its oldest [\d,]+ messages are lost\. {}"


def line_with(stream, text):
    for line in stream:
        if text in line:
            return line
    raise AssertionError(f"no {text!r}")


def test_what_others_write_too_much_is_said_at_once_by_the_run(run_sparse):
    run_sparse.write("x.yaml", ROUND_TRIP.replace("count: 1000", "rate: 10"))
    run = run_sparse.start("run", "x.yaml")
    try:
        produce_too_much(run_sparse, re.search(r"127.0.0.1:\d+", line_with(run.stderr, "listens at"))[0], "other")
        produced = time.monotonic()
        line = line_with(run.stderr, "more was written")
        assert time.monotonic() - produced < 2
        assert "ERROR" in line and re.search(LOST.format("other", "Write less to it, or use a real Kafka"), line), line
    finally:
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)


def test_what_others_write_too_much_is_said_by_serve(run_sparse):
    broker = run_sparse.start("kafka", "serve", "--topic", "t:1")
    try:
        produce_too_much(run_sparse, broker.stdout.readline().strip(), "t")
    finally:
        broker.send_signal(signal.SIGINT)
        _, err = broker.communicate(timeout=60)
    assert re.search(LOST.format("t", "Take more partitions"), err), err


def test_the_embedded_broker_knows_no_times_and_that_is_said(run_sparse):
    run_sparse.write("lines.txt", "to be\n")
    broker = run_sparse.start("kafka", "serve", "--topic", "t:1", "--load", "lines.txt:t")
    try:
        address = broker.stdout.readline().strip()
        for words in [
            ("consume", "-b", address, "-t", "t", "-o", "@-1h", "-e"),
            ("offsets", "-b", address, "-t", "t", "-g", "g", "--set", "@-1h"),
        ]:
            done = run_sparse("kafka", *words)
            assert (done.code, done.out) == (1, ""), done.err
            assert "an embedded broker does not know when messages came" in done.err
    finally:
        broker.send_signal(signal.SIGINT)
        broker.communicate(timeout=60)


def test_an_address_that_cannot_be_written_ends_the_broker(run_sparse):
    with open("/dev/full", "w") as full:
        child = run_sparse.start("kafka", "serve", stdout=full)
        _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "standard output" in err and "No space left" in err


def test_mistakes_have_a_line_and_a_column(run_sparse):
    run_sparse.write(
        "x.yaml",
        """name: x
spouts:
  - id: a
    dead-letter: d
    kafka:
      brokers: b
      topics: t
      properties: {fetch.min.byte: 1, sasl.password: {env: SECRET}}
  - {id: b, kafka: {brokers: b, topics: t, start: soonest}, dead-letter: d}
  - {id: c, kafka: {broker: b, topics: t}}
  - {id: d, kafka: {brokers: b, topics: t}}
bolts:
  - {id: out, kafka: {brokers: b}, inputs: {a: shuffle, b: shuffle, d: shuffle}}
""",
    )
    done = run_sparse("validate", "x.yaml")
    assert done.code == 1
    text = done.out + done.err
    assert "x.yaml:8:20" in text and 'did you mean "fetch.min.bytes"?' in text
    assert "x.yaml:9:51" in text and "`start` cannot be" in text
    assert "x.yaml:10:21" in text and 'did you mean "brokers"?' in text
    assert 'bolt "out": it writes either to a `topic`' in text


def test_dead_letters_that_contradict_the_rest_have_their_place(run_sparse):
    run_sparse.write(
        "x.yaml",
        """name: x
spouts:
  - id: twice
    dead-letter: outer
    kafka: {brokers: b, topics: t, dead-letter: inner}
  - {id: read, kafka: {brokers: b, pattern: "u.*", dead-letter: u-dead}}
  - {id: endless, kafka: {brokers: b, topics: v, dead-letter: v-dead}, retry: {limit: forever}}
  - {id: right, kafka: {brokers: b, topics: w, dead-letter: w-dead}, retry: {delay: 1s}}
bolts:
  - {id: out, discard: {}, inputs: {twice: shuffle, read: shuffle, endless: shuffle, right: shuffle}}
""",
    )
    done = run_sparse("validate", "--json", "x.yaml")
    assert done.code == 1
    found = {(each["line"], each["column"]): each["message"] for each in json.loads(done.out)["diagnostics"]}
    assert set(found) == {(4, 18), (6, 65), (7, 87)}, found
    assert 'spout "twice": "dead-letter" is given twice, here and under `kafka`' in found[4, 18]
    assert '`pattern` (u.*) matches the topic "u-dead"' in found[6, 65]
    assert "never goes to the `dead-letter` topic" in found[7, 87]


def test_all_mistakes_of_a_file_are_shown_at_once(run_sparse):
    run_sparse.write(
        "x.yaml",
        """name: x
spouts:
  - id: a
    kafka:
      broker: b
      topics: [t, {u: v}]
      guarantee: at-most
      start: soonest
      fields: [value, user, keys]
      max-uncommitted: many
      commit-interval: 1
      properties: {fetch.min.byte: 1, group.id: g, acks: [1]}
  - {id: b, parallelisms: 2, kafka: {brokers: b, topics: t, pattern: "(", guarantee: none}, dead-letter: d}
bolts:
  - {id: out, kafka: {broker: b, guarantee: at-most-once}, inputs: {a: shuffle, b: shuffle}, paralelism: 2}
""",
    )
    done = run_sparse("validate", "--json", "x.yaml")
    assert done.code == 1
    found = [
        (each["line"], each["column"], each["message"])
        for each in json.loads(done.out)["diagnostics"]
        if each["severity"] == "error"
    ]
    wanted = [
        (5, 7, 'needs the key "brokers"'),
        (5, 7, 'has no key "broker"'),
        (6, 19, "`topics` is a list of texts"),
        (7, 18, '`guarantee` cannot be "at-most"'),
        (8, 14, '`start` cannot be "soonest"'),
        (9, 23, 'no field "user"'),
        (9, 29, 'no field "keys"'),
        (10, 24, "`max-uncommitted` wants a whole number"),
        (11, 24, '`commit-interval` is "1"'),
        (12, 20, 'no property "fetch.min.byte"'),
        (12, 39, "write `group:`"),
        (12, 52, '"acks" is a text'),
        (13, 13, 'no key "parallelisms"'),
        (13, 70, "either `topics` or"),
        (13, 70, "no regular expression"),
        (13, 106, "only `guarantee: at-least-once`"),
        (15, 22, 'needs the key "brokers"'),
        (15, 23, 'has no key "broker"'),
        (15, 45, '`guarantee` cannot be "at-most-once"'),
        (15, 94, 'no key "paralelism"'),
    ]
    unmatched = list(found)
    for line, column, text in wanted:
        match = [each for each in unmatched if each[:2] == (line, column) and text in each[2]]
        assert match, (line, column, text, found)
        unmatched.remove(match[0])
    assert not unmatched, "a mistake is told once, and leads to no others"


def test_a_message_that_may_fail_for_ever_is_warned_of(run_sparse):
    run_sparse.write("x.yaml", ROUND_TRIP.replace("    dead-letter: dead\n", ""))
    done = run_sparse("validate", "x.yaml")
    assert done.code == 0, done.out + done.err
    assert "SP1218" in done.out + done.err and "dead-letter: TOPIC" in done.out + done.err


def test_brokers_that_are_not_there_are_named_and_waited_for(run_sparse):
    run_sparse.write("x.yaml", ROUND_TRIP.replace("embedded", "127.0.0.1:1").replace("count: 1000", "count: 1"))
    child = run_sparse.started("x.yaml")
    time.sleep(3)
    child.send_signal(signal.SIGINT)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert "127.0.0.1:1" in err and "keeps trying" in err, err
    assert json.loads(out.splitlines()[-1])["reason"] == "stopped"


REFUSED = """
name: refused
spouts:
  - {id: make, generate: {value: hello, count: 1}}
bolts:
  - id: write
    kafka:
      brokers: 127.0.0.1:1
      topic: t
      properties:
        PROPERTIES
    inputs: {make: shuffle}
"""


def test_what_librdkafka_refuses_is_told_before_the_run_with_its_place(run_sparse):
    cases = {
        "acks: 1": "`acks` must be set to `all`",
        "fetch.min.bytes: 1": '"fetch.min.bytes" is for consumers, and a sink is none',
        "max.in.fligth: 3": 'did you mean "max.in.flight"?',
        "{security.protocol: ssl, ssl.ca.location: ca.pem}": f'it is "{run_sparse.folder}/sub/ca.pem"',
    }
    for properties, message in cases.items():
        run_sparse.write("sub/x.yaml", REFUSED.replace("PROPERTIES", properties))
        for verb in ("validate", "run"):
            done = run_sparse(verb, "sub/x.yaml")
            assert done.code == 1 and message in done.err, done.err
            assert "sub/x.yaml:11:" in done.err, done.err


def test_a_secret_that_is_missing_is_a_warning_of_validate_and_an_error_of_run(run_sparse):
    run_sparse.write("x.yaml", REFUSED.replace("PROPERTIES", "sasl.password: {env: NOT_THERE}"))
    done = run_sparse("validate")
    assert done.code == 0 and "warning" in done.err and "x.yaml:11:9" in done.err and "NOT_THERE" in done.err, done.err
    done = run_sparse("run", "-t", "1")
    assert done.code == 1 and "error" in done.err and "x.yaml:11:9" in done.err, done.err
