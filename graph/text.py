"""How text becomes tokens, for the full-text index and for every lexical comparison alike.

Neo4j's analyzers either drop the signs of `C++` and `C#` or keep `Node.js` in one piece. So text is cut here, the
tokens are stored, and the index (analyzer `whitespace`) takes them as they are. The same cut applied to a query
yields tokens of letters, digits and `_` only: nothing that a person types can mean anything to Lucene's parser.
"""

import re
import unicodedata

# Names whose signs carry the meaning. Order matters: longer ones first.
_SIGNED = [
    (re.compile(r"(?<![^\W_])c\+\+(?!\+)"), " cplusplus "),
    (re.compile(r"(?<![^\W_])([cfjqx])#"), r" \1sharp "),
    (re.compile(r"(?<![^\W_])objective-c(?![^\W_])"), " objectivec "),
    (re.compile(r"(?<![^\W_])(asp|ado|vb)\.net(?![^\W_])"), r" \1 dotnet "),
    (re.compile(r"(?<![\w.])\.net(?![^\W_])"), " dotnet "),
]
_SIGNS = re.compile(r"[+#]|\.net|objective-c")
_DOTTED = re.compile(r"[^\W_]+(?:[.'’/&-][^\W_]+)+")
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")

# Longer than any word in use, shorter than Lucene's limit of 32,766 bytes a token.
LONGEST_TOKEN = 64


def fold(text: str) -> str:
    """`text` in lower case and without accents: `Café` and `CAFE` become `cafe`."""
    if text.isascii():
        return text.lower()
    # Decomposed before as well: a superscript `ᴬ` has no other case until it is an `A`.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def tokens(text: str) -> list[str]:
    """The tokens of `text` in order, repeats kept: lower case, accents folded, letters and digits only.

    A name with signs is one token of its own (`C++` -> `cplusplus`); a compound yields its parts and its whole
    (`Node.js` -> `node`, `js`, `nodejs`; `StatefulSet` -> `stateful`, `set`, `statefulset`), so that each way of
    typing it meets. Scripts without spaces are cut into overlapping pairs of characters.
    """
    found: list[str] = []
    for chunk in text.split():
        if chunk.isalnum() and chunk.isascii() and (chunk.islower() or chunk[1:].islower()):
            found.append(chunk.lower())  # a plain word, as most are: nothing below would part or join it
            continue
        lowered = fold(chunk)
        signed = lowered
        if _SIGNS.search(lowered):  # most words have none: one look in place of five
            for pattern, replacement in _SIGNED:
                signed = pattern.sub(replacement, signed)
        if signed != lowered:
            found.extend(_WORD.findall(signed))
            continue
        found.extend("".join(_WORD.findall(match.group())) for match in _DOTTED.finditer(lowered))
        # Folding may itself bring signs in (`½` -> `1⁄2`), so what is folded is cut once more.
        for word in _WORD.findall(chunk):
            parts = _CAMEL.split(word)
            if len(parts) > 1 and not word.isupper():
                found.extend(piece for part in parts for piece in _WORD.findall(fold(part)))
            found.extend(_words(fold(word)))
    return [token[:LONGEST_TOKEN] for token in found if token]


# How people write the names that are tokens of their own.
_SPOKEN = {
    "cplusplus": "C++", "dotnet": ".NET", "objectivec": "Objective-C",
    **{f"{letter}sharp": f"{letter.upper()}#" for letter in "cfjqx"},
}  # fmt: skip


def spoken(token: str) -> str:
    """A token as a person reads it: `cplusplus` -> `C++`; most are what they are."""
    return _SPOKEN.get(token, token)


def _words(folded: str) -> list[str]:
    result: list[str] = []
    for word in _WORD.findall(folded):
        if _CJK.search(word) and len(word) > 1:
            result.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            result.append(word)
    return result


def searchable(*texts: str | None) -> str:
    """The tokens of all `texts`, as stored for the full-text index."""
    return " ".join(token for text in texts if text for token in tokens(text))
