"""Quoted parts of a message: names of fields stay, values of records do not."""

from __future__ import annotations

import re

DATA = "#"

_QUOTED = re.compile(
    r"(?<![\w\\])'([^'\n]{0,400})'(?!\w)|\\?\"([^\"\n]{0,400}?)\\?\"|`([^`'\n]{0,400})[`']|“([^”\n]{0,400})”"
    "|\u2018([^\u2019\n]{0,400})\u2019"
)
_JSON = re.compile(r"\\?\"\s{0,4}:\s{0,4}[\\\"{\[]")
_JSON_DATA_KEY = re.compile(
    r"""\"(?:\w*[_-]?(?:ids?|uuid|guid|timestamp|time|date)|name|title|email|values?|input|instance|path|request\w*
    |record\w*)\\?\"\s{0,4}:\s{0,4}\\?$""",
    re.IGNORECASE | re.VERBOSE,
)

_NAMES_BEFORE = re.compile(
    r"""\b(?:fields?|columns?|attributes?|propert(?:y|ies)|param(?:eter)?s?|arguments?|keys?|keyerror|methods?|functions?
    |tables?|relations?|objects?|entit(?:y|ies)|types?|class|variables?|elements?|headers?|members?|constraint|index
    |schema|module|namespace|actions?|operations?|labels?|inputs?|keyword|operator|tag|topic|queue|role|permission|scope
    |relationship|node|database|warehouse|sheet|screen|on|reading|sequence|trigger|view|procedure|package|connection
    |constant)\b(?:\s(?:named|called|of|for|in))?\W{0,4}$""",
    re.IGNORECASE | re.VERBOSE,
)
_NAMES_AFTER = re.compile(
    r"""^[\s,]{0,2}(?:(?:and|or)\s['\"`]|must\b|should\b
    |(?:is|are|was)\s(?:an?\s)?(?:required|missing|mandatory|nil|null|empty|blank|not\sdefined|undefined|read.?only
        |not\s(?:set|provided|specified|present|writable|editable))
    |field\b|column\b|param|propert|attribute\b|can(?:not|'t|’t)\sbe\s(?:blank|null|empty|set|changed|updated|edited|nil
        |greater|less|before|after)
    |may\snot\sbe|has\sno\b|object\b|constraint\b|is\snot\sa\s(?:function|known|member|column|field|valid\sfield)
    |for\s(?:nil|class|main)|namespace\b|violates?\b|expects?\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_DATA_BEFORE = re.compile(
    r"""\b(?:values?|ids?|identifier|name|named|called|numbers?|e-?mails?|users?|username|login|customers?|records?|orders?
    |invoices?|contacts?|accounts?|items?|products?|sku|issues?|tickets?|cases?|leads?|entr(?:y|ies)|vendors?|suppliers?
    |employees?|company|companies|opportunit(?:y|ies)|projects?|files?|filename|folder|path|documents?|messages?|strings?
    |text|date|url|got|received|found|was|with|at|equals?|titled|subject|person|channel|group|row|line|matching|option
    |for\sinput|code|token|integer|bigint|numeric|timestamp|uuid|boolean|float|precision)\W{0,4}$""",
    re.IGNORECASE | re.VERBOSE,
)
_DATA_AFTER = re.compile(
    r"""^[\s,]{0,2}(?:(?:(?:was|is|are|were|could|can|has|have)\s)?(?:not\s|n't\s)?(?:be\s)?(?:found|located|resolved)
    |does(?:\snot|n't)\sexist|already|has\salready|is\salready
    |is\snot\s(?:recogni[sz]ed|a\svalid|an?\s|one\sof|in\s|unique|active|allowed)|is\s(?:an?\s)?(?:invalid|duplicate|in\suse)
    |could\snot|cannot\sbe\s(?:found|converted|parsed|cast|processed)|to\s(?:a\s|an\s|type|data\stype|int|date|number)
    |exceeds|too\slong|no\slonger|taken|for\s(?:key|field|column|parameter|property|type))""",
    re.IGNORECASE | re.VERBOSE,
)
_FIELD_LIKE = re.compile(r"[A-Za-z_$][A-Za-z_.:$\[\]?!=-]{0,60}")
_DOTTED = re.compile(r"\.[\w\"'`]")
_MARKUP = re.compile(r"[+\-*/<>=!&|%^~]{1,3}")
_AROUND = 60


def without_quoted_data(text: str) -> str:
    """The text with quoted values replaced, and quoted names of fields, methods and the like kept."""
    in_json = _JSON.search(text) is not None

    def replace(match: re.Match[str]) -> str:
        content = match[match.lastindex or 1] or ""
        before = text[max(0, match.start() - _AROUND) : match.start()]
        after = text[match.end() : match.end() + _AROUND]
        if in_json and match[2] is not None:
            return f'"{DATA}"' if _JSON_DATA_KEY.search(before) else f'"{content}"'
        return f"'{content}'" if _is_name(content, before, after) else f"'{DATA}'"

    return _QUOTED.sub(replace, text)


def _is_name(content: str, before: str, after: str) -> bool:
    """Whether a quoted part is a name of the data's structure; what surrounds it tells, else how it looks."""
    if _MARKUP.fullmatch(content) or before.endswith(".") or _DOTTED.match(after):
        return True
    if _NAMES_AFTER.search(after):
        return True
    if _NAMES_BEFORE.search(before):
        return True
    if _DATA_AFTER.search(after) or _DATA_BEFORE.search(before):
        return False
    return _FIELD_LIKE.fullmatch(content) is not None
