"""A first row for each word from what stands near it: positive pointwise mutual information, then a singular value decomposition."""

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

WINDOW = 6
CONTEXT_SMOOTHING = 0.75


def first_rows(texts, counts, dimensions, seed):
    """texts: arrays of word numbers, -1 for a word that is not in the vocabulary."""
    near = _near(texts, len(counts))
    unit = _decompose(_mutual_information(near), dimensions, seed)
    probability = counts / counts.sum()
    weight = 1e-3 / (1e-3 + probability)
    return (unit / np.sqrt((unit * unit).mean()) * weight[:, None]).astype(np.float32)


def _near(texts, size):
    gap = np.full(WINDOW, -1, np.int32)
    run = np.concatenate([part for text in texts for part in (text, gap)])
    total = csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        left, right = run[:-distance], run[distance:]
        both = (left >= 0) & (right >= 0)
        weights = np.full(both.sum(), 1.0 / distance, np.float32)
        total = total + coo_matrix((weights, (left[both], right[both])), shape=(size, size)).tocsr()
    return total + total.T


def _mutual_information(near):
    near = near.tocoo()
    sums = np.asarray(near.tocsr().sum(axis=1)).ravel() + 1e-9
    smoothed = sums ** CONTEXT_SMOOTHING
    information = np.log(near.data * smoothed.sum() / (sums[near.row] * smoothed[near.col]))
    positive = information > 0
    return csr_matrix((information[positive].astype(np.float32), (near.row[positive], near.col[positive])), shape=near.shape)


def _decompose(matrix, dimensions, seed):
    random = np.random.default_rng(seed)
    probe = random.standard_normal((matrix.shape[0], dimensions + 32)).astype(np.float32)
    basis, _ = np.linalg.qr(matrix @ probe)
    for _ in range(2):
        basis, _ = np.linalg.qr(matrix @ (matrix.T @ basis))
    small = (matrix.T @ basis).T
    left, _, _ = np.linalg.svd(small, full_matrices=False)
    return (basis @ left)[:, :dimensions]
