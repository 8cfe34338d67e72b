"""The doctor: finds what is wrong with a repository, names it, and repairs it.

::

    from butler.doctor import Treatment, examine

    report = examine("DATA", Treatment(repair="adopt"))

``examine``
    The whole way; ``treatment`` says how far, ``report`` what came of it.
``finding``
    What may be found, by codes that stay the same; docs/doctor.md describes each.
``registry_state``, ``unfinished``, ``datasets``, ``strays``
    The checks: the database; intents and trash; rows and their files; files
    without rows, which ``tree`` lists and ``path_index`` recognises.
``adoption``, ``lost_file``, ``sources``
    The repairs: files become datasets; lost files are brought back.
"""

from __future__ import annotations

from butler.doctor.examine import examine
from butler.doctor.finding import Finding, Severity
from butler.doctor.report import Report
from butler.doctor.treatment import Treatment

__all__ = ["Finding", "Report", "Severity", "Treatment", "examine"]
