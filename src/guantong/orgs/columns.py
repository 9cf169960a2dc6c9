"""The headings of an import: which column means what, in Chinese and English.

People bring the files they have. A heading that is known under any of its names is taken; for one
that is not, the nearest known name is suggested and a person decides.
"""

import difflib
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Literal

SheetKind = Literal["units", "people", "chains"]

# Field → its names; the first Chinese and the first English one head the template.
UNIT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "code": ("单位编码", "Unit code", "单位代码", "机构编码", "机构代码", "部门编码", "code"),
    "name_zh": ("单位名称", "Unit name", "机构名称", "部门名称", "名称", "name"),
    "name_en": ("英文名称", "English name", "单位英文名称"),
    "parent": (
        "上级单位编码",
        "Superior unit code",
        "上级编码",
        "上级单位",
        "隶属单位编码",
        "parent",
    ),
    "division_code": (
        "行政区划代码",
        "Division code",
        "区划代码",
        "行政区划",
        "区划编码",
        "division",
    ),
    "line": ("条线", "Line", "所属条线", "业务条线", "lines"),
}
PEOPLE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "number": ("人员编号", "Person number", "工号", "编号", "人员代码", "员工编号", "number"),
    "name": ("姓名", "Name", "人员姓名", "full name"),
    "unit": ("任职单位编码", "Unit", "单位编码", "所在单位编码", "单位代码", "部门编码"),
    "post": ("岗位", "Post", "岗位类别", "岗位类型", "post code"),
    "title": ("职务", "Title", "职务名称", "职位", "job title"),
    "kind": ("任职方式", "Kind", "任职类型", "appointment"),
    "valid_from": ("任职日期", "From", "起始日期", "开始日期", "任职时间", "start"),
    "valid_to": ("截止日期", "Until", "结束日期", "离任日期", "免职日期", "end"),
    "basis": ("任免文号", "Basis", "文号", "依据", "document"),
    "mobile": ("手机号码", "Mobile", "手机", "手机号", "联系电话", "电话", "phone"),
    "identity": ("身份证号", "Identity number", "身份证号码", "公民身份号码", "证件号码"),
}  # fmt: skip
CHAIN_FIELDS: Mapping[str, tuple[str, ...]] = {
    "line": ("条线", "Line", "所属条线", "业务条线"),
    "chain": ("承接顺序", "Fallback chain", "承接链", "兜底顺序", "fallback"),
    "division_code": (
        "行政区划代码", "Division code", "区划代码", "行政区划", "适用区划", "division",
    ),
    "valid_from": ("起始日期", "From", "生效日期", "开始日期", "start"),
    "basis": ("依据文号", "Basis", "文号", "依据", "document"),
}  # fmt: skip
FIELDS: Mapping[SheetKind, Mapping[str, tuple[str, ...]]] = {
    "units": UNIT_FIELDS,
    "people": PEOPLE_FIELDS,
    "chains": CHAIN_FIELDS,
}
NEEDED: Mapping[SheetKind, tuple[str, ...]] = {
    "units": ("code", "name_zh"),
    "people": ("number", "name"),
    "chains": ("line", "chain"),
}
# What a cell may say instead of the platform's own word.
POST_WORDS: Mapping[str, str] = {
    "主要负责人": "head", "负责人": "head", "主要领导": "head", "一把手": "head", "head": "head",
    "值班员": "duty", "值班": "duty", "duty": "duty", "duty officer": "duty",
    "副值班员": "second_duty", "second_duty": "second_duty", "second duty officer": "second_duty",
    "副职负责人": "deputy_head", "副职": "deputy_head", "分管领导": "deputy_head",
    "deputy_head": "deputy_head", "deputy head": "deputy_head", "deputy": "deputy_head",
    "单位管理员": "administrator", "管理员": "administrator", "administrator": "administrator",
    "administrator of the unit": "administrator",
    "工作人员": "staff", "科员": "staff", "干部": "staff", "staff": "staff",
}  # fmt: skip
KIND_WORDS: Mapping[str, str] = {
    "": "held", "任职": "held", "正式": "held", "held": "held", "兼任": "held",
    "代理": "acting", "主持工作": "acting", "acting": "acting",
}  # fmt: skip

# A heading less alike than this is not suggested: our choice, by trying the headings above.
_ALIKE = 0.5


def _plain(heading: str) -> str:
    # Marks for "must be filled", notes in brackets and spaces say nothing about the meaning.
    return re.sub(r"[\s*＊:：]|[（(].*?[)）]", "", heading).lower()


@functools.cache
def _known(kind: SheetKind) -> dict[str, str]:
    return {_plain(name): field for field, names in FIELDS[kind].items() for name in names}


def field_of(heading: str, kind: SheetKind) -> str | None:
    """Return what a heading means in a sheet of that kind."""
    return _known(kind).get(_plain(heading))


def nearest(heading: str, kind: SheetKind) -> str | None:
    """Return the field whose name is most like an unknown heading."""
    found = difflib.get_close_matches(_plain(heading), _known(kind), n=1, cutoff=_ALIKE)
    return _known(kind)[found[0]] if found else None


def nearest_word(word: str, known: Sequence[str]) -> str:
    """Return the known word most like ``word``; empty where none is like it."""
    found = difflib.get_close_matches(word.lower(), known, n=1, cutoff=_ALIKE)
    return found[0] if found else ""


def kind_of(headings: Sequence[str]) -> SheetKind | None:
    """Return what these are the headings of; None for nothing that is known."""
    scores: dict[SheetKind, int] = {}
    for kind in FIELDS:
        fields = {field_of(heading, kind) for heading in headings}
        # Units have a code and no person; people have a number or a name of their own.
        if set(NEEDED[kind]) <= fields:
            scores[kind] = len(fields - {None})
    if scores.get("people", 0) == scores.get("units", -1):
        return "people"
    return max(scores, key=lambda kind: scores[kind], default=None)
