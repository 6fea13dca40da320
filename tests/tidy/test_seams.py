"""Each third-party library sits behind one seam; time and chance come from core/base."""

import re

import tree

# header prefix -> the only files that may include it
SEAMS = {
    "yaml-cpp/": ("core/config/yaml.cc",),
    "spdlog/": ("core/log/log.cc",),
    "simdjson": ("multilang/cpp/json_reader.cc",),
    "CLI/": ("sparse-cli/",),
    "zmq": ("worker/transport/zmq_transport.cc",),
    "zookeeper/": ("core/cluster/zookeeper_store.cc",),
    "librdkafka/rdkafka_mock": ("worker/kafka/embedded_broker.cc",),
    "librdkafka/": (
        "worker/kafka/handle.cc",
        "worker/kafka/consumer.cc",
        "worker/kafka/partitioner.cc",
        "worker/kafka/producer.cc",
        "worker/kafka/embedded_broker.cc",
    ),
    "boost/beast": ("core/http/",),
}
CLOCKS = re.compile(
    r"std::chrono::\w+::now\b|\b(?:steady|system|high_resolution)_clock::now\b|\brandom_device\b|\bclock_gettime\b|"
    r"\bgettimeofday\b|\b(?:std::)?s?rand\("
)


def test_libraries_stay_behind_their_seams():
    problems = []
    for name in tree.with_suffix(*tree.CPP, under=tree.PRODUCT):
        for number, header in tree.includes(name):
            for prefix, places in SEAMS.items():
                if header.startswith(prefix) and not name.startswith(places):
                    problems.append(f"{name}:{number}: {header} belongs into {' or '.join(places)} alone")
    tree.report(problems)


def test_json_is_in_no_header():
    problems = []
    for name in tree.with_suffix(".h", under=tree.PRODUCT):
        problems += [
            f"{name}:{number}: {header}: use <nlohmann/json_fwd.hpp>, or no JSON in the interface"
            for number, header in tree.includes(name)
            if header.startswith("nlohmann/") and header != "nlohmann/json_fwd.hpp"
        ]
    tree.report(problems)


def test_only_core_base_asks_for_time_and_chance():
    problems = []
    for name in tree.with_suffix(*tree.CPP, under=tree.PRODUCT):
        if name.startswith("core/base/"):
            continue
        for number, line in enumerate(tree.code(name).splitlines(), 1):
            if CLOCKS.search(line):
                problems.append(f"{name}:{number}: pass Clock or Random in: {line.strip()}")
    tree.report(problems)
