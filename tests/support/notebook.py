"""A notebook that is executed cell by cell, in an IPython kernel of its own."""

from __future__ import annotations

import base64
import inspect
import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, cast

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbformat import NotebookNode

__all__ = ["CellResult", "Notebook", "running_notebook"]


class CellResult:
    """What a cell has written and shown."""

    def __init__(self, outputs: list[NotebookNode]) -> None:
        self.outputs = outputs

    def stream(self, name: str) -> str:
        """Return the text of ``stdout`` or ``stderr``."""
        return "".join(
            output["text"]
            for output in self.outputs
            if output["output_type"] == "stream" and output["name"] == name
        )

    @property
    def figures(self) -> list[bytes]:
        """The figures, as PNG files."""
        found = [output.get("data", {}).get("image/png") for output in self.outputs]
        return [base64.b64decode(figure) for figure in found if figure is not None]


class Notebook:
    """Cells, executed as they come.

    Parameters
    ----------
    client
        Of a kernel that runs.
    """

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    def run(self, code: str) -> CellResult:
        """Execute a cell.

        Raises
        ------
        nbclient.exceptions.CellExecutionError
            If the cell fails; says where.
        """
        cell = new_code_cell(code)  # type: ignore[no-untyped-call]
        self._client.nb.cells.append(cell)
        self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        return CellResult(cell.outputs)

    def ask(self, function: Callable[..., object], *expressions: str) -> object:
        """Call a function in the kernel, and return what it returns.

        Parameters
        ----------
        function
            Uses nothing of its module, and returns what JSON can hold. No name
            of the notebook is changed by it.
        expressions
            Its arguments, evaluated in the notebook.
        """
        source = f"from __future__ import annotations\n{inspect.getsource(function)}"
        found = f"(lambda names: exec({source!r}, names) or names)({{}})[{function.__name__!r}]"
        call = f"__import__('json').dumps({found}({', '.join(expressions)}))"
        return cast("object", json.loads(self.run(f"print({call})").stream("stdout")))


@contextmanager
def running_notebook(folder: Path) -> Iterator[Notebook]:
    """Start a kernel of this Python in a folder, and end it afterwards.

    Commands of the environment are found by shells; what the user has
    configured for IPython and Jupyter does not count.
    """
    short = Path(mkdtemp(prefix="nb-"))  # the name of a socket has 107 characters at most
    kernel = AsyncKernelManager(
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        transport="ipc",
        connection_file=str(short / "kernel.json"),
    )
    environment = {key: value for key, value in os.environ.items() if key != "OBS_SUBARU_DIR"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["IPYTHONDIR"] = str(short / "ipython")
    client = NotebookClient(
        new_notebook(),  # type: ignore[no-untyped-call]
        km=kernel,
        timeout=None,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        with client.setup_kernel(env=environment, cleanup_kc=True):  # or the kernel lives on
            yield Notebook(client)
    finally:
        shutil.rmtree(short)
