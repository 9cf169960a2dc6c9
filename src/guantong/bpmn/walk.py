"""The token rules: from a graph, a state and one thing that happened to the next state.

Pure: the same graph, state, event and variables always give the same step. A step runs until
every token rests: at a task, service, rule or timer (waiting for the world outside) or at a
join (waiting for its fellows). Variables are only read, by the conditions of gateways.

The joins follow BPMN 2.0.2, 13.4.1: a parallel gateway takes exactly one token from each of
its incoming flows; a second token on the same flow stays for the next time.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from guantong.bpmn.errors import (
    LoopsForever,
    NotRunnable,
    NoWayOn,
    OtherGraph,
    TimerGone,
    TokenGone,
)
from guantong.bpmn.graph import Flow, Graph, Kind, Node
from guantong.bpmn.state import (
    Effect,
    Ended,
    Finished,
    RuleAsked,
    ServiceCalled,
    State,
    Step,
    Stuck,
    TaskCancelled,
    TaskOpened,
    TimerCancelled,
    TimerSet,
    Token,
)

# Ours. Between two waits nothing changes the variables, so a step that goes on much longer
# than the process is large goes round in circles.
MOST_MOVES = 10_000

_OPENING: dict[Kind, type[TaskOpened] | type[ServiceCalled] | type[RuleAsked]] = {
    Kind.USER: TaskOpened,
    Kind.SERVICE: ServiceCalled,
    Kind.RULE: RuleAsked,
}


def begin(graph: Graph, data: Mapping[str, Any]) -> Step:
    """Put a token on the start event and let it walk to its first rests."""
    starts = graph.starts
    if graph.faults or len(starts) != 1:
        fault = (
            graph.faults[0].code if graph.faults else "no-start" if not starts else "several-starts"
        )
        raise NotRunnable(process=graph.process_id, fault=fault)
    walk = _Walk(graph, State(), data)
    walk.leave(starts[0])
    return walk.step()


def complete(graph: Graph, state: State, token_id: int, data: Mapping[str, Any]) -> Step:
    """Go on from a task, service, rule or timer that is done; ``data`` as they are after it."""
    token = _waiting(state, token_id)
    walk = _Walk(graph, state, data)
    walk.remove(token)
    node = walk.node(token.node)
    walk.cancel_timers(token, node)
    walk.leave(node)
    return walk.step()


def fire_boundary(
    graph: Graph, state: State, token_id: int, boundary_id: str, data: Mapping[str, Any]
) -> Step:
    """Let the boundary timer of a waiting task go off: beside the task, or in its place."""
    token = _waiting(state, token_id)
    walk = _Walk(graph, state, data)
    node = walk.node(token.node)
    if boundary_id not in node.boundaries or boundary_id in token.fired:
        raise TimerGone(token=token_id, timer=boundary_id)
    boundary = walk.node(boundary_id)
    fired = replace(token, fired=(*token.fired, boundary_id))
    if boundary.interrupting:
        walk.remove(token)
        walk.effects.append(TaskCancelled(token.id, node.id))
        walk.cancel_timers(fired, node)
    else:
        walk.tokens[walk.tokens.index(token)] = fired
    walk.leave(boundary)
    return walk.step()


def _waiting(state: State, token_id: int) -> Token:
    token = state.token(token_id)
    if token is None or not token.waiting:
        raise TokenGone(token=token_id)
    return token


class _Walk:
    """One step under way: the tokens at rest so far, and the flows still to be walked."""

    def __init__(self, graph: Graph, state: State, data: Mapping[str, Any]) -> None:
        self.graph = graph
        self.data = data
        self.tokens = list(state.tokens)
        self.next_id = state.next_id
        self.effects: list[Effect] = []
        self.ahead: deque[Flow] = deque()
        self.passed: list[str] = []

    def node(self, node_id: str) -> Node:
        found = self.graph.nodes.get(node_id)
        if found is None:
            raise OtherGraph(node=node_id, process=self.graph.process_id)
        return found

    def remove(self, token: Token) -> None:
        self.tokens.remove(token)

    def cancel_timers(self, token: Token, node: Node) -> None:
        self.effects += [
            TimerCancelled(token.id, timer) for timer in node.boundaries if timer not in token.fired
        ]

    def leave(self, node: Node) -> None:
        """Send a token along each outgoing flow; a node without any ends its token there."""
        self.ahead.extend(node.outgoing)

    def step(self) -> Step:
        """Walk until every token rests."""
        left = max(MOST_MOVES, 10 * len(self.graph.nodes))
        while self.ahead:
            flow = self.ahead.popleft()
            self.passed.append(flow.id)
            left -= 1
            if left < 0:
                raise LoopsForever(node=flow.target, process=self.graph.process_id)
            self._arrive(self.graph.nodes[flow.target], flow)
        if not self.tokens:
            self.effects.append(Finished())
        elif not any(token.waiting for token in self.tokens):
            self.effects.append(Stuck(tuple(dict.fromkeys(token.node for token in self.tokens))))
        state = State(tuple(self.tokens), self.next_id)
        return Step(state, tuple(self.effects), tuple(self.passed))

    def _arrive(self, node: Node, flow: Flow) -> None:
        kind = node.kind
        if kind in _OPENING:
            token = self._rest(node, flow, waiting=True)
            self.effects.append(_OPENING[kind](token.id, node.id))
            for timer in node.boundaries:
                self._set_timer(token, self.graph.nodes[timer])
        elif kind is Kind.TIMER:
            self._set_timer(self._rest(node, flow, waiting=True), node)
        elif kind is Kind.EXCLUSIVE:
            if node.outgoing:
                self.ahead.append(self._choose(node))
        elif kind is Kind.PARALLEL:
            self._join(node, flow)
        elif kind is Kind.END:
            self.effects.append(Ended(node.id))
        else:
            # A manual task is non-operational (BPMN 2.0.2, 13.1): nobody would report it done.
            self.leave(node)

    def _rest(self, node: Node, flow: Flow, *, waiting: bool) -> Token:
        token = Token(self.next_id, node.id, flow.id, waiting)
        self.next_id += 1
        self.tokens.append(token)
        return token

    def _set_timer(self, token: Token, timer: Node) -> None:
        assert timer.duration is not None, "a timer is never read without its duration"
        self.effects.append(TimerSet(token.id, timer.id, timer.duration))

    def _choose(self, gateway: Node) -> Flow:
        """Return the first flow whose condition holds, else the default (BPMN 2.0.2, 13.4.2)."""
        for flow in gateway.outgoing:
            # Only true is true: FEEL answers null where a variable is missing.
            if flow.condition is not None and flow.condition.evaluate(self.data) is True:
                return flow
        for flow in gateway.outgoing:
            if flow.id == gateway.default or (
                len(gateway.outgoing) == 1 and flow.condition is None
            ):
                return flow
        raise NoWayOn(gateway=gateway.id, process=self.graph.process_id)

    def _join(self, gateway: Node, flow: Flow) -> None:
        if len(gateway.incoming) == 1:
            self.leave(gateway)
            return
        self._rest(gateway, flow, waiting=False)
        # The oldest token of each flow: tokens are kept in the order of their arrival.
        first: dict[str | None, Token] = {}
        for token in self.tokens:
            if token.node == gateway.id:
                first.setdefault(token.arrived_by, token)
        if len(first) == len(gateway.incoming):
            for token in first.values():
                self.remove(token)
            self.leave(gateway)
