"""Rows for pieces of words, so that a word that was never seen (a name, a slip of the keyboard) still has a direction."""

import random

import numpy as np
from scipy.sparse import csr_matrix, identity
from scipy.sparse.linalg import cg

BUCKETS = 8192
RIDGE = 0.01
SLIP_WEIGHT = 2


def hash_of(piece):
    """FNV-1a of 32 bits."""
    value = 2166136261
    for letter in piece.encode("ascii"):
        value = (value ^ letter) * 16777619 & 0xFFFFFFFF
    return value


def buckets(word):
    """The buckets of all pieces of three and four letters of the word between its marks."""
    marked = f"<{word}>"
    return [hash_of(marked[at:at + length]) % BUCKETS for length in (3, 4) for at in range(len(marked) - length + 1)]


def slips(word, random):
    """The word as a hasty hand writes it: a letter doubled, one left out, two swapped."""
    at = random.randrange(1, len(word) - 1)
    return word[:at] + word[at] + word[at:], word[:at] + word[at + 1:], word[:at] + word[at + 1] + word[at] + word[at + 2:]


def fit(vocabulary, rows, everyday, seed):
    """Ridge regression: the mean of a word's pieces shall come near its row, and so shall that of an everyday word with a slip."""
    known = set(vocabulary)
    samples = [(word, at) for at, word in enumerate(vocabulary)]
    chance = random.Random(seed)
    for at, word in enumerate(vocabulary):
        if word in everyday and len(word) >= 5:
            samples += [(slip, at) for slip in slips(word, chance) if slip not in known] * SLIP_WEIGHT
    numbers, starts, data = [], [0], []
    for word, _ in samples:
        found = buckets(word)
        numbers += found
        data += [1.0 / max(1, len(found))] * len(found)
        starts.append(len(numbers))
    pieces = csr_matrix((np.array(data, np.float32), numbers, starts), shape=(len(samples), BUCKETS))
    normal = pieces.T @ pieces + RIDGE * identity(BUCKETS, dtype=np.float32, format="csr")
    goal = pieces.T @ rows[[at for _, at in samples]]
    return np.stack([cg(normal, goal[:, at], tol=1e-4, maxiter=60)[0] for at in range(rows.shape[1])], axis=1).astype(np.float32)
