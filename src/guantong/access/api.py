"""The front door of access."""

from guantong.access.actor import NOBODY, Actor, PostHeld, system_actor
from guantong.access.decision import L3, Decision
from guantong.access.models import User
from guantong.access.rows import Rows
from guantong.access.service import (
    DemoAccount,
    actor_for,
    actors_for_people,
    create_demo_accounts,
    decide,
    demo_titles,
    record_refusal,
)
from guantong.access.thing import KINDS, Thing

__all__ = [
    "KINDS",
    "L3",
    "NOBODY",
    "Actor",
    "Decision",
    "DemoAccount",
    "PostHeld",
    "Rows",
    "Thing",
    "User",
    "actor_for",
    "actors_for_people",
    "create_demo_accounts",
    "decide",
    "demo_titles",
    "record_refusal",
    "system_actor",
]
