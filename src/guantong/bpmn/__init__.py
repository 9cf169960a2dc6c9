"""Processes: BPMN 2.0 files read into immutable graphs, and the pure rules that move tokens.

It decides what may happen next in a process. It stores nothing, knows no clock and no person:
``guantong.flows`` keeps the state, opens the tasks, sets the timers and asks the rules that
the effects of a step name.

``document`` XML, read safely · ``reading`` XML to nodes and flows · ``wiring`` these joined to
a graph · ``diagram`` the drawing · ``graph`` the compiled process · ``duration`` ISO 8601
durations · ``finding``, ``examine``, ``marking`` and ``soundness`` what is wrong with a process ·
``state`` tokens and effects · ``walk`` the token rules · ``carriage`` a case goes over to another
process · ``errors`` refusals · ``api`` the front door.
"""
