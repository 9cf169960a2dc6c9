"""Process files for the tests, written from their elements so that a test shows what matters."""

import itertools

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' xmlns:guantong="https://guantong.example/bpmn"'
    ' id="file" targetNamespace="https://guantong.example/test">'
)


def process_file(inside: str, *, beside: str = "") -> bytes:
    """A file with one executable process ``p`` that holds what is given, one element per line."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{HEAD}\n'
        f'<bpmn:process id="p" isExecutable="true">\n'
        f"{inside.strip()}\n</bpmn:process>\n{beside}</bpmn:definitions>"
    ).encode()


def node(kind: str, node_id: str, inside: str = "", **attributes: str) -> str:
    """One flow node; ``guantong_role="…"`` writes the attribute ``guantong:role``."""
    written = "".join(f' {name.replace("_", ":")}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{kind} id="{node_id}"{written}>{inside}</bpmn:{kind}>\n'


def user(node_id: str, **attributes: str) -> str:
    """A user task with everything a wait needs."""
    needed = {"guantong_role": "emergency@county", "guantong_limit": "PT30M"}
    return node("userTask", node_id, **{**needed, **attributes})


def timer(duration: str) -> str:
    """The definition of a timer that runs for a duration."""
    return (
        "<bpmn:timerEventDefinition><bpmn:timeDuration>"
        f"{duration}</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )


def flow(source: str, target: str, condition: str = "") -> str:
    """A sequence flow named for its two ends, such as ``start_a``."""
    written = condition.replace("&", "&amp;").replace("<", "&lt;")
    inside = f"<bpmn:conditionExpression>{written}</bpmn:conditionExpression>" if condition else ""
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"{inside}</bpmn:sequenceFlow>\n"
    )


def chain(*nodes: str) -> str:
    """Flows from each node to the next."""
    return "".join(flow(one, other) for one, other in itertools.pairwise(nodes))
