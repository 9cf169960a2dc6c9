"""Numbers of documents (发文字号): agency word, year, serial; per unit and year, without a gap.

GB/T 9704-2012, 7.2.5: the year stands in full in brackets 〔〕, the serial in Arabic digits without
leading zeros and without 第. The counter is raised in the transaction that stores the document: if
that fails, the number was never given. Two who issue at once wait for each other.

The agency word (发文机关代字) is the office's own; a proposal is made of the place's first
character and what the unit is called: 温岭市应急管理局 → 温应急, 温岭市人民政府 → 温政.
"""

import re
from uuid import UUID

from django.db import connection

from guantong.base.ids import new_id
from guantong.base.realm import Realm, is_exercise

_WORD = re.compile(r"[\u4e00-\u9fff]{2,10}")
# What the endings of offices become in their word; the longest first.
_ENDINGS = (
    ("人民政府", "政"), ("街道办事处", "街办"), ("办事处", "街办"), ("管理委员会", "管委"),
    ("居民委员会", "居"), ("村民委员会", "村"), ("委员会", "委"),
)  # fmt: skip
_SHORT = {
    "应急管理": "应急", "住房和城乡建设": "建", "自然资源和规划": "自然资规", "自然资源": "自然资",
    "农业农村": "农", "交通运输": "交", "水利": "水", "气象": "气", "公安": "公", "教育": "教",
    "卫生健康": "卫健", "民政": "民", "文化和旅游": "文旅", "市场监督管理": "市监",
}  # fmt: skip


def proposal(unit_name: str, place: str) -> str:
    """Return an agency word for a unit of a place, to be corrected by whoever knows better."""
    rest = unit_name.removeprefix(place)
    head = place[:1] if unit_name.startswith(place) else ""
    for ending, short in _ENDINGS:
        if rest.endswith(ending):
            return (head + rest.removesuffix(ending)[:2] + short)[:10]
    core = re.sub(r"(管理)?(局|厅|站|所|处|办公室|中心|指挥部)$", "", rest)
    for name, short in _SHORT.items():
        if core and name.startswith(core):
            return head + short
    return (head + (core or rest))[:10]


def is_word(text: str) -> bool:
    """Say whether a text can be an agency word: two to ten Chinese characters."""
    return _WORD.fullmatch(text) is not None


def number(realm: Realm, word: str, year: int, serial: int) -> str:
    """Return a number as it is printed; that of an exercise says so, whoever finds the paper."""
    drill = "演练·" if is_exercise(realm) else ""
    return f"{drill}{word}〔{year}〕{serial}号"


def next_serial(realm: Realm, unit_id: UUID, year: int) -> int:
    """Return the next serial, in the running transaction."""
    assert connection.in_atomic_block, "a number is given in the transaction of its document"
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into files_counter as c (id, realm, unit_id, year, last) values (%s,%s,%s,%s,1)"
            " on conflict (realm, unit_id, year) do update set last = c.last + 1 returning last",
            [new_id(), realm, unit_id, year],
        )
        return int(cursor.fetchone()[0])
