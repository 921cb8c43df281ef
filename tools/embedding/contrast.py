"""Moves the rows of the words so that texts of one meaning come to lie together (symmetric InfoNCE, Adam)."""

import numpy as np
from scipy.sparse import csr_matrix

BATCH = 2048
SCALE = 20.0
DROPOUT = 0.1
RATE = 0.02
WARM_UP = 100


class Texts:
    """Many texts as one run of word numbers."""

    def __init__(self, texts):
        self.starts = np.zeros(len(texts) + 1, np.int64)
        self.starts[1:] = np.cumsum([len(text) for text in texts])
        self.numbers = np.fromiter((number for text in texts for number in text), np.int32, self.starts[-1])

    def __len__(self):
        return len(self.starts) - 1

    def matrix(self, chosen, random, width, dropout=DROPOUT):
        lengths = self.starts[chosen + 1] - self.starts[chosen]
        rows = np.repeat(np.arange(len(chosen)), lengths)
        offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        numbers = self.numbers[np.repeat(self.starts[chosen], lengths) + offsets]
        kept = random.random(len(numbers)) >= dropout
        kept[np.cumsum(lengths) - lengths] |= lengths == 1
        ones = np.ones(kept.sum(), np.float32)
        return csr_matrix((ones, (rows[kept], numbers[kept])), shape=(len(chosen), width), dtype=np.float32)


class Source:
    """Pairs of one kind, and how large a part of each batch they are."""

    def __init__(self, name, share, left, right, groups=None):
        self.name = name
        self.share = share
        self.left = Texts(left)
        self.right = Texts(right)
        self.groups = np.full(len(left), -1) if groups is None else np.asarray(groups)


def train(rows, sources, related, steps, seed, report=print):
    """Returns the rows after training. related tells which groups are no counter-examples of each other."""
    random = np.random.default_rng(seed)
    rows = rows.astype(np.float32).copy()
    first = np.zeros_like(rows)
    second = np.zeros_like(rows)
    total = sum(source.share for source in sources)
    sizes = [round(BATCH * source.share / total) for source in sources]
    smooth = None
    for step in range(steps):
        left, right, groups = _batch(sources, sizes, random, len(rows))
        loss, gradient = _loss(rows, left, right, _like(groups, related))
        smooth = loss if smooth is None else 0.98 * smooth + 0.02 * loss
        first *= 0.9
        first += 0.1 * gradient
        gradient *= gradient
        second *= 0.99
        second += 0.01 * gradient
        rate = RATE * min(1.0, (step + 1) / WARM_UP) * (1.0 - step / steps)
        correction = np.sqrt(1 - 0.99 ** (step + 1)) / (1 - 0.9 ** (step + 1))
        rows -= np.float32(rate * correction) * first / (np.sqrt(second) + np.float32(1e-8))
        if step % 100 == 0:
            report(f"step {step} loss {smooth:.3f}")
    return rows


def _batch(sources, sizes, random, width):
    from scipy.sparse import vstack

    lefts, rights, groups = [], [], []
    for source, size in zip(sources, sizes):
        chosen = random.integers(len(source.left), size=size)
        lefts.append(source.left.matrix(chosen, random, width))
        rights.append(source.right.matrix(chosen, random, width))
        groups.append(source.groups[chosen])
    return vstack(lefts, "csr"), vstack(rights, "csr"), np.concatenate(groups)


def _like(groups, related):
    """Which pairs of a batch are of the same or a related group, apart from each with itself."""
    like = related[groups[:, None], groups[None, :]] & (groups >= 0)[:, None] & (groups >= 0)[None, :]
    np.fill_diagonal(like, False)
    return like


def _loss(rows, left, right, like):
    left_sum, right_sum = left @ rows, right @ rows
    left_length = np.linalg.norm(left_sum, axis=1, keepdims=True) + 1e-6
    right_length = np.linalg.norm(right_sum, axis=1, keepdims=True) + 1e-6
    left_unit, right_unit = left_sum / left_length, right_sum / right_length
    # A score is at most SCALE, so one exponential serves rows and columns without overflow.
    weights = left_unit @ (SCALE * right_unit.T)
    weights -= SCALE
    np.exp(weights, out=weights)
    weights[like] = 0
    count = len(weights)
    diagonal = np.arange(count)
    by_row = 1 / weights.sum(axis=1)
    by_column = 1 / weights.sum(axis=0)
    right_one = weights[diagonal, diagonal]
    loss = -0.5 * (np.log(right_one * by_row).mean() + np.log(right_one * by_column).mean())
    slope = weights
    slope *= (by_row[:, None] + by_column[None, :]) * np.float32(0.5 * SCALE / count)
    slope[diagonal, diagonal] -= SCALE / count
    left_slope, right_slope = slope @ right_unit, slope.T @ left_unit
    left_slope = (left_slope - left_unit * (left_slope * left_unit).sum(1, keepdims=True)) / left_length
    right_slope = (right_slope - right_unit * (right_slope * right_unit).sum(1, keepdims=True)) / right_length
    return loss, left.T @ left_slope + right.T @ right_slope
