"""Makes training pairs out of concepts.txt and small_talk.txt."""

import random
from pathlib import Path

from words import stems

HERE = Path(__file__).parent


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
        long += pick.sample(small_talk, pick.randint(0, 3))
        yield _joined(short), _joined(long), first if len(chosen) == 1 else -1


def _joined(phrases):
    return [word for phrase in phrases for word in phrase]
