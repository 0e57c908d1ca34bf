"""Run an exported net. The only file that touches onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from lipack_vision.errors import ArtifactError, ConfigError

PROVIDERS: Mapping[str, str] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}


def resolve_provider(name: str) -> str:
    """ONNX Runtime's name for a provider given as ``cpu``, ``cuda``, ``openvino``, ...

    Raises:
        ConfigError: unknown, or not in the installed build of ONNX Runtime.
    """
    provider = PROVIDERS.get(name.lower())
    available = ort.get_available_providers()
    if provider is None or provider not in available:
        usable = sorted(short for short, full in PROVIDERS.items() if full in available)
        raise ConfigError(
            "provider",
            expected=f"one of {', '.join(usable)}",
            found=name,
            cure="Install the ONNX Runtime build that has it (onnxruntime-gpu, onnxruntime-openvino).",
        )
    return provider


class OnnxModel:
    """One ONNX file, ready to run; safe to call from several threads.

    Args:
        path: the ``.onnx`` file.
        provider: ``cpu``, ``cuda``, ``openvino``, ...; see `PROVIDERS`.
        threads: threads inside one run; by default all cores.
        arena: keep memory between runs. Quicker by a sixth where inputs have a largest size; where any size
            may come, as with lines of text, it would only grow.
    Raises:
        ArtifactError: the file cannot be loaded.
        ConfigError: the provider is not available.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, provider: str = "cpu", threads: int = 0, arena: bool = False
    ) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = arena
        options.log_severity_level = 3
        chosen = resolve_provider(provider)
        try:
            self._session = ort.InferenceSession(str(path), options, providers=[chosen])
        except Exception as error:  # onnxruntime raises many kinds, all meaning the same here
            raise ArtifactError(
                str(Path(path)),
                expected="an ONNX model that ONNX Runtime can load",
                found=str(error).splitlines()[0],
                cure="Install the package again, or export the model again.",
            ) from error
        self.inputs: Sequence[str] = [item.name for item in self._session.get_inputs()]
        self.outputs: Sequence[str] = [item.name for item in self._session.get_outputs()]

    @property
    def metadata(self) -> Mapping[str, str]:
        """The texts that the file's maker put beside the net, such as a reader's alphabet."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, *arrays: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
        """Feed the inputs in their order; return the outputs in theirs."""
        feed = dict(zip(self.inputs, arrays, strict=True))
        return [np.asarray(out) for out in self._session.run(list(self.outputs), feed)]
