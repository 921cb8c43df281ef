"""Reads the words of an English text, as EnglishWordReader.cs does. A change here is a change there."""

import re
import unicodedata

from porter import LONGEST, stem

_BARRED = dict(zip("ßæœøðþđħłıŋ", "saoodtdhlin"))
_UNSEEN = "".join(map(chr, range(0x300, 0x370))) + "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_WEB_ADDRESS = re.compile(r"""[a-z]+://[^ \t\r\n<>"]*""")
_WORD = re.compile(r"([a-z]+)(?:'(s|m|d|re|ve|ll|t)(?![a-z]))?")
_NEGATIONS = {"can": "can", "won": "will", "shan": "shall"}


def _fold_letter(letter):
    if letter in _BARRED:
        return _BARRED[letter]
    if letter in "\u2019\u02bc\uff07":
        return "'"
    if "\uff41" <= letter <= "\uff5a":
        return chr(ord(letter) - 0xFF41 + ord("a"))
    return unicodedata.normalize("NFD", letter)[0]


_FOLDED = {code: _fold_letter(chr(code)) for span in ((0x80, 0x250), (0x1E00, 0x1F00), (0xFF00, 0xFF60)) for code in range(*span)}
_FOLDED.update({ord(mark): "'" for mark in "\u2019\u02bc"})
_FOLDED.update({ord(mark): None for mark in _UNSEEN})


def words(text):
    """The words of a text, lower case and plain, not stemmed."""
    text = _WEB_ADDRESS.sub(" ", text.lower().translate(_FOLDED))
    for match in _WORD.finditer(text):
        word, ending = match.groups()
        if len(word) > LONGEST:
            continue
        if ending == "t":
            if len(word) > 1 and word.endswith("n"):
                yield _NEGATIONS.get(word, word[:-1])
                yield "not"
                continue
            yield word
            yield ending
        else:
            yield word


def stems(text):
    """The stems of a text in order."""
    return [stem(word) for word in words(text)]
