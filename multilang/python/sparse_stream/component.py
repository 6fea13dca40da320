"""What bolts and spouts have in common: the handshake, the loop, emits, logging."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections import deque
from typing import Any, ClassVar, Deque, Dict, List, Optional, Sequence, Type, Union

from .batches import NAME as BATCHES, BatchFraming
from .descriptors import take
from .errors import EmitError, ProtocolError, StormWentAway
from .framing import JsonFraming
from .logs import clip, level_number, route_logging
from .tuples import Stream, Tuple, Values, values_class

DEFAULT_STREAM = "default"
SYSTEM_COMPONENT = "__system"


class Component:
    """The base of Bolt and Spout. Has no constructor: one in a subclass needs no `super().__init__()`."""

    #: What the component emits: a list of field names (the default stream) and `Stream` objects. None: the topology file says.
    outputs: ClassVar[Optional[Sequence[Union[str, Stream]]]] = None
    #: Whether an exception ends the process, after it was reported and its tuple was failed.
    exit_on_exception: ClassVar[bool] = False

    topology_name: str = ""
    component_name: str = ""
    task_id: int = 0
    debug: bool = False
    pid: int = 0
    storm_conf: Dict[str, Any]
    context: Dict[str, Any]
    options: Dict[str, Any]  #: the component's `with:`
    logger: logging.Logger

    _framing: Union[JsonFraming, BatchFraming]
    _width = -1  # values of an emit on the default stream; -1: not known

    # What a component overrides

    def initialize(self, conf: Dict[str, Any], context: Dict[str, Any]) -> None:
        """Called once, after the handshake."""

    def close(self) -> None:
        """Called once, when the runtime went away. Nothing that is emitted here arrives."""

    # What a component calls

    def log(self, message: str, level: Union[str, int, None] = None) -> None:
        """Sends a log line, whatever the level of `logger` is. Levels: trace, debug, info, warn, error."""
        self._framing.send({"command": "log", "msg": clip(str(message)), "level": level_number(level)})

    def report_metric(self, name: str, params: Any) -> None:
        self._framing.send({"command": "metrics", "name": name, "params": params})

    def raise_exception(self, exception: BaseException, tup: Optional[Tuple] = None) -> None:
        """Reports an error to the runtime; fails nothing, and raises nothing."""
        text = "".join(traceback.format_exception(type(exception), exception, exception.__traceback__))
        about = "" if tup is None else " with %.500r" % (tup,)
        message = "Python %s%s:\n%s" % (type(exception).__name__, about, text)
        self._framing.send({"command": "error", "msg": clip(message)})

    def flush(self) -> None:
        """Writes what was emitted and logged so far. Needed only before a call that takes long."""
        self._framing.flush()

    def run(self, framing: Optional[JsonFraming] = None) -> None:
        """Serves the runtime until it goes away. Without a framing, the protocol is on the descriptors 0 and 1."""
        self._framing = framing or JsonFraming(*take())
        self._inbox: Deque[Any] = deque()
        self._task_ids: Deque[List[int]] = deque()
        self._sources: Dict[Any, Type[Values]] = {}
        self._numbered: Dict[int, Any] = {}
        try:
            self._shake_hands()
            self._initialize()
            while True:
                if not self._inbox:
                    self._receive()
                self._handle(self._inbox.popleft())
                self._framing.pace()
        except StormWentAway:
            self._close()
        except ProtocolError as error:
            sys.stderr.write("sparse_stream: %s\n" % error)
            raise SystemExit(1) from None
        finally:
            try:
                self._framing.flush()
            except StormWentAway:
                pass

    # The parts of `run`

    def _shake_hands(self) -> None:
        self._receive()
        if not self._inbox:
            raise ProtocolError("the first message of the parent must be the handshake, not a list")
        handshake = self._inbox.popleft()
        conf, context = handshake.get("conf"), handshake.get("context")
        if not isinstance(conf, dict) or not isinstance(context, dict):
            raise ProtocolError("the first message of the parent must have conf and context: %.200r" % (handshake,))
        self._set_up(conf, context)
        folder = handshake.get("pidDir")
        answer: Dict[str, Any] = {"pid": self.pid}
        answer.update(self._announce())
        accepts = batches_are_offered(handshake)
        if accepts:
            answer.setdefault("sparse", {})["framing"] = BATCHES
        self._framing.send(answer)
        if accepts:
            self._framing.flush()
            self._framing = self._framing.batched()
            self._use_batches(self._framing)
        if folder:
            try:
                open(os.path.join(folder, str(self.pid)), "w").close()
            except OSError as error:
                self.log("cannot write the pid file: %s" % error, "warn")
        self._framing.flush()

    def _announce(self) -> Dict[str, Any]:
        return {}

    def _use_batches(self, framing: BatchFraming) -> None:
        """From here on the protocol is in the batched framing."""

    def _set_up(self, conf: Dict[str, Any], context: Dict[str, Any]) -> None:
        self.pid = os.getpid()
        self.storm_conf, self.context = conf, context
        self.options = conf.get("sparse.options") or {}
        self.topology_name = conf.get("topology.name") or ""
        self.task_id = context.get("taskid") or 0
        names = context.get("task->component") or {}
        self.component_name = context.get("componentid") or names.get(str(self.task_id)) or ""
        self.debug = bool(conf.get("topology.debug"))
        self._outputs = {stream: len(fields) for stream, fields in (context.get("stream->outputfields") or {}).items()}
        self._width = self._outputs.get(DEFAULT_STREAM, -1)
        self.logger = route_logging(self.component_name or type(self).__name__, conf, self._log_record)

    def _log_record(self, message: str, level: int) -> None:
        self._framing.send({"command": "log", "msg": clip(message), "level": level})

    def _initialize(self) -> None:
        try:
            self.initialize(self.storm_conf, self.context)
        except StormWentAway:
            raise
        except Exception as error:
            self._report("initialize raised", error)
            raise SystemExit(1) from None
        self._framing.flush()

    def _close(self) -> None:
        try:
            self.close()
        except StormWentAway:
            pass  # It emitted or logged, and nobody reads any more.

    def _receive(self) -> None:
        """Waits for input, and puts it where it belongs: lists are answers to emits that asked for task ids."""
        for message in self._framing.receive():
            if message.__class__ is list:
                self._task_ids.append(message)
            else:
                self._inbox.append(message)

    def _handle(self, message: Any) -> None:
        raise NotImplementedError("a component is a Bolt or a Spout")

    def _learn(self, component: Any, stream: str) -> Type[Values]:
        """The class of the values of a stream, made when its first tuple comes."""
        fields = ((self.context.get("source->stream->fields") or {}).get(component) or {}).get(stream) or []
        made = self._sources[component, stream] = values_class(fields)
        return made

    def _report(self, what: str, error: BaseException) -> None:
        """Sends an error with the traceback of the component's own code."""
        frames = error.__traceback__.tb_next if error.__traceback__ else None
        text = "".join(traceback.format_exception(type(error), error, frames))
        self._framing.send({"command": "error", "msg": clip("%s:\n%s" % (what, text.rstrip()))})

    def _check(self, values: Sequence[Any], stream: Optional[str]) -> None:
        """Refuses an emit that the topology does not allow, at the line that does it."""
        if not isinstance(values, (list, tuple)):
            raise TypeError("emit takes a list or tuple of values, not %s: %.200r" % (type(values).__name__, values))
        name = DEFAULT_STREAM if stream is None else stream
        if not self._outputs:
            return
        width = self._outputs.get(name)
        if width is None:
            known = sorted(self._outputs)
            raise EmitError("stream %r is not declared by component %r; it has %s" % (name, self.component_name, known))
        if len(values) != width:
            fields = self.context["stream->outputfields"][name]
            what = (name, width, fields, len(values), values)
            raise EmitError("stream %r has %d fields %s, but %d values were emitted: %.200r" % what)

    def _read_task_ids(self) -> List[int]:
        while not self._task_ids:
            self._receive()
        return self._task_ids.popleft()


def batches_are_offered(handshake: Dict[str, Any]) -> bool:
    """Whether the parent knows the batched framing."""
    offer = handshake.get("sparse")
    framings = offer.get("framings") if isinstance(offer, dict) else None
    return isinstance(framings, list) and BATCHES in framings
