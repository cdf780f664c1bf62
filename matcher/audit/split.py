"""How a community that is too broad could be split: what its members, or its text, fall apart into."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans  # pyright: ignore[reportMissingTypeStubs]
from sklearn.metrics import silhouette_samples  # pyright: ignore[reportMissingTypeStubs]

from graph.text import tokens
from matcher.audit.people import Profiles
from matcher.audit.subject import Subject
from matcher.lexical import LexicalIndex, directions_of, terms

FloatArray = NDArray[np.float32]
