"""Makes training pairs out of concepts.txt and small_talk.txt."""

import random
from collections import Counter
from pathlib import Path

import numpy as np

from words import stems

HERE = Path(__file__).parent

# A mail says more than its matter: phrases of small talk, and phrases of other concepts, at most.
SMALL_TALK = 4
STRAYS = 1


def read_concepts(path=HERE / "concepts.txt"):
    """The lines as (name, phrases), each in stems."""
    concepts = []
    for line in path.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, phrases = line.partition(":")
        concepts.append((stems(name), [found for found in map(stems, phrases.split(",")) if found]))
    return concepts


def read_small_talk(path=HERE / "small_talk.txt"):
    """What people write around the matter itself: greetings, thanks, "let me know"; and how they ask a search for it."""
    phrases = [stems(line) for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    return [phrase for phrase in phrases if phrase]


def read_other_languages(path=HERE / "other_languages.txt"):
    """Stems of words that must not pass for English."""
    lines = path.read_text("utf-8").splitlines()
    return {stem for line in lines if not line.startswith("#") for stem in stems(line)}


def concept_pairs(concepts, small_talk, count, seed):
    """Yields (words, other words, concept): a few phrases of one or two concepts against others of the same."""
    pick = random.Random(seed)
    for number in range(count):
        first = number % len(concepts)
        chosen = [first] if pick.random() < 0.75 else [first, pick.randrange(len(concepts))]
        short, long = [], []
        for at in chosen:
            name, phrases = concepts[at]
            mixed = pick.sample(phrases, len(phrases))
            few = min(len(mixed) // 2, pick.randint(1, 3 if len(chosen) == 1 else 2))
            many = pick.randint(2, 7 if len(chosen) == 1 else 4)
            short += [name] if pick.random() < 0.15 else mixed[:few]
            long += mixed[few:few + many]
        if pick.random() < 0.5:
            short.append(pick.choice(small_talk))
        long += pick.sample(small_talk, pick.randint(0, SMALL_TALK))
        for _ in range(pick.randint(0, STRAYS)):
            long.append(pick.choice(concepts[pick.randrange(len(concepts))][1]))
        yield _joined(short), _joined(long), first


def related(concepts, least=0.2):
    """Which concepts say much the same: a table of truth values, by the cosine of their weighted words."""
    counts = Counter(word for name, phrases in concepts for word in sorted({*name, *_joined(phrases)}))
    number = {word: at for at, word in enumerate(counts)}
    weights = np.zeros((len(concepts), len(number)), np.float32)
    for at, (name, phrases) in enumerate(concepts):
        for word in name + _joined(phrases):
            weights[at, number[word]] = np.log(len(concepts) / counts[word])
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return weights @ weights.T > least


def _joined(phrases):
    return [word for phrase in phrases for word in phrase]
