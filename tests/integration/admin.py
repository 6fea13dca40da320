"""What the tests ask of a real broker beyond messages, in Kafka's protocol: topics, partitions, offsets of a group."""

import socket
import struct
import time

COMMIT, FETCH_OFFSETS, CREATE, DELETE, DELETE_RECORDS, ADD_PARTITIONS = 8, 9, 19, 20, 21, 37
NOT_READY = {5, 6, 7, 14, 15, 16, 41}  # no leader, no coordinator, no controller: a moment later it is there


def text(value):
    """A string; None is null."""
    if value is None:
        return struct.pack(">h", -1)
    return struct.pack(">h", len(value.encode())) + value.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Answer:
    """The bytes of an answer, taken from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        value = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return value[0]

    def text(self):
        size = self.take("h")
        if size < 0:
            return None
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def list(self, read):
        return [read() for _ in range(self.take("i"))]


class Admin:
    """One connection at a time; thread-compatible."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address, self.stream = (host, int(port)), None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.stream:
            self.stream.close()
        self.stream = None

    def ask(self, api, version, body, timeout=20):
        """The answer behind its header."""
        try:
            if not self.stream:
                self.stream = socket.create_connection(self.address, timeout=timeout)
            self.stream.settimeout(timeout)
            request = struct.pack(">hhi", api, version, 7) + text("tests") + body
            self.stream.sendall(struct.pack(">i", len(request)) + request)
            (size,) = struct.unpack(">i", self.receive(4))
            return Answer(self.receive(size)[4:])
        except OSError:
            self.close()
            raise

    def receive(self, size):
        data = b""
        while len(data) < size:
            part = self.stream.recv(size - len(data))
            if not part:
                raise ConnectionError("the broker has closed the connection")
            data += part
        return data

    def change(self, api, version, body, read):
        """Until the broker is ready for it."""
        for _ in range(100):
            answer = self.ask(api, version, body)
            answer.take("i")  # throttling
            errors = [error for error in answer.list(lambda: read(answer)) if error[0]]
            if not errors or errors[0][0] not in NOT_READY:
                break
            time.sleep(0.1)
        assert not errors, errors

    def create(self, topic, partitions, **settings):
        configs = array([text(key.replace("_", ".")) + text(str(value)) for key, value in settings.items()])
        one = text(topic) + struct.pack(">ih", partitions, 1) + array([]) + configs
        read = lambda answer: (answer.text(), answer.take("h"), answer.text())[1:]
        self.change(CREATE, 2, array([one]) + struct.pack(">i?", 10_000, False), read)

    def delete(self, topic):
        read = lambda answer: (answer.text(), answer.take("h"))[1:]
        self.change(DELETE, 1, array([text(topic)]) + struct.pack(">i", 10_000), read)

    def add_partitions(self, topic, count):
        read = lambda answer: (answer.text(), answer.take("h"), answer.text())[1:]
        one = text(topic) + struct.pack(">ii", count, -1)
        self.change(ADD_PARTITIONS, 0, array([one]) + struct.pack(">i?", 10_000, False), read)

    def delete_before(self, topic, partition, offset):
        """As if its messages had become too old."""
        one = text(topic) + array([struct.pack(">iq", partition, offset)])

        def read(answer):
            answer.text()
            return answer.list(lambda: (answer.take("i"), answer.take("q"), answer.take("h"))[2:])[0]

        self.change(DELETE_RECORDS, 0, array([one]) + struct.pack(">i", 10_000), read)

    def commit(self, group, topic, partition, offset):
        """As somebody who is no member of the group."""
        one = text(topic) + array([struct.pack(">iq", partition, offset) + text("")])
        body = text(group) + struct.pack(">i", -1) + text("") + struct.pack(">q", -1) + array([one])
        for _ in range(100):
            answer = self.ask(COMMIT, 2, body)
            read = lambda: (answer.text(), answer.list(lambda: (answer.take("i"), answer.take("h"))[1]))[1]
            ((error,),) = answer.list(read)
            if error not in NOT_READY:
                break
            time.sleep(0.1)
        assert error == 0

    def committed(self, group, topic, partitions=4):
        """Offset and metadata of each partition; -1 where the group has none. None while the broker cannot say."""
        body = text(group) + array([text(topic) + array([struct.pack(">i", each) for each in range(partitions)])])
        answer = self.ask(FETCH_OFFSETS, 1, body)

        def read():
            return answer.take("i"), (answer.take("q"), answer.text()), answer.take("h")

        topics = answer.list(lambda: (answer.text(), answer.list(read))[1])
        rows = topics[0] if topics else []
        if any(error in NOT_READY for _, _, error in rows):
            return None
        return {partition: found for partition, found, _ in rows}
