"""Chinese works codes and production batches in element (g).

Source: GACC announcement 2019 No. 15: `C`, two digits of the customs district, four of the works.
"""

from __future__ import annotations

import re

from lipack_vision.regulations.facts import Certainty

CUSTOMS_DISTRICTS: dict[str, str] = {
    "01": "Beijing",
    "02": "Tianjin",
    "04": "Shijiazhuang",
    "05": "Taiyuan",
    "06": "Manzhouli",
    "07": "Hohhot",
    "08": "Shenyang",
    "09": "Dalian",
    "15": "Changchun",
    "19": "Harbin",
    "22": "Shanghai",
    "23": "Nanjing",
    "29": "Hangzhou",
    "31": "Ningbo",
    "33": "Hefei",
    "35": "Fuzhou",
    "37": "Xiamen",
    "40": "Nanchang",
    "42": "Qingdao",
    "43": "Jinan",
    "46": "Zhengzhou",
    "47": "Wuhan",
    "49": "Changsha",
    "51": "Guangzhou",
    "52": "Huangpu",
    "53": "Shenzhen",
    "57": "Gongbei",
    "60": "Shantou",
    "64": "Haikou",
    "67": "Zhanjiang",
    "68": "Jiangmen",
    "72": "Nanning",
    "79": "Chengdu",
    "80": "Chongqing",
    "83": "Guiyang",
    "86": "Kunming",
    "88": "Lhasa",
    "90": "Xi'an",
    "94": "Urumqi",
    "95": "Lanzhou",
    "96": "Yinchuan",
    "97": "Xining",
}
"""First two digits of a works code -> customs district."""

_VERIFIED_DISTRICTS = frozenset({"22", "23"})

WORKS_CODE = re.compile(r"C([0-9]{2})([0-9]{4})(?=[/ ]|$)")
_ANY_WORKS_CODE = re.compile(r"(?<![A-Z0-9])C[0-9]{6}(?![0-9])")
OLD_WORKS_CODE = re.compile(r"[0-9]{4} ?[0-9]{2,4}$")
_LIKE_WORKS_CODE = re.compile(r"C(?=[0-9A-Z]*[0-9])[0-9A-Z]{3,9}(?=[/ ]|$)")


def district_certainty(digits: str) -> Certainty:
    """How sure the meaning of two district digits is."""
    return Certainty.VERIFIED if digits in _VERIFIED_DISTRICTS else Certainty.MEMORY


def works_codes(maker: str) -> set[str]:
    """Every works code in a maker's text; a packaging has one maker."""
    return set(_ANY_WORKS_CODE.findall(maker))


def works_code(maker: str) -> str | None:
    """The works code `C` + six digits at the start of a maker's text, or None."""
    found = WORKS_CODE.match(maker)
    return found.group() if found else None


def district(maker: str) -> str | None:
    """The customs district of a maker's text, or None without a works code of a known district."""
    found = WORKS_CODE.match(maker)
    return CUSTOMS_DISTRICTS.get(found.group(1)) if found else None


def check_maker(maker: str, year: int) -> tuple[str | None, str | None]:
    """Check the maker's text of a Chinese mark.

    Args:
        maker: element (g) without the batch.
        year: full year of manufacture.

    Returns:
        ``(error, warning)``, each None when there is nothing to say.
    """
    found = WORKS_CODE.match(maker)
    if found:
        if found.group(2) == "0000":
            return f"the works number of {found.group()} must be 0001 to 9999", None
        if found.group(1) not in CUSTOMS_DISTRICTS:
            # The list of districts is from memory and may grow: no reason to refuse what was read.
            return None, f"no customs district {found.group(1)} is known for the works code {found.group()}"
        extra = maker[found.end() :].strip(" /")
        return None, f"text {extra!r} after the works code" if extra else None
    if _LIKE_WORKS_CODE.match(maker):
        return f"a works code is C and six digits, found {maker!r}", None
    if OLD_WORKS_CODE.match(maker):
        if year >= 2020:
            return None, f"works code {maker!r} of the form before 2019 on a packaging of {year}"
        return None, None
    return None, f"no works code: {maker!r} is not C and six digits"
