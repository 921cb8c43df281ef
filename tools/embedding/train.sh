#!/bin/bash
# Builds the table of words anew: train.sh [FOLDER for downloads]. Needs apt; takes some minutes on one core.
set -euo pipefail
cd "$(dirname "$0")"
folder=$(mkdir -p "${1:-/tmp/commune-embedding}" && cd "${1:-/tmp/commune-embedding}" && pwd)
table=$(cd ../../src/Commune.Ai/Embeddings && pwd)/english-words.bin
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
# Debian's own interpreter: the one for which python3-numpy is built. OpenBLAS, as the plain library is ten times slower.
/usr/bin/python3 -c 'import numpy, scipy' 2>/dev/null || apt-get install -y --no-install-recommends python3-numpy python3-scipy libopenblas0-pthread
./fetch.sh "$folder"
nice -n 19 /usr/bin/python3 train.py "$folder/material" "$table"
/usr/bin/python3 evaluate.py "$table"
