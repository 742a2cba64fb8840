"""The only place for the papermill engines that need no kernel of their own: a warm child, or the process itself.

Both give papermill's own engine another kernel to talk to (`running.kernels`); parameters, tags, progress, saving,
time limits and errors stay papermill's and nbclient's. A notebook for another kernel than python3 gets that kernel.
"""

from __future__ import annotations

from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
from papermill.engines import NBClientEngine, NotebookExecutionManager

from analysis.running import kernels


class ForkedEngine(NBClientEngine):  # type: ignore[misc]
    """Run each notebook in a warm child that ends with it."""

    kernel: type[kernels.Forked] | type[kernels.Here] = kernels.Forked

    @classmethod
    def execute_managed_notebook(cls, nb_man: NotebookExecutionManager, kernel_name: str, **given: Any) -> None:
        """papermill calls it with what `papermill.execute_notebook` was given."""
        if kernel_name != NATIVE_KERNEL_NAME:
            super().execute_managed_notebook(nb_man, kernel_name, **given)
            return
        kernel = cls.kernel()
        try:
            super().execute_managed_notebook(nb_man, kernel_name, km=kernel, **given)
        finally:
            kernel.cleanup_resources()


class HereEngine(ForkedEngine):
    """Run the one notebook of this process, which must end with it: for use in a warm child."""

    kernel = kernels.Here
