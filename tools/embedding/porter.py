"""The Porter stemmer (M. F. Porter, "An algorithm for suffix stripping", 1980), as PorterStemmer.cs has it.

Like its author's own program and like SQLite's "porter" tokenizer it has "bli" and "logi" in step 2 and leaves words of
one or two letters alone. A change here is a change there.
"""

from functools import lru_cache

LONGEST = 64

_STEP_2 = [
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("logi", "log"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"),
    ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"),
    ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"),
]
_STEP_3 = [
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
]
_STEP_4 = [
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
]


def _by_next_to_last(rules):
    groups = {}
    for rule in rules:
        suffix = rule[0] if isinstance(rule, tuple) else rule
        groups.setdefault(suffix[-2], []).append(rule)
    return {letter: sorted(group, key=lambda rule: -len(rule[0] if isinstance(rule, tuple) else rule))
            for letter, group in groups.items()}


_STEP_2_BY = _by_next_to_last(_STEP_2)
_STEP_3_BY = _by_next_to_last(_STEP_3)
_STEP_4_BY = _by_next_to_last(_STEP_4)


def _is_consonant(word, at):
    letter = word[at]
    if letter in "aeiou":
        return False
    return letter != "y" or at == 0 or not _is_consonant(word, at - 1)


def _measure(stem):
    """How often a run of vowels is followed by a run of consonants: the m of the paper."""
    count = 0
    vowel_before = False
    consonant = False
    for at, letter in enumerate(stem):
        consonant = letter not in "aeiou" and (letter != "y" or at == 0 or not consonant)
        if consonant and vowel_before:
            count += 1
        vowel_before = not consonant
    return count


def _has_vowel(stem):
    return any(not _is_consonant(stem, at) for at in range(len(stem)))


def _ends_double(word):
    return len(word) >= 2 and word[-1] == word[-2] and _is_consonant(word, len(word) - 1)


def _ends_short(word):
    """Consonant, vowel, consonant, and the last is none of w, x, y: the *o of the paper."""
    end = len(word) - 1
    return (end >= 2 and _is_consonant(word, end) and not _is_consonant(word, end - 1)
            and _is_consonant(word, end - 2) and word[end] not in "wxy")


def _step_1(word):
    if word.endswith("sses") or word.endswith("ies"):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]

    if word.endswith("eed"):
        if _measure(word[:-3]) > 0:
            word = word[:-1]
    else:
        for suffix in ("ed", "ing"):
            if word.endswith(suffix):
                if _has_vowel(word[:-len(suffix)]):
                    word = _restored(word[:-len(suffix)])
                break

    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    return word


def _restored(word):
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if _ends_double(word) and word[-1] not in "lsz":
        return word[:-1]
    if _measure(word) == 1 and _ends_short(word):
        return word + "e"
    return word


def _replaced(word, groups):
    for suffix, replacement in groups.get(word[-2], ()):
        if word.endswith(suffix):
            stem = word[:-len(suffix)]
            return stem + replacement if _measure(stem) > 0 else word
    return word


def _step_4(word):
    for suffix in _STEP_4_BY.get(word[-2], ()):
        if word.endswith(suffix):
            stem = word[:-len(suffix)]
            if _measure(stem) > 1 and (suffix != "ion" or stem[-1:] in ("s", "t")):
                return stem
            return word
    return word


def _step_5(word):
    if word.endswith("e"):
        stem = word[:-1]
        measure = _measure(stem)
        if measure > 1 or (measure == 1 and not _ends_short(stem)):
            word = stem
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word


@lru_cache(maxsize=1 << 20)
def stem(word):
    """The stem of a word of the letters a to z."""
    if not 2 < len(word) <= LONGEST:
        return word
    word = _step_1(word)
    for step in (lambda w: _replaced(w, _STEP_2_BY), lambda w: _replaced(w, _STEP_3_BY), _step_4):
        if len(word) > 1:
            word = step(word)
    return _step_5(word)
