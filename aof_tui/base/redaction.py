"""Secrets and personal data taken out of text before it is stored or told.

Every pattern is linear: it starts only at a boundary of the run it reads, or reads a bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MAX_CHARACTERS = 50_000
"""Longer text loses its middle before the patterns see it; what is stored keeps far less of both ends."""
_KEPT_END = 10_000
_MAX_ROUNDS = 8

_Replace = str | Callable[[re.Match[str]], str]

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----(?:[^-]|-(?!----))*(?:-----END [A-Z0-9 ]{1,40}-----)?")
_URL_USER = re.compile(r"(?<=://)[^\s/?#\"'<>]{1,512}@")
_JWT = re.compile(r"(?<![\w-])(?:wrk[a-z]{0,6}-)?eyJ[\w-]{4,}\.[\w-]{2,}(?:\.[\w-]*){0,3}", re.ASCII)
_KNOWN_TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"xox[a-z](?:\.xox[a-z])?-[\w-]{6,}|xapp-[\w-]{6,}"  # Slack
    r"|wrk[a-z]{0,6}-[\w.+/=-]{8,}"  # Workato API client
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA|AIPA)[A-Z0-9]{12,}"  # AWS
    r"|AIza[\w-]{30,}|ya29\.[\w-]{10,}|GOCSPX-[\w-]{10,}|1//0[\w-]{20,}"  # Google
    r"|[\w~.-]{3}\dQ~[\w~.-]{30,}"  # Azure client secret
    r"|gh[opsru]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|npm_\w{30,}"
    r"|[rs]k_(?:live|test)_\w{8,}|whsec_\w{8,}|sk-[\w-]{20,}|SG\.[\w-]{10,}\.[\w-]{10,}"
    r"|shp(?:at|ca|pa|ss)_\w{16,}|ATATT\w{20,}|pat-[a-z]{2}\d-[0-9a-f-]{30,}"
    r"|00D\w{9,15}![\w.]{15,}"  # Salesforce session
    r")",
    re.ASCII,
)
_SLACK_HOOK = re.compile(r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/[\w/-]{8,}", re.ASCII)

_HIDING = r"pass(?:word|wd|phrase|code)|pwd|secret"
_NAMING = rf"{_HIDING}|token|key|sig|signature|credentials?|authorization|cookie|session_?id|jsessionid|sid"
_QUOTE = r"(?:\\{0,3}[\"'])"
_ASSIGNED = re.compile(
    rf"(?P<name>(?<![\w.-])[\w.-]{{0,80}}?(?P<word>{_NAMING}))(?P<sep>{_QUOTE}?\s{{0,4}}(?P<op>=>|=|:)\s{{0,4}})"
    rf"(?:(?P<quote>{_QUOTE})(?P<quoted>[^\"'\n]{{1,4096}})|(?P<bare>(?:(?:basic|bearer|token|digest)\s+)?[^\s\"',;&|<>(){{}}\[\]]{{1,4096}}))",
    re.IGNORECASE | re.ASCII,
)
_ELEMENT = re.compile(rf"(<[\w:.-]{{0,80}}?(?:{_NAMING})>)[^<]{{1,4096}}", re.IGNORECASE | re.ASCII)
_SCHEME = re.compile(r"\b(basic|bearer)(\s+)([\w+/=.~-]{8,})", re.IGNORECASE | re.ASCII)

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,60}(?![\w-])", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,36}(?![a-z0-9])", re.ASCII)
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\d(?:[ ().\-/]{0,2}\d){6,14}|\(\d{3}\)[ .-]?\d{3}[ .-]\d{4}|\d{3}([ .-])\d{3}\1\d{4})"
    r"(?![\w-]|\.\d)",
    re.ASCII,
)
_NAMED_PHONE = re.compile(
    r"(\b(?:tele)?(?:phone|mobile|fax|cell|tel)(?:[ _-]?(?:number|no))?[\"']?\s{0,3}[:=.]?\s{0,3}[\"']?)"
    r"(\(?\d(?:[ ().\-/]{0,2}\d){6,14})(?![\w-])",
    re.IGNORECASE | re.ASCII,
)

# Registered IBAN lengths by country, so that an order number is not taken for an account.
_IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FO FI GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    33: "LC RU",
}
_IBAN_COUNTRIES = {country: length for length, countries in _IBAN_LENGTHS.items() for country in countries.split()}
_MIXED_CASE = re.compile(r"[a-z][A-Z]|[A-Z]{2}[a-z]")


def _looks_secret(value: str) -> bool:
    """Whether a value is made like a secret rather than a word of a sentence."""
    if len(value) < 6:
        return False
    return any(char.isdigit() for char in value) or bool(_MIXED_CASE.search(value)) or len(value) >= 32


def _assigned(match: re.Match[str]) -> str:
    quoted, bare = match["quoted"], match["bare"]
    if quoted is None:
        ends_clause = match.end() == len(match.string) or match.string[match.end()] in ",;&|}])>\n"
        named = match["op"] != ":" or (ends_clause and re.fullmatch(_HIDING, match["word"], re.IGNORECASE))
        if not named and not _looks_secret(bare):
            return match[0]
    if (quoted or bare).startswith("‹"):
        return match[0]
    return f"{match['name']}{match['sep']}{match['quote'] or ''}‹secret›"


def _scheme(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}‹secret›" if _looks_secret(match[3]) else match[0]


def _card(match: re.Match[str]) -> str:
    """A card number may stand between other groups of digits: any row of whole groups can be it."""
    groups = list(_DIGITS.finditer(match[0]))
    kept, begin = "", 0
    while begin < len(groups):
        end = next((end for end in range(len(groups), begin, -1) if _is_card(groups[begin:end])), None)
        stop = begin + 1 if end is None else end
        following = groups[stop].start() if stop < len(groups) else len(match[0])
        if end is None:
            kept += match[0][groups[begin].start() : following]
        else:
            kept += "‹card›" + match[0][groups[end - 1].end() : following]
        begin = stop
    return kept


def _is_card(groups: list[re.Match[str]]) -> bool:
    digits = [int(char) for group in groups for char in group[0]]
    if not 13 <= len(digits) <= 19 or not 2 <= digits[0] <= 6:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban(match: re.Match[str]) -> str:
    length = _IBAN_COUNTRIES.get(match[0][:2])
    taken = 0
    for position, char in enumerate(match[0], start=1):
        taken += char.isalnum()
        if taken == length:
            rest = match[0][position:]
            return f"‹iban›{rest}" if not rest or not rest[0].isalnum() else match[0]
    return match[0]


_DIGIT = tuple("0123456789")
_NAME_MARKS = (
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "sig",
    "credential",
    "authorization",
    "cookie",
    "session",
    "sid",
)
_CLOUD_MARKS = ("akia", "asia", "agpa", "aida", "aroa", "anpa", "anva", "aipa", "aiza", "atatt")
_TOKEN_MARKS = ("-", "_", ".", "/", "!", "q~", *_CLOUD_MARKS)
_STEPS: tuple[tuple[tuple[str, ...], re.Pattern[str], _Replace], ...] = (
    (("-----begin ",), _PEM, "‹pem›"),
    (("://",), _URL_USER, "‹credentials›@"),
    (("eyj",), _JWT, "‹jwt›"),
    (_TOKEN_MARKS, _KNOWN_TOKENS, "‹token›"),
    (("hooks.slack.com/",), _SLACK_HOOK, "‹token›"),
    (("<",), _ELEMENT, r"\1‹secret›"),
    (_NAME_MARKS, _ASSIGNED, _assigned),
    (("basic", "bearer"), _SCHEME, _scheme),
    (("@", "%40"), _EMAIL, "‹email›"),
    (_DIGIT, _IBAN, _iban),
    (_DIGIT, _CARD, _card),
    (_DIGIT, _PHONE, "‹phone›"),
    (("tel", "phone", "mobile", "fax", "cell"), _NAMED_PHONE, r"\1‹phone›"),
)
"""Patterns in their order, each after marks of which all that it matches holds one, in lower case.

Most texts hold none, and to look for a mark takes a fraction of the time that a pattern takes.
"""


def redact(text: str) -> str:
    """The text with secrets and personal data replaced by constant marks such as `‹email›`.

    HTTP codes, job ids, UUIDs and dates stay: classification and fingerprints need them.
    """
    if len(text) > MAX_CHARACTERS:
        text = f"{text[: MAX_CHARACTERS - _KEPT_END]}\n‹…›\n{text[-_KEPT_END:]}"
    before, rounds = "", 0
    while text != before and rounds < _MAX_ROUNDS:
        before, text, rounds = text, _one_round(text), rounds + 1
    return text


def _one_round(text: str) -> str:
    # A secret that directly follows another one starts at no boundary until that one is gone.
    lowered = text.lower()
    for marks, pattern, replacement in _STEPS:
        for mark in marks:
            if mark in lowered:
                text = pattern.sub(replacement, text)
                break
    return text
