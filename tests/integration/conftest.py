"""What the integration tests share: brokers, real and embedded, and the binary."""

import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import admin  # noqa: E402
import broker  # noqa: E402
import command  # noqa: E402
import rig as rigs  # noqa: E402


@pytest.fixture
def run_sparse(sparse, tmp_path):
    """`sparse`, in an empty folder."""
    return command.Command(sparse, tmp_path)


@pytest.fixture(scope="session")
def kafka(root, tmp_path_factory):
    """A real broker. Topics come into being when they are written to, with 4 partitions."""
    real = broker.Broker(root, tmp_path_factory.mktemp("kafka"))
    real.open_doors()
    real.start()
    yield real
    real.stop()


@pytest.fixture
def strict_kafka(root, tmp_path):
    """A real broker in which topics are there when somebody creates them, and not before."""
    real = broker.Broker(root, tmp_path / "strict-kafka")
    real.folder.mkdir()
    real.settings = ["auto.create.topics.enable=false"]
    real.start()
    yield real
    real.stop()


@pytest.fixture
def serve(run_sparse):
    """Starts `sparse kafka serve` and returns its address; all are ended by their id."""
    children = []

    def start(*words):
        child = run_sparse.start("kafka", "serve", *words)
        children.append(child)
        return child.stdout.readline().strip()

    yield start
    for child in children:
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=30) == 0
        child.stdout.close()
        child.stderr.close()


@pytest.fixture(params=["embedded", "real"])
def address(request):
    """A broker of either kind."""
    if request.param == "real":
        return request.getfixturevalue("kafka").address
    return request.getfixturevalue("serve")()


@pytest.fixture
def topic(request):
    """A name that no other test has."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)[:200]


@pytest.fixture
def broker_admin(kafka):
    with admin.Admin(kafka.address) as asking:
        yield asking


@pytest.fixture
def rig(run_sparse, kafka, topic):
    """Topologies on a topic of the real broker."""
    made = rigs.Rig(run_sparse, kafka.address, topic)
    yield made
    made.end()
