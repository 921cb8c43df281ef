"""The file that the program reads (EmbeddingTable.cs). All numbers are little-endian.

    8   octets  "CMNWORDS"
    8   octets  of the SHA-256 of all that follows the header: the model's name
    4x5 numbers dimensions, words, pieces of words, slots, octets of the words' letters
    4   octets  nothing
    2   octets  each slot: number of a word plus one, or 0; at FNV-1a(word) mod slots, then on to the next
    4   octets  each word: where its letters end
    1   octet   each letter, words in order of the alphabet, padded to a multiple of four
    4   octets  each word, then each piece: length of its row's unit
    1   octet   dimensions times each word, then each piece: its row
"""

import hashlib
import struct

import numpy as np

from subwords import BUCKETS, hash_of


def quantised(rows):
    scales = np.abs(rows).max(axis=1) / 127.0
    scales[scales == 0] = 1.0
    return scales.astype("<f4"), np.round(rows / scales[:, None]).astype(np.int8)


def write(path, vocabulary, rows, pieces):
    """Writes the table and returns its SHA-256."""
    order = sorted(range(len(vocabulary)), key=lambda at: vocabulary[at])
    names = [vocabulary[at] for at in order]
    slots = 1 << (2 * len(names) - 1).bit_length()
    letters = "".join(names).encode("ascii")
    word_scales, word_rows = quantised(rows[order])
    piece_scales, piece_rows = quantised(pieces)
    body = b"".join([
        _slots(names, slots).tobytes(),
        np.cumsum([len(name) for name in names]).astype("<u4").tobytes(),
        letters + bytes(-len(letters) % 4),
        word_scales.tobytes(), piece_scales.tobytes(), word_rows.tobytes(), piece_rows.tobytes(),
    ])
    header = b"CMNWORDS" + hashlib.sha256(body).digest()[:8]
    header += struct.pack("<5I4x", rows.shape[1], len(names), BUCKETS, slots, len(letters))
    path.write_bytes(header + body)
    return hashlib.sha256(header + body).hexdigest()


def _slots(names, size):
    slots = np.zeros(size, "<u2")
    for number, name in enumerate(names):
        at = hash_of(name) % size
        while slots[at]:
            at = (at + 1) % size
        slots[at] = number + 1
    return slots
