"""Trains the built-in embedding: train.py MATERIAL TABLE. See README.md."""

import hashlib
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

import concepts
import contrast
import material
import statistics_of_words
import subwords
import table

SEED = 20261121
DIMENSIONS = 128
VOCABULARY = 25_000
STEPS = 700
CONCEPT_PAIRS = 250_000
LONGEST_TEXT = 48
# A word of the lexicon is worth as much as one that the manuals have this often.
LEXICON_WEIGHT = 30


def main(root, target):
    started = time.time()
    lexicon = concepts.read_concepts()
    small_talk = concepts.read_small_talk()
    kinds, texts = read_material(root)
    say(started, f"{sum(map(len, texts))} words read")
    vocabulary, counts = choose_vocabulary(texts, lexicon, small_talk)
    number = {word: at for at, word in enumerate(vocabulary)}
    runs = [np.array([number.get(word, -1) for word in text], np.int32) for text in texts + concept_texts(lexicon)]
    rows = statistics_of_words.first_rows(runs, counts, DIMENSIONS, SEED)
    say(started, f"first rows of {len(vocabulary)} words")
    rows = contrast.train(rows, sources(kinds, lexicon, small_talk, number), concepts.related(lexicon), STEPS, SEED, lambda line: say(started, line))
    everyday = {word for text in concept_texts(lexicon) for word in text}
    pieces = subwords.fit(vocabulary, rows, everyday, SEED)
    checksum = table.write(Path(target), vocabulary, rows, pieces)
    Path(target + ".sha256").write_text(f"{checksum}  {Path(target).name}\n", "ascii")
    say(started, checksum)


def say(started, line):
    print(f"{time.time() - started:6.0f} s  {line}", flush=True)


def read_material(root):
    """Pairs by kind, and all texts to count words in."""
    headings, sentences, definitions, examples, synonyms, texts = [], [], [], [], [], []
    for heading, paragraphs in material.sections(root):
        body = [word for paragraph in paragraphs for sentence in paragraph for word in sentence]
        if heading:
            headings.append((heading, body))
            texts.append(heading)
        for paragraph in paragraphs:
            texts.append([word for sentence in paragraph for word in sentence])
            for at, sentence in enumerate(paragraph):
                rest = [word for other in paragraph[:at] + paragraph[at + 1:] for word in other]
                if len(sentence) > 3 and len(rest) > 3:
                    sentences.append((sentence, rest))
    for names, definition, uses in material.wordnet(root):
        together = [word for name in names for word in name]
        texts.append(definition)
        texts += uses
        definitions.append((together, definition))
        examples += [(definition, use) for use in uses]
        for name in names:
            if len(names) > 1:
                synonyms.append((name, [word for other in names if other is not name for word in other]))
    for word, like in material.thesaurus(root):
        synonyms.append((word, [part for other in like for part in other]))
    for name in ("foldoc", "gcide"):
        for word, definition in material.dictionary(root, name):
            texts.append(definition)
            definitions.append((word, definition))
    kinds = {"heading": headings, "sentence": sentences, "definition": definitions, "example": examples, "synonym": synonyms}
    return kinds, texts


def concept_texts(lexicon):
    return [name + [word for phrase in phrases for word in phrase] for name, phrases in lexicon]


def choose_vocabulary(texts, lexicon, small_talk):
    counts = Counter(word for text in texts for word in text)
    own = Counter(word for text in concept_texts(lexicon) + small_talk for word in text)
    for word, count in own.items():
        counts[word] += LEXICON_WEIGHT * count
    for word in concepts.read_other_languages() - set(own):
        counts.pop(word, None)
    kept = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:VOCABULARY]]
    kept += sorted(set(own) - set(kept))
    return kept, np.array([counts[word] for word in kept], np.float64)


SHARES = {"heading": 0.10, "sentence": 0.14, "definition": 0.12, "example": 0.06, "synonym": 0.13, "concept": 0.45}


def sources(kinds, lexicon, small_talk, number):
    made = list(concepts.concept_pairs(lexicon, small_talk, CONCEPT_PAIRS, SEED))
    kinds = dict(kinds, concept=[(left, right) for left, right, _ in made])
    groups = {"concept": [group for _, _, group in made]}
    return [source(name, pairs, number, groups.get(name)) for name, pairs in kinds.items()]


def source(name, pairs, number, groups):
    left, right, kept = [], [], []
    for at, (one, other) in enumerate(pairs):
        one, other = known(one, number), known(other, number)
        if one and other and one != other:
            left.append(one)
            right.append(other)
            kept.append(groups[at] if groups else -1)
    print(f"{name}: {len(left)} pairs")
    return contrast.Source(name, SHARES[name], left, right, kept)


def known(text, number):
    return [number[word] for word in text[:LONGEST_TEXT] if word in number]


if __name__ == "__main__":
    main(*sys.argv[1:])
